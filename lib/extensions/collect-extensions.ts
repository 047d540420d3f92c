import type { Notice } from '../discovery/plugin-source.js';
import type { Candidate } from '../loading/candidate.js';
import { printable } from '../plugin/printable.js';
import type { ExtensionEntry } from './extension-order.js';
import { inOrder, type Placed } from './in-order.js';
import type { ModuleDraft } from './module-draft.js';

/** What plugins contribute to the extension points of an application. */
export interface CollectedExtensions {
  /** By point, in order; neither the map nor its lists change. */
  readonly values: ReadonlyMap<string, readonly unknown[]>;
  /** Which wishes for a place could not all be met. */
  readonly notices: readonly Notice[];
}

/** Collects the values of plugins for each extension point, and puts them in order. */
export function collectExtensions(
  plugins: readonly { readonly candidate: Candidate; readonly draft: ModuleDraft }[],
): CollectedExtensions {
  const notices: Notice[] = [];
  const values = new Map<string, readonly unknown[]>();
  for (const [point, placed] of byPoint(plugins)) {
    const { sorted, circles } = inOrder(placed);
    values.set(point, Object.freeze(sorted.map(({ entry }) => entry.value)));
    for (const circle of circles) notices.push(unmet(point, circle));
  }
  return { values, notices };
}

function byPoint(
  plugins: readonly { readonly candidate: Candidate; readonly draft: ModuleDraft }[],
): Map<string, Placed[]> {
  const points = new Map<string, Placed[]>();
  // A module that several plugins import contributes once.
  const seen = new Set<ExtensionEntry>();
  for (const { candidate, draft } of plugins) {
    for (const entries of [draft.extensions, draft.provided]) {
      for (const [point, given] of entries) {
        const placed = points.get(point) ?? [];
        for (const entry of given) if (!seen.has(entry)) placed.push({ plugin: candidate.name, entry });
        given.forEach((entry) => seen.add(entry));
        points.set(point, placed);
      }
    }
  }
  return points;
}

function unmet(point: string, circle: readonly string[]): Notice {
  return {
    level: 'warn',
    text: `Extension point "${printable(point)}": ${circle.join(' -> ')} cannot all stand before the next one; the first of them comes first. Take one out of "before" or "after".`,
  };
}
