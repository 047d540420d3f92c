import { METHODS } from 'node:http';

import type { AbstractHttpAdapter } from '@nestjs/core';

import type { ModuleUnit } from './installed-plugin.js';
import { LateRouter, type LateMatch, type RouteOptions } from './late-router.js';
import { LateMiddleware } from './late-middleware.js';
import type { MatchedRoutes } from './matched-routes.js';
import { VERBS, type Handler, type PlatformGate, type Register } from './platform-gate.js';
import { isOn, type Snapshot, type Snapshots } from './snapshots.js';

/** The constraint of a route that belongs to a plugin. */
const NAME = 'pluginkit';
/** The constraint of the one route behind which all routes of plugins stand that were loaded later. */
const LATE = 'pluginkitLate';
/** A path that reads the same to everybody, however the router is set up. */
const PLAIN = /^[a-z/]+$/;

/** What Fastify asks of a constraint strategy: a store for each path, and the value of a request. */
export interface Strategy {
  readonly name: string;
  readonly mustMatchWhenDerived: boolean;
  deriveConstraint(request: object): unknown;
  storage(): { get(wanted: unknown): number | null; set(id: string, handlers: number): void };
}

interface Fastify {
  readonly supportedMethods: string[];
  addConstraintStrategy(strategy: Strategy): void;
  addHttpMethod(method: string, options: { hasBody: boolean }): unknown;
  addHook(name: 'onRoute', hook: (options: RouteOptions) => void): void;
  hasRoute(route: Pick<RouteOptions, 'url' | 'constraints'> & { readonly method: string | undefined }): boolean;
  route(options: RouteOptions): unknown;
  use(...args: unknown[]): unknown;
}

/**
 * Finds the routes of plugins that are on, and no others, by a route constraint: Fastify's own way of choosing among the
 * routes of one path. Where none is on, it goes on to routes of the application that match as well.
 *
 * Fastify takes no route once it listens. Those of plugins that are loaded later stand in a router of their own, together with
 * all others, so that it tells whether one of them would have been found; one route that matches everything leads there.
 */
export class FastifyGate implements PlatformGate {
  readonly seen = new Set<ModuleUnit>();
  readonly #units = new Map<string, ModuleUnit>();
  readonly #ids = new Map<ModuleUnit, string>();
  readonly #fastify: Fastify;
  readonly #late: LateRouter;
  readonly #lateMiddleware: LateMiddleware;
  readonly #matchKey = Symbol('nestjs-pluginkit:late-match');
  /** Whose route is being registered. */
  #registering: ModuleUnit | undefined;
  #isOpen = false;
  #count = 0;

