import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { readPackageJson, type PackageJson } from '../../discovery/package-json.js';

/** A larger file is not read: nobody writes one by hand. */
const LARGEST = 512 * 1024;

/** The package.json of a plugin; undefined where there is none, or none that can be read: loading tells why. */
export function manifestOf(folder: string): PackageJson | undefined {
  try {
    return readPackageJson(folder);
  } catch {
    return undefined;
  }
}

/** The text of a file, '' where it cannot be read. */
export function textOf(file: string): string {
  try {
    return statSync(file).size > LARGEST ? '' : readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The paths of all files below a folder of a plugin, those of packages and hidden ones left out. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((each) => {
    if (each.name.startsWith('.') || each.name === 'node_modules') return [];
    const place = path.join(folder, each.name);
    return each.isDirectory() ? filesBelow(place) : each.isFile() ? [place] : [];
  });
}

/** The number of the first line in which something stands. */
export function lineWith(text: string, what: string | RegExp): number | undefined {
  const at = typeof what === 'string' ? text.indexOf(what) : text.search(what);
  return at < 0 ? undefined : text.slice(0, at).split('\n').length;
}

/** An object of texts in a package.json, as `dependencies` is. */
export function textsIn(packageJson: PackageJson | undefined, field: string): Record<string, string> {
  const value = packageJson?.[field];
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, text]) => typeof text === 'string')) as Record<
    string,
    string
  >;
}
