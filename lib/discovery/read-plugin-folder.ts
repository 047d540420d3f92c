import path from 'node:path';

import { PluginError } from '../plugin/plugin-error.js';
import { printable } from '../plugin/printable.js';
import { findEntry, hasTypeScriptIndex, isTypeScript } from './find-entry.js';
import { isInside } from './is-inside.js';
import { pluginNameIn, readPackageJson, type PackageJson } from './package-json.js';
import type { FolderSource } from './plugin-source.js';

/**
 * Reads what a plugin folder tells without running anything of it.
 * @param folder the folder's real path
 * @param folderName what the folder is called where it was found; a link may call it otherwise
 * @param typescript whether TypeScript is loaded; in production it never is
 * @returns `undefined` where it has no entry: it is no plugin then
 * @throws the file system's error when the folder cannot be read
 */
export function readPluginFolder(
  folder: string,
  folderName: string,
  origin: FolderSource['origin'],
  typescript = false,
): FolderSource | undefined {
  const isLoaded = typescript && process.env['NODE_ENV'] !== 'production';
  let packageJson: PackageJson | undefined;
  try {
    packageJson = readPackageJson(folder);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) throw cause; // the folder itself cannot be read
    return broken({ origin, name: printable(folderName), folderName, folder }, 'METADATA_INVALID', {
      detail: cause instanceof Error ? cause.message : String(cause),
      hint: 'Correct or remove the package.json of the plugin.',
      file: path.join(folder, 'package.json'),
      cause,
    });
  }

  const known = {
    origin,
    name: printable(pluginNameIn(packageJson) ?? folderName),
    folderName,
    folder,
    ...(typescript && { typescript }),
    ...(packageJson && { packageJson }),
  };
  const found = findEntry(folder, packageJson, isLoaded);
  if ('entry' in found) {
    if (isInside(folder, found.entry))
      return isTypeScript(found.entry) && !isLoaded
        ? notBuilt(known, found.entry, typescript)
        : { ...known, entry: found.entry };
    return broken(known, 'PATH_ESCAPE', {
      detail: 'its entry lies outside the folder',
      hint: "Keep the entry and everything it needs inside the plugin's own folder, without links that lead out of it.",
      file: folder,
    });
  }
  if (found.missing === undefined)
    return typescript && hasTypeScriptIndex(folder)
      ? notBuilt(known, path.join(folder, 'index.ts'), typescript)
      : undefined;
  return broken(known, 'IMPORT_FAILED', {
    detail: `package.json names ${found.missing}, which is not there`,
    hint: 'Build the plugin, or correct "exports" or "main" in its package.json.',
    file: path.join(folder, 'package.json'),
  });
}

function notBuilt(source: Omit<FolderSource, 'problem'>, file: string, typescript: boolean): FolderSource {
  return broken(source, 'IMPORT_FAILED', {
    detail: typescript
      ? 'its entry is TypeScript, and in production only JavaScript is loaded'
      : 'its entry is TypeScript, and only JavaScript is loaded',
    hint: `Build the plugin, and name the JavaScript file by "exports" or "main" in its package.json${typescript ? '' : '; or set the option "typescript", for development'}.`,
    file,
  });
}

function broken(
  source: Omit<FolderSource, 'problem'>,
  code: ConstructorParameters<typeof PluginError>[0],
  details: Omit<ConstructorParameters<typeof PluginError>[1], 'plugin'>,
): FolderSource {
  return { ...source, problem: new PluginError(code, { plugin: source.name, ...details }) };
}
