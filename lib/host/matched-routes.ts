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

/** What NestJS 12.0 calls a handler on Express that looks at the version first. */
const NO_NAME = /^handlerFor\w+Versioning$/;

/** Tells which route a request was answered by. What is known is kept with the platform's own record of the route: a request costs nothing. */
export class MatchedRoutes {
  /** By the `Route` of Express. */
  readonly #routes = new WeakMap<object, KnownRoute>();
  #readExpected: () => readonly RouteEntry[] = () => [];
  /** By method and path, the names of the handlers that are registered, in their order. */
  #expected: Map<string, string[]> | undefined;
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

  /**
   * Tells which handlers will be registered. It is asked for where handlers have no names: where Nest sorts routes or looks for
   * conflicts, and always with NestJS 12.0.
   */
  expect(read: () => readonly RouteEntry[]): void {
    this.#readExpected = read;
    this.#expected = undefined;
  }

  /** Notes a route while it is registered. Nest names a handler after its controller and method. */
  registering<T>(
    unit: ModuleUnit | undefined,
    verb: string,
    path: string,
    { name: given }: Named,
    register: () => T,
  ): T {
    const name = given === '' || NO_NAME.test(given) ? (this.#expectedName(verb, path) ?? '') : given;
    const dot = name.lastIndexOf('.');
    const known = { path, controller: name.slice(0, Math.max(dot, 0)), handler: name.slice(dot + 1), unit };
    this.#registering = known;
    try {
      return register();
    } finally {
      this.#registering = undefined;
    }
  }

  #expectedName(verb: string, path: string): string | undefined {
    if (!this.#expected) {
      this.#expected = new Map();
      for (const { method, path: expected, handler } of this.#readExpected()) {
        const key = `${RequestMethod[method].toLowerCase()} ${expected}`;
        this.#expected.set(key, [...(this.#expected.get(key) ?? []), handler]);
      }
    }
    return this.#expected.get(`${verb} ${path}`)?.shift();
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