  constructor(
    adapter: AbstractHttpAdapter,
    snapshots: Snapshots,
    private readonly routes: MatchedRoutes,
  ) {
    this.#fastify = adapter.getInstance<Fastify>();
    const strategy: Strategy = {
      name: NAME,
      mustMatchWhenDerived: false,
      deriveConstraint: (request) => snapshots.of(request),
      storage: () => this.#storage(),
    };
    this.#late = new LateRouter(adapter, strategy);
    this.#lateMiddleware = new LateMiddleware(adapter, snapshots);
    this.#fastify.addConstraintStrategy(strategy);
    this.#fastify.addConstraintStrategy({
      name: LATE,
      mustMatchWhenDerived: true,
      deriveConstraint: (request) => this.#findLate(request),
      storage: () => {
        const handlers = new Map<unknown, number>();
        return { get: (wanted) => handlers.get(wanted) ?? null, set: (id, bits) => void handlers.set(id, bits) };
      },
    });
    // Not by the metadata of `@RouteConstraints()`: the adapter of NestJS 12.0 does not read them for `@All()`.
    this.#fastify.addHook('onRoute', (options) => {
      this.#constrain(options);
      if (!this.#isOpen && options.constraints?.[LATE] === undefined) this.#late.early.push(options);
    });
    this.#addDoor();
  }

  addRoute(unit: ModuleUnit, path: string, handler: Handler, register: Register): unknown {
    this.#registering = unit;
    try {
      if (!this.#isOpen) return register(path, handler);
      // Nest's adapter puts the options together; here they go another way, in the same turn.
      return this.#instead(
        'route',
        (options: RouteOptions) => {
          this.#constrain(options);
          this.routes.note(options);
          this.#late.add(unit, options);
        },
        () => register(path, handler),
      );
    } finally {
      this.#registering = undefined;
    }
  }

  /** The middleware steps aside by itself. */
  addMiddleware(unit: ModuleUnit, path: string, handler: Handler, register: Register): unknown {
    if (!this.#isOpen) return register(path, handler);
    return this.#lateMiddleware.add(unit, (use) => this.#instead('use', use, () => register(path, handler)));
  }

  /** Fastify must have taken the constraints that its hook was given: it is asked for one route. */
  prove(): void {
    const route = this.#late.early.find(({ url, constraints }) => constraints?.[NAME] !== undefined && PLAIN.test(url));
    if (!route) return;
    const { url, constraints } = route;
    const [method] = [route.method].flat();
    if (!this.#fastify.hasRoute({ method, url, ...(constraints && { constraints }) }))
      throw new Error(`the route ${url} does not have it`);
  }

  open(): void {
    this.#isOpen = true;
  }

  /** Each request derives its constraint anew. */
  apply(): void {
    return undefined;
  }

  remove(units: ReadonlySet<ModuleUnit>): void {
    this.#late.remove(units);
    this.#lateMiddleware.remove(units);
    for (const unit of units) {
      this.seen.delete(unit);
      this.#units.delete(this.#ids.get(unit) ?? '');
      this.#ids.delete(unit);
    }
  }

  #instead<T>(name: 'route' | 'use', other: (...args: never[]) => unknown, work: () => T): T {
    const original: unknown = Reflect.get(this.#fastify, name);
    Reflect.set(this.#fastify, name, other);
    try {
      return work();
    } finally {
      Reflect.set(this.#fastify, name, original);
    }
  }

  /** The route that leads to all later ones; the more specific ones of the start win, unless a later one would have. */
  #addDoor(): void {
    const key = this.#matchKey;
    // Fastify takes no further method either once it listens; what Nest can decorate is known now.
    for (const method of VERBS.map((verb) => verb.toUpperCase()).filter((verb) => METHODS.includes(verb)))
      if (!this.#fastify.supportedMethods.includes(method)) this.#fastify.addHttpMethod(method, { hasBody: true });
    this.#fastify.route({
      method: [...this.#fastify.supportedMethods],
      url: '/*',
      constraints: { [LATE]: 'late' },
      schema: { hide: true },
      handler(this: unknown, request, reply) {
        const { params, route } = Reflect.get(request.raw, key) as LateMatch;
        request.params = params;
        const routeOptions = { ...request.routeOptions, url: route.url, config: route.config ?? {} };
        Object.defineProperty(request, 'routeOptions', { value: routeOptions, configurable: true });
        return route.handler.call(this, request, reply);
      },
    });
  }

  #findLate(request: object): string | undefined {
    const match = this.#late.find(request);
    if (!match) return undefined;
    Reflect.set(request, this.#matchKey, match);
    return 'late';
  }

  #constrain(options: RouteOptions): void {
    const unit = this.#registering;
    if (!unit) return;
    options.constraints = { ...options.constraints, [NAME]: this.#idOf(unit) };
    this.seen.add(unit);
  }

  #idOf(unit: ModuleUnit): string {
    const known = this.#ids.get(unit);
    if (known !== undefined) return known;
    const id = String(this.#count++);
    this.#ids.set(unit, id);
    this.#units.set(id, unit);
    return id;
  }

  /** For one path: a bit for each handler. The router asks by the id of a route when it registers one, by snapshot for a request. */
  #storage(): ReturnType<Strategy['storage']> {
    const handlers = new Map<string, number>();
    return {
      set: (id, bits) => void handlers.set(id, bits),
      get: (wanted) => {
        if (typeof wanted === 'string') return handlers.get(wanted) ?? null;
        let bits = 0;
        for (const [id, bit] of handlers) {
          const unit = this.#units.get(id);
          if (unit && isOn(unit, wanted as Snapshot)) bits |= bit;
        }
        return bits === 0 ? null : bits;
      },
    };
  }
}
