import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';

import { carried, type ResolveContext } from './generation-hook.js';

/** What follows the address of an entry that is imported again: its number, and how much of the address is the plugin's folder. */
export function generationSuffix(generation: number, folder: string): string {
  return `?pluginkit=${generation}.${pathToFileURL(folder).href.length}`;
}

/** Node.js keeps resolve hooks for the life of the process, so whether they are set must live as long. */
const registered = new Set<'hook'>();

/** Has what a plugin's file imports from its own folder come from the same generation. Node.js alone would take the former one. */
export function followGenerations(): void {
  if (registered.has('hook')) return;
  registered.add('hook');
  if (hasSyncHooks(nodeModule))
    nodeModule.registerHooks({
      resolve: (specifier, context, next) => carried(next(specifier, context) as { url: string }, context),
    });
  else nodeModule.register(new URL('./generation-hook.js', import.meta.url));
}

interface WithSyncHooks {
  registerHooks(hooks: {
    resolve(
      specifier: string,
      context: ResolveContext,
      next: (specifier: string, context: ResolveContext) => unknown,
    ): unknown;
  }): void;
}

function hasSyncHooks(node: object): node is WithSyncHooks {
  return 'registerHooks' in node;
}
