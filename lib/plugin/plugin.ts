import type { PluginError } from './plugin-error.js';
import type { PluginMetadata } from './plugin-metadata.js';

/** Where a plugin came from. */
export type PluginOrigin = 'folder' | 'package' | 'inline';

/** Whether a plugin is on, off, or could not be loaded. */
export type PluginState = 'enabled' | 'disabled' | 'failed';

/** How long each step took for one plugin, in milliseconds; a step that it never reached is missing. */
export interface PluginMilliseconds {
  readonly import?: number;
  readonly register?: number;
  /** Building its Nest module and running its `onModuleInit` and `onApplicationBootstrap`. */
  readonly start?: number;
}

/** What every plugin tells, in whatever state it is. */
interface PluginFacts {
  /** Its name; the folder's name where nothing of it could be read. */
  readonly name: string;
  /** Its version, where one could be read. */
  readonly version?: string;
  readonly origin: PluginOrigin;
  /** The absolute path of its folder; an inline plugin has none. */
  readonly folder?: string;
  /** What is known of it: all of it for an enabled plugin, what package.json tells for one that was never imported. */
  readonly metadata: Readonly<Partial<PluginMetadata>>;
  readonly milliseconds: PluginMilliseconds;
}

/** A plugin that is part of the application. */
export interface EnabledPlugin extends PluginFacts {
  readonly state: 'enabled';
  readonly version: string;
  readonly metadata: Readonly<PluginMetadata>;
  /** How many of each kind it brings: `{ routes: 3, providers: 2 }`. */
  readonly contributions: Readonly<Record<string, number>>;
}

/** A plugin that is switched off. */
export interface DisabledPlugin extends PluginFacts {
  readonly state: 'disabled';
  /** Why, where that was not decided for it alone: `safe mode`. */
  readonly reason?: string;
}

/** A plugin that could not be loaded; the application runs without it. */
export interface FailedPlugin extends PluginFacts {
  readonly state: 'failed';
  readonly error: PluginError;
}

/** One plugin, as the registry tells it. */
export type Plugin = EnabledPlugin | DisabledPlugin | FailedPlugin;
