import { printable } from '../plugin/printable.js';
import type { PluginDefinition } from '../plugin/plugin-definition.js';
import { findGivenFolders } from './find-given-folders.js';
import { findInFolders } from './find-in-folders.js';
import { findInPackages } from './find-in-packages.js';
import type { Findings, FolderSource, InlineSource } from './plugin-source.js';

/** Where to look for plugins. */
export interface SearchPlaces {
  readonly directories: readonly string[];
  /** Folders that are plugins themselves. */
  readonly folders?: readonly string[];
  readonly packages: readonly string[];
  /** Whether plugins may be written in TypeScript. @default false */
  readonly typescript?: boolean;
  readonly plugins: readonly PluginDefinition[];
}

/** Finds every plugin: reads names and files, runs nothing, looks one level deep. In the order of folder names. */
export function findPlugins(places: SearchPlaces): Findings {
  const { directories, folders = [], packages, plugins, typescript = false } = places;
  const inFolders = findInFolders(directories, typescript);
  const given = findGivenFolders(folders, typescript);
  const inPackages = findInPackages(packages, typescript);
  const sources = [...inFolders.sources, ...given.sources, ...inPackages.sources].toSorted(byFolderName);
  return {
    sources: [...new Map(sources.map((source) => [source.folder, source])).values(), ...plugins.map(inlineSource)],
    notices: [...inFolders.notices, ...inPackages.notices],
  };
}

/** By code unit, so that the order is the same on every machine; lower case before upper where nothing else differs. */
export function compareNames(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  if (x !== y) return x < y ? -1 : 1;
  return a === b ? 0 : a > b ? -1 : 1;
}

function byFolderName(a: FolderSource, b: FolderSource): number {
  return compareNames(a.folderName, b.folderName);
}

function inlineSource(definition: PluginDefinition, position: number): InlineSource {
  return { origin: 'inline', name: inlineName(definition) || `inline-${position + 1}`, definition };
}

/** Reads the name carefully: what the application passed may be anything. */
function inlineName(definition: unknown): string | undefined {
  try {
    const name = (definition as { name?: unknown } | undefined)?.name;
    return typeof name === 'string' ? printable(name) : undefined;
  } catch {
    return undefined;
  }
}
