import { pathToFileURL } from 'node:url';

import type { FolderSource } from '../discovery/plugin-source.js';
import { describeThrown, printable } from '../plugin/printable.js';
import { errorOf, type Candidate } from './candidate.js';
import { TIME_IS_UP, withTimeLimit } from './time-limit.js';

/** How many entries are imported by one graph; larger ones were slower. */
const TOGETHER = 100;

/**
 * Imports many entries at once: Node.js walks through all that lies below an import for each `import()` of its own, and
 * plugins have much in common. What cannot be imported together is left out, and is to be imported by itself:
 * Node.js runs nothing twice.
 * @param files real paths
 * @param patience in ms; one that never settles keeps its group no longer
 * @returns namespaces by file
 */
export async function importTogether(files: readonly string[], patience: number): Promise<Map<string, object>> {
  const groups = Array.from({ length: Math.ceil(files.length / TOGETHER) }, (_, index) =>
    files.slice(index * TOGETHER, (index + 1) * TOGETHER),
  );
  const imported = new Map<string, object>();
  await Promise.all(
    groups.map(async (group) => {
      const source = group
        .map((file, index) => `export * as p${index} from ${JSON.stringify(pathToFileURL(file).href)};`)
        .join('');
      try {
        const all = await withTimeLimit(
          () => import(`data:text/javascript,${encodeURIComponent(source)}`) as Promise<Record<string, object>>,
          patience,
        );
        for (const [index, file] of group.entries()) imported.set(file, all[`p${index}`] ?? {});
      } catch {
        // one of them is broken or slow: each shows by itself which
      }
    }),
  );
  return imported;
}

/** What can be different from one import to the other. */
export interface ImportDetails {
  /** How much of the time it has had already, in ms: when it was imported together with others, in vain. */
  readonly spent?: number;
  /** What follows the entry's address, so that Node.js takes it for another one. */
  readonly suffix?: string;
  /** Loads the entry otherwise than by `import()`. */
  readonly load?: () => object;
}

/**
 * Imports a plugin's entry: the first foreign code that runs.
 * @returns the module's namespace
 * @throws PluginError IMPORT_FAILED, IMPORT_TIMEOUT
 */
export async function importEntry(
  candidate: Candidate,
  source: FolderSource & { entry: string },
  timeout: number,
  { spent = 0, suffix = '', load }: ImportDetails = {},
): Promise<object> {
  const url = pathToFileURL(source.entry).href + suffix;
  try {
    return await withTimeLimit(load ?? (() => import(url) as Promise<object>), timeout - spent);
  } catch (thrown) {
    if (thrown === TIME_IS_UP)
      throw errorOf(candidate, 'IMPORT_TIMEOUT', {
        detail: `it took longer than ${timeout} ms`,
        hint: 'Look for a top-level await that never settles; do slow work in onModuleInit, or raise the option "timeout".',
      });
    throw errorOf(candidate, 'IMPORT_FAILED', {
      detail: `${nameOf(thrown)}${describeThrown(thrown)}`,
      hint: cureFor(thrown),
      cause: thrown,
    });
  }
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error && thrown.name !== 'Error' ? `${printable(thrown.name)}: ` : '';
}

function cureFor(thrown: unknown): string {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  const text = describeThrown(thrown);
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    const name = /(?:package|module) '([^'./][^']*)'/.exec(text)?.[1];
    return name === undefined
      ? 'Correct the path of that import; in an ES module it ends in .js.'
      : `Install it in the application or in the plugin's folder: npm install ${name}`;
  }
  if (/require is not defined|module is not defined|exports is not defined/.test(text))
    return 'The file is an ES module: use import and export, or call it .cjs.';
  if (/Cannot use import statement|Unexpected token 'export'/.test(text))
    return 'The file is CommonJS: put "type": "module" into the plugin\'s package.json, or call it .mjs.';
  if (/does not provide an export named|Named export '.*' not found/.test(text))
    return 'Correct the name of that import, or install the version that has it.';
  if (thrown instanceof SyntaxError)
    return 'Correct the syntax: "node --check" with the name of the file shows the place.';
  return 'The entry throws while it is loaded: see the cause, and move what can fail into register() or onModuleInit.';
}
