import type { ModuleUnit } from './installed-plugin.js';
import type { Snapshot } from './snapshots.js';

/** Tells the place of modules in load order: that of the first plugin which has them; behind all others for those that are off. */
export function ranksOf(snapshot: Snapshot): (unit: ModuleUnit) => number {
  const ranks = new Map([...snapshot].map((candidate, rank) => [candidate, rank]));
  return ({ candidates }) => Math.min(...candidates.map((candidate) => ranks.get(candidate) ?? Infinity));
}
