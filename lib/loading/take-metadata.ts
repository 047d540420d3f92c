import { decideState } from '../state/decide-state.js';
import type { Candidate } from './candidate.js';
import { checkCompatibility } from './check-compatibility.js';
import { readMetadata } from './read-metadata.js';

/**
 * Has a candidate know what its code tells of it, and whether it is on then.
 * @param given the module's namespace, or an inline definition
 * @throws PluginError METADATA_INVALID, PATH_ESCAPE, INCOMPATIBLE
 */
export function takeMetadata(candidate: Candidate, given: unknown, hostVersion: string | undefined): void {
  const { metadata, register } = readMetadata(candidate, given);
  candidate.name = metadata.name;
  candidate.metadata = metadata;
  candidate.register = register;
  candidate.isOff = decideState(candidate.marker, metadata.state) === 'disabled';
  if (!candidate.isOff) checkCompatibility(candidate, metadata, hostVersion);
}
