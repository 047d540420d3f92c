import { fromSmallest } from '../loading/order-plugins.js';
import type { ExtensionEntry } from './extension-order.js';

/** A value at an extension point, and whose it is. */
export interface Placed {
  readonly plugin: string;
  readonly entry: ExtensionEntry;
}

/**
 * Sorts by number, then as given, and then moves behind others what must not stand before them.
 * @param given in load order
 * @returns the circles, too, in which some wish could not be met: names of plugins, each before the next one
 */
export function inOrder(given: readonly Placed[]): { sorted: Placed[]; circles: string[][] } {
  const byNumber = given.toSorted((a, b) => a.entry.order - b.entry.order);
  const circles: string[][] = [];
  if (byNumber.every(({ entry }) => entry.before.length + entry.after.length === 0))
    return { sorted: byNumber, circles };

  const waitsFor = predecessors(byNumber);
  const followers = byNumber.map((): number[] => []);
  waitsFor.forEach((places, place) => places.forEach((each) => followers[each]?.push(place)));
  const free = [...waitsFor.keys()].filter((place) => waitsFor[place]?.size === 0);
  const open = new Set(waitsFor.keys());
  const sorted: Placed[] = [];
  while (open.size > 0) {
    if (free.length === 0) {
      const circle = circleIn(open, waitsFor);
      const first = Math.min(...circle);
      circles.push(fromSmallest([...new Set(circle.toReversed().map((place) => byNumber[place]?.plugin ?? ''))]));
      waitsFor[first]?.clear();
      free.push(first);
    }
    const place = free.shift() ?? 0;
    open.delete(place);
    sorted.push(...byNumber.slice(place, place + 1));
    for (const follower of followers[place] ?? []) {
      const left = waitsFor[follower];
      if (left?.delete(place) && left.size === 0) insertSorted(free, follower);
    }
  }
  return { sorted, circles };
}

/** For each place, those that must come before it. */
function predecessors(placed: readonly Placed[]): Set<number>[] {
  const placesOf = new Map<string, number[]>();
  placed.forEach(({ plugin }, place) => {
    const key = plugin.toLowerCase();
    placesOf.set(key, [...(placesOf.get(key) ?? []), place]);
  });
  const waitsFor = placed.map(() => new Set<number>());
  placed.forEach(({ plugin, entry }, place) => {
    const others = (names: readonly string[]): number[] =>
      names.filter((name) => name !== plugin.toLowerCase()).flatMap((name) => placesOf.get(name) ?? []);
    for (const other of others(entry.after)) waitsFor[place]?.add(other);
    for (const other of others(entry.before)) waitsFor[other]?.add(place);
  });
  return waitsFor;
}

/** When each waits for another: the places of one circle, each behind the next one. */
function circleIn(open: ReadonlySet<number>, waitsFor: readonly ReadonlySet<number>[]): number[] {
  const way: number[] = [];
  let place = Math.min(...open);
  while (!way.includes(place)) {
    way.push(place);
    place = Math.min(...(waitsFor[place] ?? []));
  }
  return way.slice(way.indexOf(place));
}

function insertSorted(places: number[], place: number): void {
  const at = places.findIndex((each) => each > place);
  places.splice(at === -1 ? places.length : at, 0, place);
}
