import type { IncomingMessage } from 'node:http';

import type { AbstractHttpAdapter } from '@nestjs/core';

import type { ModuleUnit } from './installed-plugin.js';
import { ranksOf } from './load-order.js';
import { isOn, type Snapshot, type Snapshots } from './snapshots.js';

type Next = (error?: unknown) => void;
type Use = (request: Request, response: unknown, next: Next) => unknown;
type Request = IncomingMessage & { originalUrl?: string };

interface Entry {
  readonly unit: ModuleUnit;
  readonly use: Use;
}

/**
 * Runs the middleware of plugins that are loaded while a Fastify application runs: behind all of the start, in load order.
 * Fastify's middleware can be added at any time, but never taken away; so one is added, at the first need, that runs those which are on.
 */
export class LateMiddleware {
  #entries: Entry[] = [];
  #isAdded = false;
  #bySnapshot = new WeakMap<Snapshot, readonly Use[]>();

  constructor(
    private readonly adapter: AbstractHttpAdapter,
    private readonly snapshots: Snapshots,
  ) {}

  /** @param register has Nest register the middleware with what it is given in Fastify's place */
  add(unit: ModuleUnit, register: (use: (path: string, use: Use) => void) => unknown): unknown {
    this.#addRunner();
    const matcher: unknown = Reflect.get(this.adapter, 'createPathMatcher');
    if (typeof matcher !== 'function') throw new TypeError('this version of the Fastify adapter is not known');
    // Nest leaves some paths to Fastify's middleware; here it must look at all of them by itself.
    Reflect.set(this.adapter, 'createPathMatcher', (...args: unknown[]) => ({
      ...(Reflect.apply(matcher, this.adapter, args) as object),
      isMatchedByMiddie: false,
    }));
    try {
      return register((_path, use) => void this.#entries.push({ unit, use }));
    } finally {
      Reflect.deleteProperty(this.adapter, 'createPathMatcher');
      this.#bySnapshot = new WeakMap();
    }
  }

  remove(units: ReadonlySet<ModuleUnit>): void {
    this.#entries = this.#entries.filter(({ unit }) => !units.has(unit));
    this.#bySnapshot = new WeakMap();
  }

  #addRunner(): void {
    if (this.#isAdded) return;
    const fastify = this.adapter.getInstance<{ use(runner: Use): void }>();
    fastify.use((request, response, next) => this.#run(request, response, next));
    this.#isAdded = true;
  }

  #run(request: Request, response: unknown, done: Next): void {
    const uses = this.#usesOf(this.snapshots.of(request));
    const step = (position: number, error?: unknown): void => {
      request.url = request.originalUrl ?? request.url ?? '/'; // a middleware sees its path cut off
      const use = uses[position];
      if (error !== undefined && error !== null) done(error);
      else if (use) use(request, response, (thrown) => step(position + 1, thrown));
      else done();
    };
    step(0);
  }

  #usesOf(snapshot: Snapshot): readonly Use[] {
    const known = this.#bySnapshot.get(snapshot);
    if (known) return known;
    const rank = ranksOf(snapshot);
    const uses = this.#entries
      .filter(({ unit }) => isOn(unit, snapshot))
      .toSorted((a, b) => rank(a.unit) - rank(b.unit))
      .map(({ use }) => use);
    this.#bySnapshot.set(snapshot, uses);
    return uses;
  }
}
