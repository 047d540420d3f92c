import path from 'node:path';

import { watch, type FSWatcher } from 'chokidar';

import { MARKER } from './marker-files.js';

/** Watching marker files, until it is stopped. */
export interface MarkerWatch {
  stop(): Promise<void>;
}

/** Who is told what a watch sees. */
export interface MarkerListener {
  /** From now on nothing is missed; what changed before may have been. */
  ready(): void;
  /** The markers in this plugin folder may have changed. */
  changed(folder: string): void;
  /** A folder has come, in one of the plugin directories. */
  appeared(folder: string): void;
  /** Watching is impossible here, or has become so; told at most once. */
  failed(error: unknown): void;
}

const MARKERS: ReadonlySet<string> = new Set(Object.values(MARKER));

/**
 * Watches for marker files that other processes write.
 * @param directories plugin directories: folders that come later are told as well
 * @param folders plugin folders that lie elsewhere
 */
export function watchMarkers(
  directories: readonly string[],
  folders: readonly string[],
  listener: MarkerListener,
): MarkerWatch {
  const roots = new Set(directories.map((each) => path.resolve(each)));
  const isWatched = (place: string): boolean =>
    roots.has(place) || folders.includes(place) || roots.has(path.dirname(place)) || MARKERS.has(path.basename(place));
  const watcher = watch([...roots, ...folders], {
    depth: 1,
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (place, stats) => !isWatched(path.resolve(place)) || (stats?.isFile() === true && !isMarker(place)),
  });
  watcher.on('all', (event, place) => {
    if (isMarker(place)) listener.changed(path.dirname(place));
    else if (event === 'addDir' && roots.has(path.dirname(place))) listener.appeared(place);
  });
  watcher.on('ready', () => listener.ready());
  watcher.on('error', (error) => {
    void close(watcher);
    listener.failed(error);
  });
  return { stop: () => close(watcher) };
}

/** Chokidar drops all listeners at once, while what it has begun may fail yet: an error that nobody hears ends the process. */
function close(watcher: FSWatcher): Promise<void> {
  const closed = watcher.close();
  watcher.on('error', () => undefined);
  return closed;
}

function isMarker(place: string): boolean {
  return MARKERS.has(path.basename(place));
}
