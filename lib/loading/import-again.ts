import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import nodeModule, { createRequire } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';

import { isTypeScript } from '../discovery/find-entry.js';
import type { FolderSource, WithEntry } from '../discovery/plugin-source.js';
import { importEntry } from './import-entry.js';
import { generationSuffix, followGenerations } from './module-generations.js';
import type { Candidate } from './candidate.js';

/** Heap that a loaded ES module takes for each byte of its source, measured. */
const HEAP_PER_SOURCE_BYTE = 4;

/**
 * Imports entries in the running application, where the same file may be imported again with new content. CommonJS is
 * loaded afresh and let go again; ES modules are kept by Node.js for ever, so what they take is counted.
 */
export class CodeGenerations {
  readonly #count = new Map<string, number>();
  #keptBytes = 0;

  /** @param budget how many bytes of former ES modules may be kept in memory */
  constructor(private readonly budget: number) {}

  /** Notes that a plugin's code has been imported already, when the application started. */
  noteImported({ folder }: FolderSource): void {
    if (!this.#count.has(folder)) this.#count.set(folder, 1);
  }

  /** Why another import is refused, if so: the memory that it would take for ever is too much. */
  whyNot(source: WithEntry): string | undefined {
    if (!this.#count.has(source.folder) || isCommonJs(source)) return undefined;
    if (this.#keptBytes + sizeOf(source.folder) * HEAP_PER_SOURCE_BYTE <= this.budget) return undefined;
    return `former generations of ES modules keep about ${mebibytes(this.#keptBytes)} MiB in memory, and the option "codeBudget" allows ${mebibytes(this.budget)}`;
  }

  /**
   * Imports an entry, its code as it is on disk now.
   * @throws PluginError IMPORT_FAILED, IMPORT_TIMEOUT
   */
  async load(candidate: Candidate, source: WithEntry, timeout: number): Promise<object> {
    const before = this.#count.get(source.folder) ?? 0;
    this.#count.set(source.folder, before + 1);
    forgetCommonJs(source.folder);
    if (isCommonJs(source)) return importEntry(candidate, source, timeout, { load: () => requireAfresh(source.entry) });
    if (before === 0) return importEntry(candidate, source, timeout);
    this.#keptBytes += sizeOf(source.folder) * HEAP_PER_SOURCE_BYTE;
    followGenerations();
    return importEntry(candidate, source, timeout, { suffix: generationSuffix(before, source.folder) });
  }
}

/** As Node.js decides it; a file without a "type" is what its syntax says. */
function isCommonJs({ entry, packageJson }: WithEntry): boolean {
  if (entry.endsWith('.cjs')) return true;
  if (entry.endsWith('.mjs') || isTypeScript(entry)) return false;
  const type = packageJson?.['type'];
  if (type !== undefined) return type === 'commonjs';
  try {
    return Boolean(new Script(nodeModule.wrap(readFileSync(entry, 'utf8'))));
  } catch {
    return false;
  }
}

/** What `import()` would give of a CommonJS module. */
function requireAfresh(entry: string): object {
  const exported: unknown = createRequire(entry)(entry);
  return { ...(Object(exported) as object), default: exported };
}

/** Node.js keeps CommonJS modules in a table, and each in the list of whoever asked for it first. */
function forgetCommonJs(folder: string): void {
  const { cache } = createRequire(import.meta.url);
  const isOwn = (file: string): boolean => file.startsWith(folder + path.sep) && !file.includes('/node_modules/');
  for (const file of Object.keys(cache)) if (isOwn(file)) Reflect.deleteProperty(cache, file);
  for (const module of Object.values(cache))
    if (module?.children.some(({ filename }) => isOwn(filename)))
      module.children = module.children.filter(({ filename }) => !isOwn(filename));
}

/** The bytes of source in a folder, without what it has installed. */
function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0; // that it is gone, its import tells
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && /\.m?js$/.test(each.name) && !each.parentPath.includes('node_modules'))
    .map((each) => statSync(path.join(each.parentPath, each.name)).size)
    .reduce((sum, size) => sum + size, 0);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
