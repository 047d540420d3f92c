import type { DeclaredRoute } from '../../host/declared-routes.js';
import type { PluginOrigin, PluginState } from '../../plugin/plugin.js';
import type { PluginErrorCode } from '../../plugin/plugin-error.js';
import type { PluginMetadata } from '../../plugin/plugin-metadata.js';

/** What is to be looked at, and how. */
export interface InspectionOrder {
  readonly directories: readonly string[];
  readonly folders: readonly string[];
  readonly packages: readonly string[];
  readonly typescript: boolean;
  /** For each step of one plugin, in ms. */
  readonly timeout: number;
  readonly hostVersion?: string | undefined;
  /** Whether `register()` is called; else only metadata is read. */
  readonly registers: boolean;
  /** Whether their modules are started as well, in an application that has nothing but them. @default false */
  readonly starts?: boolean;
  /** Whether plugins that a marker file switches off are looked at as well. @default false */
  readonly ignoresMarkers?: boolean;
  /** Folders of plugins that ended the process before: they are not imported again. */
  readonly skip: readonly string[];
}

/** An error of a plugin, as it comes from the other process. */
export interface InspectedError {
  readonly code: PluginErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly field?: string | undefined;
  /** What the plugin injects that the application, which is not here, may give: then it is no fault. */
  readonly lacks?: string | undefined;
}

/** What a plugin's `register()` gave, as far as the doctor looks at it. */
export interface InspectedContributions {
  /** Every key that was there, and whether there was anything under it. */
  readonly keys: Readonly<Record<string, boolean>>;
  readonly routes: readonly DeclaredRoute[];
  /** Names of the plugins whose contributions it changes. */
  readonly transforms: readonly string[];
}

/** One plugin, as the other process found it. */
export interface InspectedPlugin {
  readonly name: string;
  readonly folderName: string;
  readonly folder: string;
  readonly entry?: string | undefined;
  readonly origin: PluginOrigin;
  readonly state: PluginState;
  readonly metadata: Readonly<Partial<PluginMetadata>>;
  readonly error?: InspectedError | undefined;
  readonly contributions?: InspectedContributions | undefined;
}

/** Everything that was found, in load order. */
export interface Inspection {
  readonly plugins: readonly InspectedPlugin[];
  /** What was noticed on the way: a directory that is missing, a folder that is no plugin. */
  readonly notices: readonly { readonly level: 'warn' | 'debug'; readonly text: string }[];
}

/** What the other process says while it works. */
export type InspectorMessage =
  | { readonly at: { readonly folder: string; readonly step: 'import' | 'register' } }
  | { readonly found: Inspection }
  /** By folder. */
  | { readonly started: ReadonlyMap<string, InspectedError> };
