import path from 'node:path';

import { watch } from 'chokidar';

/** Editors and compilers write many files in a row: the last one counts. In ms. */
const QUIET = 150;

/**
 * Calls back when files of plugins change.
 * @param onFailure is told once that some cannot be watched; the others are
 * @returns takes folders to watch; those that are known already change nothing
 */
export function watchPlugins(
  onChange: (file: string) => void,
  onFailure: (error: unknown) => void,
): (folders: readonly string[]) => void {
  const watcher = watch([], { ignoreInitial: true, ignored: isOfNoConcern });
  let timer: NodeJS.Timeout | undefined;
  watcher.on('all', (_event, file) => {
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET, file);
  });
  watcher.once('error', onFailure);
  watcher.on('error', () => undefined); // without a listener, the next one would end this process
  return (folders) => void watcher.add([...folders]);
}

/** Packages, and what begins with a dot: locks, editors' files, version control. */
function isOfNoConcern(file: string): boolean {
  const name = path.basename(file);
  return name === 'node_modules' || (name.startsWith('.') && name.length > 1);
}
