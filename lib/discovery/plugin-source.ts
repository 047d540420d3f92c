import type { PluginDefinition } from '../plugin/plugin-definition.js';
import type { PluginError } from '../plugin/plugin-error.js';
import type { PackageJson } from './package-json.js';

/** A folder that holds a plugin, before anything of it ran. */
export interface FolderSource {
  readonly origin: 'folder' | 'package';
  /** The name to use until the plugin tells its own: from package.json, else the folder's. */
  readonly name: string;
  /** The folder's own name. */
  readonly folderName: string;
  /** The folder's real path: no link leads to it any more. */
  readonly folder: string;
  /** The real path of the file to import; missing where a problem was found. */
  readonly entry?: string;
  readonly packageJson?: PackageJson;
  /** Whether its entry was looked for among TypeScript, too. */
  readonly typescript?: boolean;
  /** Why it cannot be loaded, where that shows without running anything of it. */
  readonly problem?: PluginError;
}

/** One with a file to import. */
export type WithEntry = FolderSource & { readonly entry: string };

/** A plugin that the application passed as a value. */
export interface InlineSource {
  readonly origin: 'inline';
  readonly name: string;
  readonly definition: PluginDefinition;
}

/** Where one plugin is. */
export type PluginSource = FolderSource | InlineSource;

/** What was noticed on the way and harms no plugin: a missing folder, a file among the plugins. */
export interface Notice {
  /** `warn` for what an operator should look at, `debug` for why something was passed over. */
  readonly level: 'warn' | 'debug';
  readonly text: string;
}

/** What a search found. */
export interface Findings<Source = PluginSource> {
  readonly sources: readonly Source[];
  readonly notices: readonly Notice[];
}

/** Whether there is a file to import. */
export function hasEntry(source: FolderSource): source is WithEntry {
  return source.entry !== undefined;
}

/** The file to show for a plugin: its entry, else its folder; an inline one has none. */
export function placeOf(source: PluginSource): string | undefined {
  return source.origin === 'inline' ? undefined : (source.entry ?? source.folder);
}
