import { fileURLToPath } from 'node:url';

import type { AuthoredPlugin } from '../extensions/define-plugin.js';

/** A plugin as a test names it: its folder as a path or a file: URL, or its definition. */
export type TestedPlugin = string | URL | AuthoredPlugin;

/** Tells folders from definitions. */
export function sortPlugins(plugins: readonly TestedPlugin[] = []): { folders: string[]; plugins: AuthoredPlugin[] } {
  const sorted = { folders: [] as string[], plugins: [] as AuthoredPlugin[] };
  for (const each of plugins) {
    if (each instanceof URL) sorted.folders.push(fileURLToPath(each));
    else if (typeof each === 'string') sorted.folders.push(each.startsWith('file:') ? fileURLToPath(each) : each);
    else sorted.plugins.push(each);
  }
  return sorted;
}
