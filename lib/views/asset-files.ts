import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { fileInside, type FileInside } from '../discovery/file-inside.js';
import { isInside } from '../discovery/is-inside.js';
import { STATIC } from '../extensions/check-view-files.js';
import type { Contributor } from '../host/collect.js';

/** The folders of plugins, by their names. */
export type AssetOwners = ReadonlyMap<string, string>;

/** Which plugins can have files: those that have a folder. */
export function assetOwners(plugins: readonly Contributor[]): AssetOwners {
  return new Map(
    plugins.flatMap(({ candidate: { name, source } }) =>
      source.origin === 'inline' ? [] : [[name, source.folder] as const],
    ),
  );
}

/** Files above this size are told apart by size and time instead of content: pages must not wait for them to be read. */
const LARGE = 8 * 1024 * 1024;

/** The files in the folders `static` of plugins. */
export class AssetFiles {
  readonly #versions = new Map<string, { readonly size: number; readonly time: number; readonly version: string }>();

  /** Finds a file of a plugin, and none that is hidden or lies outside of its folder `static`. */
  find(owners: AssetOwners, plugin: string, segments: readonly string[]): FileInside | undefined {
    const folder = owners.get(plugin);
    if (folder === undefined || !isAssetPath(segments)) return undefined;
    const found = fileInside(path.join(folder, STATIC), segments.join('/'));
    if (typeof found === 'string' || !isInside(folder, found.folder)) return undefined;
    return isAssetPath(path.relative(found.folder, found.file).split(path.sep)) ? found : undefined;
  }

  /** Changes when the content does: a hash of it. */
  versionOf({ file, stats }: FileInside): string {
    const known = this.#versions.get(file);
    if (known && known.size === stats.size && known.time === stats.mtimeMs) return known.version;
    const version = createHash('sha256').update(contentOf(file, stats)).digest('base64url').slice(0, 16);
    this.#versions.set(file, { size: stats.size, time: stats.mtimeMs, version });
    return version;
  }
}

function contentOf(file: string, { size, mtimeMs }: FileInside['stats']): Buffer | string {
  const instead = `${size} ${mtimeMs}`;
  try {
    return size > LARGE ? instead : readFileSync(file);
  } catch {
    return instead; // it has gone, or may not be read: whoever asks for it will be told
  }
}

/** Whether names of folders and a file are plain ones: not empty, not hidden, without anything that a system takes for a separator. */
export function isAssetPath(segments: readonly string[]): boolean {
  return segments.every((segment) => /^[^.]/u.test(segment) && !/[/\\\p{Control}\p{Surrogate}]/u.test(segment));
}
