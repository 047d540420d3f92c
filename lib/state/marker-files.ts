import { lstatSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { removeFile, withFolderLock } from './folder-lock.js';
import type { StateStore, WantedState } from './state-store.js';

/** An empty file of this name in a plugin's folder tells its state. */
export const MARKER = { enabled: 'ENABLED', disabled: 'DISABLED' } as const;

/**
 * Keeps the state as the marker files ENABLED and DISABLED in the plugin's own folder, as Flask-PluginKit does;
 * unlike there, at every moment at least one of them is there while one replaces the other.
 */
export class MarkerFiles implements StateStore {
  /** Whatever bears the name counts, be it a folder or a broken link; DISABLED counts more. */
  read(folder: string): WantedState | undefined {
    if (isThere(path.join(folder, MARKER.disabled))) return 'disabled';
    return isThere(path.join(folder, MARKER.enabled)) ? 'enabled' : undefined;
  }

  /** Writes the new marker before it removes the old one, so that a crash leaves both (DISABLED counts) but never none. */
  async write(folder: string, state: WantedState): Promise<void> {
    const wanted = path.join(folder, MARKER[state]);
    const other = path.join(folder, MARKER[state === 'enabled' ? 'disabled' : 'enabled']);
    await withFolderLock(folder, () => {
      const isNew = !isThere(wanted);
      if (isNew) writeFileSync(wanted, '', { flag: 'wx' });
      try {
        remove(other);
      } catch (error) {
        if (isNew) removeFile(wanted);
        throw error;
      }
    });
  }

  async clear(folder: string): Promise<void> {
    await withFolderLock(folder, () => {
      for (const marker of Object.values(MARKER)) remove(path.join(folder, marker));
    });
  }
}

function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // the folder is none, or cannot be looked into: loading it tells why
  }
}

function remove(marker: string): void {
  if (lstatSync(marker, { throwIfNoEntry: false })?.isDirectory()) rmdirSync(marker);
  else removeFile(marker);
}
