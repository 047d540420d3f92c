import type { ModuleDraft } from '../extensions/module-draft.js';
import type { Candidate } from '../loading/candidate.js';
import type { Snapshot } from './snapshots.js';

/** A plugin that is on, with what it adds. */
export interface Contributor {
  readonly candidate: Candidate;
  readonly draft: ModuleDraft;
}

/**
 * Works something out of what the plugins of a snapshot add: once for each snapshot, and only when somebody asks.
 * A request asks with the snapshot that it began with, so that it sees one state of the plugins to its end.
 *
 * @param draftsIn what each plugin adds while those of a snapshot are on
 * @param collect is given the plugins that are on, in load order
 */
export function collectedBySnapshot<T>(
  draftsIn: (snapshot: Snapshot) => ReadonlyMap<Candidate, ModuleDraft>,
  collect: (plugins: readonly Contributor[]) => T,
): (snapshot: Snapshot) => T {
  const known = new WeakMap<Snapshot, { readonly value: T }>();
  return (snapshot) => {
    const held = known.get(snapshot) ?? { value: collect(contributorsOf(snapshot, draftsIn(snapshot))) };
    known.set(snapshot, held);
    return held.value;
  };
}

function contributorsOf(snapshot: Snapshot, drafts: ReadonlyMap<Candidate, ModuleDraft>): Contributor[] {
  return [...snapshot].flatMap((candidate) => {
    const draft = drafts.get(candidate);
    return draft ? [{ candidate, draft }] : [];
  });
}
