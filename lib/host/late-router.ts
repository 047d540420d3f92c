import type { AbstractHttpAdapter } from '@nestjs/core';
import findMyWay, { type HTTPMethod } from 'find-my-way';

import type { Strategy } from './fastify.gate.js';
import type { ModuleUnit } from './installed-plugin.js';

/** What Fastify's `route()` takes, as far as it is looked at here. */
export interface RouteOptions {
  readonly method: string | string[];
  readonly url: string;
  readonly handler: (this: unknown, request: LateRequest, reply: unknown) => unknown;
  constraints?: Readonly<Record<string, unknown>>;
  config?: object;
  readonly schema?: object;
}

interface LateRequest {
  readonly raw: object;
  readonly routeOptions: object;
  params: unknown;
}

/** A route of a plugin that was loaded later, and what a request's path says to it. */
export interface LateMatch {
  readonly route: RouteOptions;
  readonly params: unknown;
}

/** What a route of this router bears: `unit` where it came later. */
interface Entry {
  readonly options: RouteOptions;
  readonly unit?: ModuleUnit;
}

type Router = findMyWay.Instance<findMyWay.HTTPVersion.V1> & {
  readonly constrainer: { deriveConstraints(request: object): Record<string, unknown> };
};

/**
 * Finds routes that came too late for Fastify, as Fastify would have found them: in a router of the same kind that has all routes,
 * those of the start as well. It is made when the first late route comes; until then nothing is spent on it.
 */
export class LateRouter {
  /** The routes of the start. */
  readonly early: RouteOptions[] = [];
  #late: Entry[] = [];
  #router: Router | undefined;

  constructor(
    private readonly adapter: AbstractHttpAdapter,
    private readonly strategy: Strategy,
  ) {}

  /** @throws Error when the router refuses the path */
  add(unit: ModuleUnit, options: RouteOptions): void {
    const methods = new Set([options.method].flat());
    const entries = [{ unit, options }];
    // As Fastify does it: a GET route answers HEAD as well.
    if (methods.has('GET') && !methods.has('HEAD')) entries.push({ unit, options: { ...options, method: 'HEAD' } });
    this.#router ??= this.#build();
    for (const entry of entries) register(this.#router, entry);
    this.#late.push(...entries);
  }

  remove(units: ReadonlySet<ModuleUnit>): void {
    const left = this.#late.filter(({ unit }) => !unit || !units.has(unit));
    if (left.length === this.#late.length) return;
    this.#late = left;
    this.#router = undefined;
  }

  /** The late route that answers this request, where it is one that does. */
  find(request: object): LateMatch | undefined {
    if (this.#late.length === 0) return undefined;
    const { method, url } = request as { method: HTTPMethod; url: string };
    this.#router ??= this.#build();
    const found = this.#router.find(method, url, this.#router.constrainer.deriveConstraints(request));
    const entry = found?.store as Entry | undefined;
    return found && entry?.unit ? { route: entry.options, params: found.params } : undefined;
  }

  #build(): Router {
    const fastify = this.adapter.getInstance<{ initialConfig: { routerOptions?: object } }>();
    const { ...options } = fastify.initialConfig.routerOptions ?? {};
    const version: unknown = Reflect.get(this.adapter, 'versionConstraint');
    const all: object = { ...options, constraints: { version, [this.strategy.name]: this.strategy } };
    const router = findMyWay(all) as unknown as Router; // what it can do beyond its types is what Fastify uses, too
    for (const early of this.early) register(router, { options: early });
    for (const late of this.#late) register(router, late);
    return router;
  }
}

function register(router: Router, entry: Entry): void {
  const { method, url, constraints = {} } = entry.options;
  const methods = [method].flat() as HTTPMethod[];
  router.on(methods, url, { constraints } as never, nothing, entry);
}

/** The router only finds. */
function nothing(): void {
  return undefined;
}
