import type { Candidate } from './candidate.js';
import { orderPlugins } from './order-plugins.js';

/** All plugins of the application, in load order. */
export class Roster {
  #candidates: readonly Candidate[] = [];

  get all(): readonly Candidate[] {
    return this.#candidates;
  }

  /** @param candidates in load order */
  fill(candidates: readonly Candidate[]): void {
    this.#candidates = candidates;
  }

  /** @throws Error for a name that nobody bears */
  get(name: string): Candidate {
    const candidate = this.#candidates.find((each) => each.name === name);
    if (!candidate) throw new Error(`There is no plugin "${name}".`);
    return candidate;
  }

  /**
   * Works out the load order with some plugins replaced, and sets errors on the new ones that cannot be among the others.
   * The others are as they were.
   */
  reordered(replacements: ReadonlyMap<Candidate, Candidate>): Candidate[] {
    const next = this.#candidates.map((candidate) => replacements.get(candidate) ?? candidate);
    const fresh = new Set(replacements.values());
    for (const candidate of fresh) if (!next.includes(candidate)) next.push(candidate);
    const before = next.map((candidate) => candidate.error);
    const ordered = orderPlugins(next);
    for (const [place, candidate] of next.entries()) if (!fresh.has(candidate)) restore(candidate, before[place]);
    return ordered;
  }
}

function restore(candidate: Candidate, error: Candidate['error']): void {
  if (error === undefined) delete candidate.error;
  else candidate.error = error;
}
