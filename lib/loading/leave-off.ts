import type { Notice } from '../discovery/plugin-source.js';
import { printable } from '../plugin/printable.js';
import { decideState } from '../state/decide-state.js';
import { whySafeMode } from '../state/safe-mode.js';
import type { StateStore } from '../state/state-store.js';
import { isGoing, type Candidate } from './candidate.js';
import { metadataOfPackageJson } from './read-metadata.js';

/** Asks the marker file whether a plugin is off. */
export function readMarker(candidate: Candidate, states: StateStore): void {
  const { source } = candidate;
  const marker = source.origin === 'inline' ? undefined : states.read(source.folder);
  if (marker === undefined || source.origin === 'inline') return;
  candidate.marker = marker;
  if (decideState(marker) === 'disabled') leaveOff(candidate);
}

/** Leaves all plugins off where the operator wants none. */
export function leaveOffInSafeMode(candidates: readonly Candidate[], directories: readonly string[]): Notice[] {
  const why = whySafeMode(directories);
  if (why === undefined) return [];
  for (const candidate of candidates.filter(isGoing)) candidate.whyOff = 'safe mode';
  candidates.forEach(leaveOff);
  return [
    {
      level: 'warn',
      text: `Safe mode (${printable(why)}): no plugin runs. Take that away and start again to have them back.`,
    },
  ];
}

/** Nothing of it runs, so nothing is known of it but what its package.json tells. */
function leaveOff(candidate: Candidate): void {
  candidate.isOff = true;
  if (candidate.source.origin !== 'inline') candidate.metadata = metadataOfPackageJson(candidate.source.packageJson);
  delete candidate.error; // whatever is wrong with it does not matter while it is off
}
