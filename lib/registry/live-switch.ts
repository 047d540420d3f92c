import type { Plugin } from '../plugin/plugin.js';
import type { PluginError } from '../plugin/plugin-error.js';
import type { WantedState } from '../state/state-store.js';

/** What came of changing the running application. */
export interface LiveChange {
  /** Why it must wait for the next start, where it must: then nothing has changed. */
  readonly waits?: string;
  /** What went wrong on the way and did not stop it. */
  readonly problems: readonly PluginError[];
  /** Resolves when all that was taken out is gone, with what went wrong on the way. */
  readonly gone?: Promise<readonly PluginError[]>;
}

/** Changes plugins in the running application. */
export interface LiveSwitch {
  /** Why this plugin must wait for the next start of the application, as far as that is known before it is tried. */
  whyNotLive(plugin: Plugin, to: WantedState): string | undefined;
  /** Whether any of its code is in memory. */
  isLoaded(plugin: Plugin): boolean;
  /**
   * Switches plugins, in this order, at one moment: no request sees some of them switched and others not.
   * Those whose code is not loaded yet are loaded.
   * @throws PluginError when one cannot be switched: then nothing has changed
   */
  switch(plugins: readonly Plugin[], to: WantedState): Promise<LiveChange>;
  /**
   * Looks for plugins that are not known yet, and lists them, switched off.
   * @returns their names
   */
  discover(): readonly string[];
  /** Lists a plugin as failed. */
  fail(name: string, error: PluginError): void;
  /** Takes plugins that are off out of memory, and all that were built upon them. */
  unload(plugins: readonly Plugin[]): LiveChange;
  /**
   * Replaces plugins that are on by what is on disk now, at one moment.
   * @throws PluginError when one of them does not start: then nothing has changed
   */
  upgrade(plugins: readonly Plugin[]): Promise<LiveChange>;
}

/** Has every change wait for the next start. */
export function notConnected(waits: string): LiveSwitch {
  return {
    whyNotLive: () => waits,
    isLoaded: () => false,
    discover: () => [],
    fail: () => undefined,
    switch: () => Promise.resolve({ problems: [], waits }),
    unload: () => ({ problems: [], waits }),
    upgrade: () => Promise.resolve({ problems: [], waits }),
  };
}
