import { AsyncLocalStorage } from 'node:async_hooks';
import type { Server } from 'node:http';

import type { Candidate } from '../loading/candidate.js';
import type { ModuleUnit } from './installed-plugin.js';

/** Who is on: one value that never changes. A request reads it when it begins, and sees the application by it to its end. */
export type Snapshot = ReadonlySet<Candidate>;

/** Keeps which plugins are on now, and which were when a request began. */
export class Snapshots {
  #current: Snapshot = new Set();
  #context: AsyncLocalStorage<Snapshot> | undefined;
  /** Under this key a request carries its snapshot; of this application only. */
  readonly #key = Symbol('nestjs-pluginkit:snapshot');
  readonly #listeners: ((snapshot: Snapshot) => void)[] = [];

  get current(): Snapshot {
    return this.#current;
  }

  /** Is called with each new snapshot, before any request sees it. */
  onChange(listener: (snapshot: Snapshot) => void): void {
    this.#listeners.push(listener);
  }

  /** Makes a set of plugins the one that the next request sees. */
  change(to: Iterable<Candidate>): void {
    this.#current = new Set(to);
    for (const listener of this.#listeners) listener(this.#current);
  }

  /** Notes with each request of a server, before anything else sees it, which plugins are on. */
  watch(server: Server): void {
    server.prependListener('request', (request: object) => {
      Reflect.set(request, this.#key, this.#current);
      this.#context?.enterWith(this.#current);
    });
  }

  /** Has the snapshot of a request follow what is called for it, for those who are not told the request. It costs, so it is off until asked for. */
  carry(): void {
    this.#context ??= new AsyncLocalStorage();
  }

  /** Who was on when the request began for which this is called; outside of requests, who is on now. */
  here(): Snapshot {
    return this.#context?.getStore() ?? this.#current;
  }

  /** Who was on when this request began; a request of Fastify carries the one of Node.js in `raw`. */
  of(request: object): Snapshot {
    const raw: unknown = Reflect.get(request, 'raw') ?? request;
    const held = Reflect.get(Object(raw) as object, this.#key) as Snapshot | undefined;
    if (held) return held;
    // It did not come through the server that is watched: Fastify has one for each further address, and inject() needs none.
    Reflect.set(Object(raw) as object, this.#key, this.#current);
    return this.#current;
  }
}

/** Whether modules take part: those of several plugins do as long as one of these is on. */
export function isOn(unit: ModuleUnit, snapshot: Snapshot): boolean {
  return unit.candidates.some((candidate) => snapshot.has(candidate));
}
