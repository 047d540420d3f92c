import type { ModuleDraft } from '../extensions/module-draft.js';
import type { Candidate } from '../loading/candidate.js';
import type { Snapshot } from './snapshots.js';

/** A plugin that is on, with what it adds. */
export interface Contributor {
  readonly candidate: Candidate;
  readonly draft: ModuleDraft;
}

/**
 * Works something out of a snapshot: once for each, and only when somebody asks.
 * A request asks with the snapshot that it began with, so that it sees one state of the plugins to its end.
 */
export function oncePerSnapshot<T>(work: (snapshot: Snapshot) => T): (snapshot: Snapshot) => T {
  const known = new WeakMap<Snapshot, { readonly value: T }>();
  return (snapshot) => {
    const held = known.get(snapshot) ?? { value: work(snapshot) };
    known.set(snapshot, held);
    return held.value;
  };
}

/**
 * The plugins of a snapshot with what they add, in load order.
 * @param drafts what each plugin adds while those of the snapshot are on
 */
export function contributorsOf(snapshot: Snapshot, drafts: ReadonlyMap<Candidate, ModuleDraft>): Contributor[] {
  return [...snapshot].flatMap((candidate) => {
    const draft = drafts.get(candidate);
    return draft ? [{ candidate, draft }] : [];
  });
}
