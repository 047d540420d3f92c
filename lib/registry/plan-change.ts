import type { Plugin } from '../plugin/plugin.js';
import type { WantedState } from '../state/state-store.js';
import { dependenciesOf, dependentsOf } from './dependents.js';
import type { KeptStates } from './kept-states.js';
import type { LiveSwitch } from './live-switch.js';

/** What is to be done for one change: the others in their order, then the plugin itself. */
export interface Plan {
  readonly plugin: Plugin;
  readonly others: readonly Plugin[];
  readonly changing: readonly Plugin[];
  readonly reason?: string;
  readonly by?: 'marker file';
}

/** Where a change is planned: among these plugins, by what is kept on disk and what the running application can do. */
export interface Surroundings {
  readonly plugins: readonly Plugin[];
  readonly kept: KeptStates;
  readonly live: LiveSwitch;
}

/** Finds out who must be switched along with a plugin, and whether it must wait. */
export function planChange(plugin: Plugin, to: WantedState, surroundings: Surroundings): Plan {
  const { plugins, kept, live } = surroundings;
  const isWanted = needsChange(plugin, to, surroundings) || (to === 'enabled' && kept.isQuarantined(plugin));
  const own = isWanted ? [plugin] : [];
  // A plugin that is off already needs nothing; one that is on may still have failed for want of another.
  const related = to === 'disabled' ? dependentsOf(plugin.name, plugins) : dependenciesOf(plugin, plugins);
  const others =
    to === 'disabled' && own.length === 0 ? [] : related.filter((other) => needsChange(other, to, surroundings));
  const changing = [...others, ...own];
  const [reason] = changing.flatMap((each) => live.whyNotLive(each, to) ?? []);
  return { plugin, others, changing, ...(reason !== undefined && { reason }) };
}

/** A change that was written and waits for the next start is not made twice; a plugin that failed is tried again. */
function needsChange(plugin: Plugin, to: WantedState, { kept, live }: Surroundings): boolean {
  if (kept.isUnread(plugin)) return kept.marker(plugin) !== to;
  const isThere = to === 'enabled' ? plugin.state === 'enabled' : plugin.state === 'disabled';
  return kept.wanted(plugin) !== to || (!isThere && live.whyNotLive(plugin, to) === undefined);
}
