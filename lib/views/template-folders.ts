import { readFileSync } from 'node:fs';
import path from 'node:path';

import { fileInside } from '../discovery/file-inside.js';
import { isInside } from '../discovery/is-inside.js';
import { TEMPLATES } from '../extensions/check-view-files.js';
import type { TemplateSource } from './view-engine.js';

/** A plugin that may have templates. */
export interface TemplateOwner {
  readonly name: string;
  /** Its folder's real path. */
  readonly folder: string;
  /** What was found in it before: a plugin's templates stay the same as long as it is loaded. */
  readonly known: Map<string, TemplateSource>;
}

/**
 * Where templates are looked for: in the application's folders, then in those of plugins in load order, so that the application
 * can replace what plugins bring. `shop:card.html` leaves out all plugins but `shop`. A template found there has such an id, and
 * what it names relatively is looked for in the same places.
 */
export class TemplateFolders {
  readonly #plugins: ReadonlyMap<string, TemplateOwner>;
  readonly #known = new Map<string, TemplateSource>();

  constructor(
    private readonly ofApplication: readonly string[],
    plugins: readonly TemplateOwner[],
    private readonly extensions: readonly string[],
    /** Whether what was found is kept. */
    private readonly cache: boolean,
  ) {
    this.#plugins = new Map(plugins.map((plugin) => [plugin.name, plugin]));
  }

  find(reference: string, from?: string): TemplateSource | undefined {
    const whole = relativeTo(from, reference);
    const source = this.#known.get(whole) ?? this.#search(whole);
    if (source && this.cache) this.#known.set(whole, source);
    return source;
  }

  #search(reference: string): TemplateSource | undefined {
    const { owner, name } = this.#split(reference);
    const names = path.extname(name) === '' ? [name, ...this.extensions.map((extension) => name + extension)] : [name];
    for (const folder of this.ofApplication)
      for (const each of names) {
        const found = fileInside(folder, each);
        if (typeof found === 'object') return { id: each, text: readFileSync(found.file, 'utf8') };
      }
    for (const plugin of owner ? [owner] : this.#plugins.values())
      for (const each of names) {
        const source = (this.cache && plugin.known.get(each)) || templateOf(plugin, each);
        if (source) plugin.known.set(each, source);
        if (source) return source;
      }
    return undefined;
  }

  #split(reference: string): { owner?: TemplateOwner; name: string } {
    const colon = reference.indexOf(':');
    const owner = colon > 0 ? this.#plugins.get(reference.slice(0, colon)) : undefined;
    return owner ? { owner, name: reference.slice(colon + 1) } : { name: reference };
  }
}

function templateOf({ name, folder }: TemplateOwner, file: string): TemplateSource | undefined {
  const found = fileInside(path.join(folder, TEMPLATES), file);
  if (typeof found === 'string' || !isInside(folder, found.folder)) return undefined;
  return { id: `${name}:${file}`, text: readFileSync(found.file, 'utf8') };
}

/** The whole name of a template that another one names: `shop:parts/card.html` from `shop:list.html` for `./parts/card.html`. */
export function relativeTo(from: string | undefined, name: string): string {
  if (from === undefined || !/^\.\.?\//.test(name)) return name;
  const colon = from.indexOf(':');
  return from.slice(0, colon + 1) + path.posix.join(path.posix.dirname(from.slice(colon + 1)), name);
}
