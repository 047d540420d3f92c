import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';

import { applicationBases } from '../discovery/application-bases.js';
import { isTypeScript } from '../discovery/find-entry.js';
import type { PluginError } from '../plugin/plugin-error.js';
import { errorOf, type Candidate } from './candidate.js';
import * as hook from './typescript-hook.js';

/** Folders that are helped already. Node.js keeps hooks for the life of the process, so this must live as long. */
const helped = new Set<string>();

/** Lets entries in TypeScript be imported, by @swc/core; without it, their plugins fail. Errors tell lines of the sources from then on. */
export function loadTypeScript(candidates: readonly Candidate[]): void {
  const written = candidates.flatMap((candidate) => {
    const { source } = candidate;
    return source.origin !== 'inline' && isTypeScript(source.entry ?? '') ? [{ candidate, folder: source.folder }] : [];
  });
  const strangers = written.filter(({ folder }) => !helped.has(folder)).map(({ folder }) => folder);
  if (strangers.length === 0) return;
  const swc = findSwc();
  if (swc === undefined) {
    for (const { candidate } of written) candidate.error = withoutSwc(candidate);
    return;
  }
  const data = { prefixes: strangers.map((folder) => `${pathToFileURL(folder).href}/`), swc };
  const isFirst = helped.size === 0;
  for (const folder of strangers) helped.add(folder);
  process.setSourceMapsEnabled(true);
  if (hasSyncHooks(nodeModule)) {
    if (isFirst) nodeModule.registerHooks({ resolve: hook.resolve, load: hook.load });
    hook.initialize(data);
  } else nodeModule.register(new URL('./typescript-hook.js', import.meta.url), { data });
}

function withoutSwc(candidate: Candidate): PluginError {
  return errorOf(candidate, 'IMPORT_FAILED', {
    detail: 'its entry is TypeScript, and @swc/core is not installed',
    hint: 'Install it: npm install --save-dev @swc/core; or build the plugin.',
  });
}

/** From the application, then from here. */
function findSwc(): string | undefined {
  for (const base of [...applicationBases(), import.meta.url]) {
    try {
      return nodeModule.createRequire(base).resolve('@swc/core');
    } catch {
      // not from here
    }
  }
  return undefined;
}

/** Node.js 22.15 and later: one hook in this thread. */
interface WithSyncHooks {
  registerHooks(hooks: { resolve: typeof hook.resolve; load: typeof hook.load }): void;
}

function hasSyncHooks(node: object): node is WithSyncHooks {
  return 'registerHooks' in node;
}
