import type { AbstractHttpAdapter } from '@nestjs/core';

import type { ModuleUnit } from './installed-plugin.js';
import type { Handler, PlatformGate, Register } from './platform-gate.js';
import { isOn, type Snapshot } from './snapshots.js';

/** One entry of Express' router: a route, or a middleware. */
interface Layer {
  readonly route?: { readonly path: unknown };
}

interface Router {
  stack: Layer[];
  readonly caseSensitive?: boolean;
  handle: (this: Router, request: { url?: string }, response: unknown, done: unknown) => unknown;
}

/**
 * Composes the router's stack anew whenever another set of plugins is on: what belongs to the others is not in it.
 * A request that is under way goes on with the array that it began with.
 *
 * Express walks through its stack; with a thousand plugins that takes longer than the answer. So each request is handed a stack without
 * the plugin routes whose first path segment is another one: they could not match, and the result of the walk is the same.
 */
export class ExpressGate implements PlatformGate {
  readonly #owners = new WeakMap<Layer, ModuleUnit>();
  /** Every layer there ever was, in the order of registration. */
  readonly #all: Layer[] = [];
  readonly #known = new Set<Layer>();
  #snapshot: Snapshot = new Set();
  #composed: Layer[] = [];
  #length = 0;
  #isIndexed = false;

  constructor(private readonly adapter: AbstractHttpAdapter) {}

  addRoute(unit: ModuleUnit, path: string, handler: Handler, register: Register): unknown {
    return this.#owning(unit, () => register(path, handler));
  }

  addMiddleware(unit: ModuleUnit, path: string, handler: Handler, register: Register): unknown {
    return this.#owning(unit, () => register(path, handler));
  }

  apply(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#compose();
    this.#indexRequests();
  }

  #router(): Router {
    return this.adapter.getInstance<{ router: Router }>().router;
  }

  #owning(unit: ModuleUnit, register: () => unknown): unknown {
    const before = this.#router().stack.length;
    const result = register();
    for (const layer of this.#router().stack.slice(before)) this.#owners.set(layer, unit);
    return result;
  }

  #compose(): void {
    const router = this.#router();
    for (const layer of router.stack) {
      if (this.#known.has(layer)) continue;
      this.#known.add(layer);
      this.#all.push(layer);
    }
    this.#composed = this.#all.filter((layer) => {
      const unit = this.#owners.get(layer);
      return !unit || isOn(unit, this.#snapshot);
    });
    this.#length = this.#composed.length;
    router.stack = this.#composed;
    this.#index(router.caseSensitive ?? false);
  }

  /** Sorts the stack by first segment; what has none of its own stands in all of them, in its place. */
  #index(caseSensitive: boolean): void {
    const segments = this.#composed.map((layer) =>
      this.#owners.has(layer) ? literalSegment(layer, caseSensitive) : undefined,
    );
    const places = new Map<string, number[]>();
    const always: number[] = [];
    for (const [place, segment] of segments.entries()) {
      if (segment === undefined) always.push(place);
      else {
        const known = places.get(segment);
        if (known) known.push(place);
        else places.set(segment, [place]);
      }
    }
    const withoutSegment = this.#layersAt(always);
    const bySegment = new Map<string, Layer[]>();
    this.#stackOf = (segment) => {
      const own = places.get(segment);
      if (!own) return withoutSegment;
      const known = bySegment.get(segment);
      if (known) return known;
      const stack = this.#layersAt([...always, ...own].toSorted((a, b) => a - b));
      bySegment.set(segment, stack);
      return stack;
    };
  }

  #stackOf: (segment: string) => Layer[] = () => this.#composed;

  #layersAt(places: readonly number[]): Layer[] {
    return places.flatMap((place) => this.#composed[place] ?? []);
  }

  #indexRequests(): void {
    if (this.#isIndexed) return;
    this.#isIndexed = true;
    const router = this.#router();
    const { handle } = router;
    router.handle = (request, response, done) => {
      // Somebody has added a layer since.
      if (router.stack !== this.#composed || router.stack.length !== this.#length) this.#compose();
      const segment = segmentOf(request.url ?? '', router.caseSensitive ?? false);
      router.stack = segment === undefined ? this.#composed : this.#stackOf(segment);
      try {
        return handle.call(router, request, response, done); // reads the stack at once
      } finally {
        router.stack = this.#composed;
      }
    };
  }
}

/** Nothing in it means anything in a path pattern, is encoded, or is compared in more ways than one. */
const LITERAL = /^[\w.~-]+$/;

/** The first segment of a plugin's route, where only requests with that very segment can match it. */
function literalSegment({ route }: Layer, caseSensitive: boolean): string | undefined {
  if (typeof route?.path !== 'string' || !route.path.startsWith('/')) return undefined;
  const [, segment = ''] = route.path.split('/');
  if (!LITERAL.test(segment)) return undefined;
  return caseSensitive ? segment : segment.toLowerCase();
}

/** The first segment of what is asked for; `undefined` where it is not plain to see. */
function segmentOf(url: string, caseSensitive: boolean): string | undefined {
  if (!url.startsWith('/') || url.includes('#')) return undefined;
  const segment = /^\/([^/?]*)/.exec(url)?.[1] ?? '';
  return caseSensitive ? segment : segment.toLowerCase();
}
