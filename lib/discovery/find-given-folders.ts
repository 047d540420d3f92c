import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';

import { PluginError } from '../plugin/plugin-error.js';
import { printable } from '../plugin/printable.js';
import type { Findings, FolderSource } from './plugin-source.js';
import { readPluginFolder } from './read-plugin-folder.js';

/** Finds the plugins in folders that were named one by one; each was asked for, so one that is no plugin has failed. */
export function findGivenFolders(folders: readonly string[], typescript = false): Findings<FolderSource> {
  return { sources: folders.map((each) => findGiven(path.resolve(each), typescript)), notices: [] };
}

function findGiven(place: string, typescript: boolean): FolderSource {
  const folderName = path.basename(place);
  try {
    const folder = realpathSync.native(place);
    if (!statSync(folder).isDirectory()) return broken(place, folderName, 'it is no folder');
    return (
      readPluginFolder(folder, folderName, 'folder', typescript) ?? broken(place, folderName, 'its folder has no entry')
    );
  } catch {
    return broken(place, folderName, 'its folder cannot be read');
  }
}

function broken(folder: string, folderName: string, detail: string): FolderSource {
  const name = printable(folderName);
  const problem = new PluginError('IMPORT_FAILED', {
    plugin: name,
    detail,
    hint: 'Correct the path; a plugin folder has a package.json with "exports" or "main", or an index.js.',
    file: folder,
  });
  return { origin: 'folder', name, folderName, folder, problem };
}
