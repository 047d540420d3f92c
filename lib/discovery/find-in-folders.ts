import { readdirSync, realpathSync, statSync, type Dirent } from 'node:fs';
import path from 'node:path';

import { PluginError } from '../plugin/plugin-error.js';
import { printable } from '../plugin/printable.js';
import { hasTypeScriptIndex } from './find-entry.js';
import { isInside } from './is-inside.js';
import type { Findings, FolderSource, Notice } from './plugin-source.js';
import { readPluginFolder } from './read-plugin-folder.js';

/** Finds the plugins one level below each directory; a relative one begins at the working directory. */
export function findInFolders(directories: readonly string[], typescript = false): Findings<FolderSource> {
  const sources: FolderSource[] = [];
  const notices: Notice[] = [];
  for (const directory of new Set(directories.map((each) => path.resolve(each)))) {
    const found = findInFolder(directory, typescript);
    sources.push(...found.sources);
    notices.push(...found.notices);
  }
  return { sources, notices };
}

function findInFolder(directory: string, typescript: boolean): Findings<FolderSource> {
  const sources: FolderSource[] = [];
  const notices: Notice[] = [];
  let root: string;
  let entries: Dirent[];
  try {
    root = realpathSync.native(directory);
    entries = readdirSync(root, { withFileTypes: true });
  } catch (error) {
    return { sources, notices: [{ level: 'warn', text: whyUnreadable('Plugin directory', directory, error) }] };
  }
  for (const entry of entries) {
    const place = path.join(root, entry.name);
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    try {
      const folder = realFolder(root, entry);
      if (folder === undefined) {
        notices.push({ level: 'debug', text: `${printable(place)} is no folder: it is no plugin.` });
        continue;
      }
      const source = isInside(root, folder)
        ? readPluginFolder(folder, entry.name, 'folder', typescript)
        : strayLink(place, entry.name, root);
      if (source) sources.push(source);
      else
        notices.push({
          level: 'debug',
          text: `${printable(place)} has no entry (package.json with exports or main, index.js, index.mjs, index.cjs): it is no plugin.${hasTypeScriptIndex(place) ? ' Its index.ts is loaded with the option "typescript".' : ''}`,
        });
    } catch (error) {
      notices.push({ level: 'warn', text: whyUnreadable('Plugin folder', place, error) });
    }
  }
  return { sources, notices };
}

function realFolder(root: string, entry: Dirent): string | undefined {
  const place = path.join(root, entry.name);
  if (entry.isDirectory()) return place;
  if (entry.isFile()) return undefined;
  return statSync(place).isDirectory() ? realpathSync.native(place) : undefined;
}

function strayLink(place: string, folderName: string, root: string): FolderSource {
  const problem = new PluginError('PATH_ESCAPE', {
    plugin: folderName,
    detail: 'its folder is a link that leads out of the plugin directory',
    hint: `Move the plugin into ${root}, name its parent in "directories", or install it and name it in "packages".`,
    file: place,
  });
  return { origin: 'folder', name: printable(folderName), folderName, folder: place, problem };
}

function whyUnreadable(what: string, place: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${String(code ?? error)})`;
  return `${what} ${printable(place)} ${why}.`;
}
