import { lstatSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

import { exports as resolveExports } from 'resolve.exports';

import type { PackageJson } from './package-json.js';

/** Looked for in this order where package.json names no entry. */
const INDEX_FILES = ['index.js', 'index.mjs', 'index.cjs'];
/** Behind them, where TypeScript is loaded. */
const TYPESCRIPT_INDEX = 'index.ts';

/** The file that a plugin folder is entered by, as its real path; `missing` is what package.json names in vain. */
export type FoundEntry = { readonly entry: string } | { readonly missing?: string };

/**
 * Finds the entry of a plugin folder: `exports["."]` or `main` of its package.json, else its index file.
 * @param typescript whether it may be TypeScript: what package.json names under the condition "typescript" comes first then
 */
export function findEntry(folder: string, packageJson: PackageJson | undefined, typescript: boolean): FoundEntry {
  const named = packageJson ? entriesNamedBy(packageJson) : [];
  const sources = packageJson && typescript ? exportsOf(packageJson, ['typescript']) : [];
  for (const candidate of [...sources, ...named, ...INDEX_FILES, ...(typescript ? [TYPESCRIPT_INDEX] : [])]) {
    const entry = realFile(folder, path.join(folder, candidate));
    if (entry !== undefined) return { entry };
  }
  return named[0] === undefined ? {} : { missing: named[0] };
}

function entriesNamedBy(packageJson: PackageJson): string[] {
  const main = packageJson['main'];
  return [
    ...exportsOf(packageJson, []),
    ...(typeof main === 'string' && main !== '' ? [main, `${main}.js`, `${main}/index.js`] : []),
  ];
}

function exportsOf(packageJson: PackageJson, conditions: readonly string[]): string[] {
  try {
    return resolveExports(packageJson, '.', { conditions: ['node', 'import', ...conditions] }) ?? [];
  } catch {
    return []; // it has exports, but none for "."
  }
}

/** @param folder a real path */
function realFile(folder: string, file: string): string | undefined {
  try {
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (!found) return undefined;
    // Right below a real folder, what is no link itself is real.
    if (found.isFile() && path.dirname(file) === folder) return file;
    return statSync(file).isFile() ? realpathSync.native(file) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a file is written in TypeScript. */
export function isTypeScript(file: string): boolean {
  return /\.[cm]?ts$/.test(file);
}

/** Whether a folder could be entered by TypeScript alone. */
export function hasTypeScriptIndex(folder: string): boolean {
  return realFile(folder, path.join(folder, TYPESCRIPT_INDEX)) !== undefined;
}
