import type { WantedState } from './state-store.js';

/** Decides whether a plugin is on: the marker file, else its metadata, else it is. */
export function decideState(marker: WantedState | undefined, metadata?: WantedState): WantedState {
  return marker ?? metadata ?? 'enabled';
}
