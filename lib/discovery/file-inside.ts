import { realpathSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';

import { isInside } from './is-inside.js';

/** A regular file, by its real path. */
export interface FileInside {
  readonly file: string;
  /** The real path of the folder in which it was looked for. */
  readonly folder: string;
  readonly stats: Stats;
}

/**
 * Finds a regular file below a folder.
 * @param name its path from there
 * @returns `escapes` where the path, or a link on it, leads out of the folder
 */
export function fileInside(folder: string, name: string): FileInside | 'missing' | 'escapes' {
  if (path.posix.isAbsolute(name) || path.win32.isAbsolute(name) || name.split(/[\\/]/).includes('..'))
    return 'escapes';
  try {
    const stats = statSync(path.join(folder, name), { throwIfNoEntry: false }); // most searches end here
    if (!stats) return 'missing';
    const root = realpathSync.native(folder);
    const file = realpathSync.native(path.join(root, name));
    if (!isInside(root, file)) return 'escapes';
    return stats.isFile() ? { file, folder: root, stats } : 'missing';
  } catch {
    return 'missing'; // nothing is there, or the name is none: too long, with a NUL in it
  }
}

/** Tells whether a folder of a plugin's own is a link to somewhere outside of the plugin's folder, which must be a real path. */
export function isLinkOutOf(folder: string, name: string): boolean {
  try {
    return !isInside(folder, realpathSync.native(path.join(folder, name)));
  } catch {
    return false; // it is not there
  }
}
