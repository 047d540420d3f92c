import { RequestMethod } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';

import type { MatchedRoute } from '../extensions/request-context.js';
import type { ModuleUnit } from './installed-plugin.js';
import type { RouteEntry } from './route-table.js';
import type { Snapshot } from './snapshots.js';

/** A route, and the modules that it belongs to. */
interface KnownRoute {
  readonly path: string;
  readonly controller: string;
  readonly handler: string;
  readonly unit: ModuleUnit | undefined;
}

interface ExpressRouter {
  route(this: ExpressRouter, path: unknown): object;
}

/** What Fastify keeps of a route; it hands a copy of the configuration to each request. */
export interface FastifyRoute {
  config?: { [KNOWN]?: KnownRoute };
}

interface Named {
  readonly name: string;
}

/** Under this key the configuration of a route of Fastify tells what we know of it. */
const KNOWN = Symbol('nestjs-pluginkit:route');

/** On a request for which no route was found in the end: Express leaves the last one that was tried on it. */
const MISSED = Symbol('nestjs-pluginkit:missed');

/** Tells which route a request was answered by. What is known is kept with the platform's own record of the route: a request costs nothing. */
export class MatchedRoutes {
  /** By the `Route` of Express. */
  readonly #routes = new WeakMap<object, KnownRoute>();
  /** By method and path, the names of the handlers that will be registered, in their order. */
  readonly #expected = new Map<string, string[]>();
  #registering: KnownRoute | undefined;

  constructor(adapter: AbstractHttpAdapter) {
    if (adapter.getType() === 'express') this.#watchRouter(adapter.getInstance<{ router: ExpressRouter }>().router);
    if (adapter.getType() !== 'fastify') return;
    adapter
      .getInstance<{ addHook(name: 'onRoute', hook: (route: FastifyRoute) => void): void }>()
      .addHook('onRoute', (route) => this.note(route));
  }

  /** Notes on a route of Fastify what is known of the one that is being registered. */
  note(route: FastifyRoute): void {
    if (this.#registering) route.config = { ...route.config, [KNOWN]: this.#registering };
  }

  /** Tells which handlers will be registered. It is needed where Nest sorts routes or looks for conflicts: the handlers have no names then. */
  expect(routes: readonly RouteEntry[]): void {
    for (const { method, path, handler } of routes) {
      const key = `${RequestMethod[method].toLowerCase()} ${path}`;
      this.#expected.set(key, [...(this.#expected.get(key) ?? []), handler]);
    }
  }

  /** Notes a route while it is registered. Nest names a handler after its controller and method. */
  registering<T>(
    unit: ModuleUnit | undefined,
    verb: string,
    path: string,
    { name: given }: Named,
    register: () => T,
  ): T {
    const name = given || (this.#expected.get(`${verb} ${path}`)?.shift() ?? '');
    const dot = name.lastIndexOf('.');
    const known = { path, controller: name.slice(0, Math.max(dot, 0)), handler: name.slice(dot + 1), unit };
    this.#registering = known;
    try {
      return register();
    } finally {
      this.#registering = undefined;
    }
  }

  /** Express makes a route of its own for each that is registered. */
  #watchRouter(router: ExpressRouter): void {
    const route = router.route.bind(router);
    router.route = (path) => {
      const made = route(path);
      if (this.#registering) this.#routes.set(made, this.#registering);
      return made;
    };
  }

  /** Notes that Nest answers a request as one that is for no route. */
  missed(request: { [MISSED]?: boolean }): void {
    request[MISSED] = true;
  }

  /** The route that a request was answered by, where there is one. */
  of(request: object, snapshot: Snapshot): MatchedRoute | undefined {
    if (MISSED in request) return undefined;
    const { route, routeOptions } = request as { route?: object; routeOptions?: FastifyRoute };
    const known = route ? this.#routes.get(route) : routeOptions?.config?.[KNOWN];
    if (!known) return undefined;
    const { path, controller, handler, unit } = known;
    const owner = unit?.candidates.find((candidate) => snapshot.has(candidate));
    return { path, controller, handler, ...(owner && { plugin: owner.name }) };
  }
}
