import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { PluginError } from '../plugin/plugin-error.js';
import { printable } from '../plugin/printable.js';
import { applicationBases } from './application-bases.js';
import type { Findings, FolderSource } from './plugin-source.js';
import { readPluginFolder } from './read-plugin-folder.js';

/** Finds installed packages that are plugins, as the application would: from its working directory, then from its main file. */
export function findInPackages(packages: readonly string[], typescript = false): Findings<FolderSource> {
  return { sources: [...new Set(packages)].map((name) => findPackage(name, typescript)), notices: [] };
}

function findPackage(name: string, typescript: boolean): FolderSource {
  const folderName = printable(name.split('/').at(-1) ?? name);
  const folder = installedFolder(name);
  if (folder === undefined) return notInstalled(name, folderName);
  return (
    readPluginFolder(folder, path.basename(folder), 'package', typescript) ?? withoutEntry(name, folderName, folder)
  );
}

/** Follows links (pnpm, workspaces, `npm link`): the real folder is what the package's own imports begin from. */
function installedFolder(name: string): string | undefined {
  for (const base of applicationBases()) {
    for (const modules of createRequire(base).resolve.paths(name) ?? []) {
      try {
        return realpathSync.native(path.join(modules, name));
      } catch {
        // not here: further up
      }
    }
  }
  return undefined;
}

function notInstalled(name: string, folderName: string): FolderSource {
  const folder = path.resolve('node_modules', name);
  const problem = new PluginError('IMPORT_FAILED', {
    plugin: folderName,
    detail: `the package ${name} is not installed`,
    hint: `Install it (npm install ${name}), or take it out of "packages".`,
    file: path.resolve('package.json'),
  });
  return { origin: 'package', name: folderName, folderName, folder, problem };
}

function withoutEntry(name: string, folderName: string, folder: string): FolderSource {
  const problem = new PluginError('IMPORT_FAILED', {
    plugin: folderName,
    detail: `the package ${name} has no entry`,
    hint: 'Name its entry by "exports" or "main" in its package.json, or take it out of "packages".',
    file: folder,
  });
  return { origin: 'package', name: folderName, folderName, folder, problem };
}
