import type { AbstractHttpAdapter, ApplicationConfig } from '@nestjs/core';
import { RouteSpecificitySorter } from '@nestjs/core/router/route-specificity-sorter.js';

import { indexBySegment, segmentOf, type Layer, type Segments } from './first-segment.js';
import type { ModuleUnit } from './installed-plugin.js';
import { ranksOf } from './load-order.js';
import type { Handler, PlatformGate, Register } from './platform-gate.js';
import { isOn, type Snapshot } from './snapshots.js';

interface Router {
  stack: Layer[];
  readonly caseSensitive?: boolean;
  handle: (this: Router, request: { url?: string }, response: unknown, done: unknown) => unknown;
}

type ResolvedRoute = Parameters<typeof RouteSpecificitySorter.sort>[0][number];
type Region = 'middleware' | 'route';

/**
 * Composes the router's stack anew whenever another set of plugins is on: what belongs to the others is not in it.
 * A request that is under way goes on with the array that it began with. What plugins bring that are loaded later takes the
 * place that it would have had from the start on: behind what the application itself has, in load order.
 *
 * Express walks through its stack; with a thousand plugins that takes longer than the answer. So each request is handed a stack without
 * the plugin routes whose first path segment is another one: they could not match, and the result of the walk is the same.
 */
export class ExpressGate implements PlatformGate {
  readonly seen = new Set<ModuleUnit>();
  readonly #owners = new WeakMap<Layer, ModuleUnit>();
  /** Every layer of the start, in the order of registration. */
  #all: Layer[] = [];
  readonly #known = new WeakSet<Layer>();
  /** The layers of plugins that were loaded later. */
  readonly #late: Record<Region, Layer[]> = { middleware: [], route: [] };
  /** The last layers of the start that Nest registered in each region: what other libraries add comes behind. */
  readonly #last: Partial<Record<Region, Layer>> = {};
  readonly #segments: Segments = new WeakMap();
  #isOpen = false;
  #snapshot: Snapshot = new Set();
  #composed: Layer[] = [];
  #length = 0;
  #stackOf: (segment: string) => Layer[] = () => this.#composed;

  constructor(
    private readonly adapter: AbstractHttpAdapter,
    private readonly config: ApplicationConfig,
  ) {
    this.registered('middleware'); // what is there by now, as the parsers of bodies, comes before all of it
  }

  addRoute(unit: ModuleUnit, path: string, handler: Handler, register: Register): unknown {
    this.seen.add(unit);
    return this.#owning(unit, 'route', () => register(path, handler));
  }

  addMiddleware(unit: ModuleUnit, path: string, handler: Handler, register: Register): unknown {
    return this.#owning(unit, 'middleware', () => register(path, handler));
  }

  registered(what: Region): void {
    const last = this.#router().stack.at(-1);
    if (!this.#isOpen && last) this.#last[what] = last;
  }

  open(): void {
    this.#isOpen = true;
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

  apply(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#compose();
  }

  remove(units: ReadonlySet<ModuleUnit>): void {
    const isLeft = (layer: Layer): boolean => {
      const unit = this.#owners.get(layer);
      return !unit || !units.has(unit);
    };
    for (const unit of units) this.seen.delete(unit);
    this.#learn();
    this.#keepPlaces(isLeft);
    this.#all = this.#all.filter(isLeft);
    for (const region of ['middleware', 'route'] as const) this.#late[region] = this.#late[region].filter(isLeft);
    this.#compose();
  }

  #router(): Router {
    return this.adapter.getInstance<{ router: Router }>().router;
  }

  #owning(unit: ModuleUnit, region: Region, register: () => unknown): unknown {
    const { stack } = this.#router();
    const before = stack.length;
    const result = register();
    const added = this.#isOpen ? stack.splice(before) : stack.slice(before);
    for (const layer of added) {
      this.#owners.set(layer, unit);
      if (this.#isOpen) this.#known.add(layer);
    }
    if (this.#isOpen) this.#late[region].push(...added);
    return result;
  }

  /** The marks of where a region ends move up when their layer goes. */
  #keepPlaces(isLeft: (layer: Layer) => boolean): void {
    for (const region of ['middleware', 'route'] as const) {
      const last = this.#last[region];
      if (!last || isLeft(last)) continue;
      const left = this.#all.slice(0, this.#all.indexOf(last)).findLast(isLeft);
      if (left) this.#last[region] = left;
      else delete this.#last[region];
    }
  }

  #learn(): void {
    for (const layer of this.#router().stack) {
      if (this.#known.has(layer)) continue;
      this.#known.add(layer);
      this.#all.push(layer);
    }
  }

  #compose(): void {
    const router = this.#router();
    this.#learn();
    const isThere = (layer: Layer): boolean => {
      const unit = this.#owners.get(layer);
      return !unit || isOn(unit, this.#snapshot);
    };
    const all = this.#late.middleware.length + this.#late.route.length > 0 ? this.#withLate() : this.#all;
    this.#composed = all.filter(isThere);
    this.#length = this.#composed.length;
    router.stack = this.#composed;
    const caseSensitive = router.caseSensitive ?? false;
    this.#stackOf = indexBySegment(this.#composed, (layer) => this.#owners.has(layer), caseSensitive, this.#segments);
  }

  /** Every layer, the later ones in their places. */
  #withLate(): Layer[] {
    const ranks = ranksOf(this.#snapshot);
    const rankOf = (layer: Layer): number => {
      const unit = this.#owners.get(layer);
      return unit ? ranks(unit) : -1;
    };
    const routesEnd = this.#endOf('route');
    const middlewareEnd = Math.min(this.#endOf('middleware'), routesEnd);
    return [
      ...merged(this.#all.slice(0, middlewareEnd), this.#late.middleware, rankOf),
      ...this.#sorted(merged(this.#all.slice(middlewareEnd, routesEnd), this.#late.route, rankOf)),
      ...this.#all.slice(routesEnd),
    ];
  }

  /** Where the application has it so, the more specific route comes first: Nest has sorted the earlier ones already. */
  #sorted(routes: readonly Layer[]): Layer[] {
    if (this.config.getRouteResolutionStrategy() !== 'specificity') return [...routes];
    // Of a route, Nest's sorter reads nothing but its path.
    const entries = routes.map(
      (layer) => ({ layer, path: pathOf(layer) }) as unknown as ResolvedRoute & { layer: Layer },
    );
    // eslint-disable-next-line unicorn/no-array-sort -- no array's: Nest's sorter returns a new one
    return (RouteSpecificitySorter.sort(entries) as typeof entries).map(({ layer }) => layer);
  }

  #endOf(region: Region): number {
    const last = this.#last[region];
    if (last) return this.#all.indexOf(last) + 1;
    return region === 'route' ? this.#endOf('middleware') : 0;
  }
}

/** Puts later layers before the first of a plugin that comes after theirs in load order, else at the end. */
function merged(early: readonly Layer[], late: readonly Layer[], rankOf: (layer: Layer) => number): Layer[] {
  const waiting = late.map((layer) => ({ layer, rank: rankOf(layer) })).toSorted((a, b) => a.rank - b.rank);
  const result: Layer[] = [];
  let next = 0;
  for (const layer of early) {
    const rank = rankOf(layer);
    for (let each = waiting[next]; each && each.rank < rank; each = waiting[next]) {
      result.push(each.layer);
      next += 1;
    }
    result.push(layer);
  }
  return [...result, ...waiting.slice(next).map(({ layer }) => layer)];
}

function pathOf({ route }: Layer): string {
  return typeof route?.path === 'string' ? route.path : '/*path';
}
