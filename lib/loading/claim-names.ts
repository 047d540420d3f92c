import { placeOf } from '../discovery/plugin-source.js';
import { compareNames } from '../discovery/find-plugins.js';
import type { PluginError } from '../plugin/plugin-error.js';
import { errorOf, isGoing, type Candidate } from './candidate.js';

/**
 * Lets each name belong to one plugin, without regard to case: to the one whose folder bears it, else to the first
 * by name (lower case before upper), then by folder name. The others fail, each naming the owner; one that is switched off goes by its folder's name instead.
 */
export function claimNames(candidates: readonly Candidate[]): void {
  const owners = new Map<string, Candidate>();
  for (const candidate of candidates.filter(isGoing).toSorted(byClaim)) {
    const owner = owners.get(candidate.name.toLowerCase());
    if (!owner) owners.set(candidate.name.toLowerCase(), candidate);
    else candidate.error = nameTaken(candidate, owner);
  }
  for (const candidate of candidates) {
    if (candidate.isOff && owners.has(candidate.name.toLowerCase()) && candidate.source.origin !== 'inline')
      candidate.name = candidate.source.folderName;
  }
}

/** Fails a plugin that comes later where another one that is going has its name. */
export function refuseTakenName(candidate: Candidate, others: readonly Candidate[]): void {
  const owner = others.find((other) => isGoing(other) && other.name.toLowerCase() === candidate.name.toLowerCase());
  if (owner && isGoing(candidate)) candidate.error = nameTaken(candidate, owner);
}

function nameTaken(candidate: Candidate, owner: Candidate): PluginError {
  return errorOf(candidate, 'NAME_TAKEN', {
    detail: `the plugin "${owner.name}"${whereIs(owner)} has it, and names are compared without regard to case`,
    hint: 'Rename or remove one of the two.',
    field: 'name',
  });
}

function byClaim(a: Candidate, b: Candidate): number {
  return Number(bearsFolderName(b)) - Number(bearsFolderName(a)) || compareNames(a.name, b.name);
}

function bearsFolderName({ name, source }: Candidate): boolean {
  return source.origin !== 'inline' && source.folderName.toLowerCase() === name.toLowerCase();
}

function whereIs({ source }: Candidate): string {
  const place = placeOf(source);
  return place === undefined ? '' : ` in ${place}`;
}
