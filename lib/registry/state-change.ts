import type { PluginErrorCode, PluginError } from '../plugin/plugin-error.js';
import type { PluginState } from '../plugin/plugin.js';
import type { WantedState } from '../state/state-store.js';
import type { Plan } from './plan-change.js';

/** What came of switching a plugin. */
export interface StateChange {
  /** The plugin's name. */
  readonly plugin: string;
  /** Its state from now on, or from the next start of the application on. */
  readonly state: WantedState;
  /** Whether it holds from the next request on, from the next start of the application on, or held before. */
  readonly applied: 'live' | 'on-reload' | 'unchanged';
  /** The other plugins that were taken along, in the order in which it happened. */
  readonly affected: readonly string[];
  /** Why it must wait for the next start, where it must. */
  readonly reason?: string;
  /** What went wrong on the way and did not stop it: an `onPluginDisable()` that failed. */
  readonly problems?: readonly PluginError[];
  /** Requests that began before are open still; what they use stays in memory until the last of them has ended. */
  readonly isDraining?: true;
}

/** What switching a plugin would do. */
export interface StateChangePreview extends StateChange {
  /** The code with which it would be refused without `cascade`. */
  readonly refusedWithoutCascade?: PluginErrorCode;
}

/** One plugin has been switched. */
export interface PluginChange {
  readonly plugin: string;
  readonly from: PluginState;
  readonly to: WantedState;
  readonly at: Date;
  /** Where it was decided, when that was not by a call of `enable()` or `disable()`. */
  readonly by?: 'marker file';
}

/** What comes of a plan that is carried out. */
export function answer({ plugin, others, changing, reason }: Plan, to: WantedState): StateChange {
  const applied = changing.length === 0 ? 'unchanged' : reason === undefined ? 'live' : 'on-reload';
  return {
    plugin: plugin.name,
    state: to,
    applied,
    affected: others.map(({ name }) => name),
    ...(applied === 'on-reload' && reason !== undefined && { reason }),
  };
}
