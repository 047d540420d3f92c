import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';

import { isInside } from './is-inside.js';

/** What a package.json holds, unchecked. */
export type PackageJson = Readonly<Record<string, unknown>>;

/** A larger one is not read: nobody's manifest is, and a plugin must not fill the memory. */
const LARGEST = 64 * 1024;

/**
 * Reads a folder's package.json.
 * @returns `undefined` where there is none
 * @throws Error with a message that fits into brackets, when it is too large, no regular file, outside the folder or not a JSON object
 */
export function readPackageJson(folder: string): PackageJson | undefined {
  const file = path.join(folder, 'package.json');
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found) return undefined;
  if (found.isSymbolicLink() && !isInside(folder, realPathOf(file)))
    throw new Error('package.json is a link that leads out of the folder');
  const stats = found.isSymbolicLink() ? lstatSync(realPathOf(file)) : found;
  // A FIFO would be waited for, for ever.
  if (!stats.isFile()) throw new Error('package.json is no regular file');
  if (stats.size > LARGEST) throw new Error(`package.json is larger than ${LARGEST / 1024} KiB`);
  return parse(readFileSync(file, 'utf8'));
}

function realPathOf(link: string): string {
  try {
    return realpathSync.native(link);
  } catch {
    throw new Error('package.json is a link that leads nowhere');
  }
}

function parse(text: string): PackageJson {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new Error(`package.json is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('package.json holds no object');
  return value as PackageJson; // an object, as the line above made sure
}

/** The plugin's name in a package.json: that of its object `pluginkit`, else the package's without the scope: `shop` for `@acme/shop`. */
export function pluginNameIn(packageJson: PackageJson | undefined): string | undefined {
  const own = packageJson?.['pluginkit'];
  const name =
    (typeof own === 'object' && own !== null && 'name' in own ? own.name : undefined) ?? packageJson?.['name'];
  return typeof name === 'string' && name !== '' ? name.replace(/^@[^/]*\//, '') : undefined;
}
