import type { Plugin } from '../plugin/plugin.js';
import type { PluginError } from '../plugin/plugin-error.js';
import type { WantedState } from '../state/state-store.js';

/** Switches plugins in the running application. */
export interface LiveSwitch {
  /** Why this plugin must wait for the next start of the application; `undefined` where it need not. */
  whyNotLive(plugin: Plugin, to: WantedState): string | undefined;
  /**
   * Switches plugins, in this order, at one moment: no request sees some of them switched and others not.
   * @returns what went wrong on the way and did not stop it
   * @throws PluginError when one cannot be switched: then nothing has changed
   */
  switch(plugins: readonly Plugin[], to: WantedState): Promise<readonly PluginError[]>;
}
