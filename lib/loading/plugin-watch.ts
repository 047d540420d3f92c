import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { PluginSource } from '../discovery/plugin-source.js';
import type { JournalPlugin } from '../state/boot-record.js';
import { BootJournal } from '../state/boot-journal.js';
import { PluginContext } from './plugin-context.js';

/** A plugin as far as it is watched. */
export interface Watched {
  readonly name: string;
  readonly source: PluginSource;
}

/** Sees to it that one knows whose code it was, whatever it does: now, later, or with its last breath. */
export class PluginWatch {
  readonly #context = new PluginContext<Watched>(() => (this.#isGuessing ? this.#ofThisStack() : undefined));
  readonly #byFolder = new Map<string, Watched>();
  #isGuessing = false;

  constructor(readonly journal = new BootJournal({})) {}

  /** Notes where a plugin is, so that it is found in a stack. */
  add(plugin: Watched): void {
    if (plugin.source.origin !== 'inline') this.#byFolder.set(plugin.source.folder, plugin);
  }

  /** Runs code of a plugin; several are given where it is code that they share. */
  async run<T>(plugins: readonly Watched[], doing: string, work: () => T | Promise<T>): Promise<T> {
    const leave = this.journal.enter({ doing, plugins: plugins.map(named), isShared: true });
    try {
      return await this.#context.run(plugins[0], work);
    } finally {
      leave();
    }
  }

  /** Runs code of several plugins, of which one cannot tell which runs when. */
  async runTogether<T>(plugins: readonly Watched[], doing: string, work: () => Promise<T>): Promise<T> {
    const leave = this.journal.enter({ doing, plugins: plugins.map(named), isShared: false });
    this.#isGuessing = true;
    try {
      return await this.#context.run(undefined, work);
    } finally {
      this.#isGuessing = false;
      leave();
    }
  }

  /** Handles all side by side; one after the other when it must show in which one the process dies. */
  async each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
    if (this.journal.isCareful) for (const item of items) await work(item);
    else await Promise.all(items.map(work));
  }

  /** The plugin whose code threw this, or began what threw it. */
  ownerOf(thrown: unknown): Watched | undefined {
    return this.#inStack(stackOf(thrown)) ?? this.#context.current();
  }

  /** The plugin whose code calls this, or began what calls it. */
  here(): Watched | undefined {
    return this.#ofThisStack() ?? this.#context.current();
  }

  #ofThisStack(): Watched | undefined {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 50;
    const { stack } = new Error('for its stack');
    Error.stackTraceLimit = limit;
    return this.#inStack(stack ?? '');
  }

  /** The innermost place that lies in the folder of a plugin tells. */
  #inStack(stack: string): Watched | undefined {
    for (const [, place = ''] of stack.slice(0, 16_384).matchAll(PLACE)) {
      const found = this.#byPlace(place);
      if (found) return found;
    }
    return undefined;
  }

  #byPlace(place: string): Watched | undefined {
    let folder = place.startsWith('file:') ? pathOf(place) : place;
    for (let above = path.dirname(folder); above !== folder; above = path.dirname(folder)) {
      folder = above;
      const found = this.#byFolder.get(folder);
      if (found) return found;
    }
    return undefined;
  }
}

/** The file in one line of a stack: a URL in an ES module, a path in CommonJS. */
const PLACE = /((?:file:\/\/|\/|[A-Z]:\\).*?):\d+:\d+\)?$/gm;

/** How the journal names a plugin. */
export function named({ name, source }: Watched): JournalPlugin {
  const entry = source.origin === 'inline' ? undefined : source.entry;
  return { key: journalKey(source, name), name, ...(entry !== undefined && { entry }) };
}

/** What the journal knows a plugin by. */
export function journalKey(source: PluginSource, name = source.name): string {
  return source.origin === 'inline' ? `inline:${name}` : source.folder;
}

function stackOf(thrown: unknown): string {
  try {
    return thrown instanceof Error && typeof thrown.stack === 'string' ? thrown.stack : '';
  } catch {
    return '';
  }
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}
