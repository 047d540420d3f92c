/** One entry of Express' router: a route, or a middleware. */
export interface Layer {
  readonly route?: { readonly path: unknown };
  readonly handle?: unknown;
}

/** The first segment of each layer's path, worked out once. */
export type Segments = WeakMap<Layer, string | typeof ANY>;

const ANY = Symbol('any segment');

/** Middleware that lets everything by which is not below a path. */
const onlyBelow = new WeakMap<object, string>();

/** Notes of a middleware that it lets everything by which is not below this path: no other request needs to pass it. */
export function answersOnlyBelow(middleware: object, path: string): void {
  onlyBelow.set(middleware, path);
}

/**
 * Sorts a stack by the first path segment of its routes; what has none of its own stands in all of the results, in its place.
 * @param isOfPlugin only the layers of plugins are sorted, and those of which it was noted where they answer: of others nothing is known
 * @param known what was worked out before is taken from here, and the rest added
 * @returns the stack for requests with a first segment
 */
export function indexBySegment(
  stack: Layer[],
  isOfPlugin: (layer: Layer) => boolean,
  caseSensitive: boolean,
  known: Segments,
): (segment: string) => Layer[] {
  const places = new Map<string, number[]>();
  const always: number[] = [];
  for (const [place, layer] of stack.entries()) {
    let segment = known.get(layer);
    if (segment === undefined) {
      segment = literalSegment(isOfPlugin(layer) ? layer.route?.path : pathBelow(layer), caseSensitive) ?? ANY;
      known.set(layer, segment);
    }
    if (segment === ANY) always.push(place);
    else {
      const same = places.get(segment);
      if (same) same.push(place);
      else places.set(segment, [place]);
    }
  }
  const layersAt = (at: readonly number[]): Layer[] => at.flatMap((place) => stack[place] ?? []);
  const withoutSegment = layersAt(always);
  const bySegment = new Map<string, Layer[]>();
  return (segment) => {
    const own = places.get(segment);
    if (!own) return withoutSegment;
    const made = bySegment.get(segment);
    if (made) return made;
    const found = layersAt([...always, ...own].toSorted((a, b) => a - b));
    bySegment.set(segment, found);
    return found;
  };
}

/** Nothing in it means anything in a path pattern, is encoded, or is compared in more ways than one. */
const LITERAL = /^[\w.~-]+$/;

function pathBelow({ handle }: Layer): string | undefined {
  return typeof handle === 'function' ? onlyBelow.get(handle) : undefined;
}

/** The first segment of a path pattern, where only requests with that very segment can match it. */
function literalSegment(pattern: unknown, caseSensitive: boolean): string | undefined {
  if (typeof pattern !== 'string' || !pattern.startsWith('/')) return undefined;
  const [, segment = ''] = pattern.split('/');
  if (!LITERAL.test(segment)) return undefined;
  return caseSensitive ? segment : segment.toLowerCase();
}

/** The first segment of what is asked for; `undefined` where it is not plain to see. */
export function segmentOf(url: string, caseSensitive: boolean): string | undefined {
  if (!url.startsWith('/') || url.includes('#')) return undefined;
  let end = 1; // a regular expression takes several times as long, for each request
  while (end < url.length && url[end] !== '/' && url[end] !== '?') end += 1;
  const segment = url.slice(1, end);
  return caseSensitive ? segment : segment.toLowerCase();
}
