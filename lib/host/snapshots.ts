import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { Candidate } from '../loading/candidate.js';
import type { ModuleUnit } from './installed-plugin.js';

/** Who is on: one value that never changes. A request reads it when it begins, and sees the application by it to its end. */
export type Snapshot = ReadonlySet<Candidate>;

/** A snapshot, and how many requests are open that began with it. */
interface Epoch {
  readonly snapshot: Snapshot;
  open: number;
}

/** A request of Node.js, under the key of an application. */
type Carrying = object & { [key: symbol]: Epoch | undefined };

/** Keeps which plugins are on now, and which were when a request began. */
export class Snapshots {
  #current: Epoch = { snapshot: new Set(), open: 0 };
  /** Former ones that open requests still see. */
  readonly #former = new Set<Epoch>();
  readonly #waiting = new Set<() => void>();
  #context: AsyncLocalStorage<Snapshot> | undefined;
  /** Under this key a request carries its epoch; of this application only. */
  readonly #key = Symbol('nestjs-pluginkit:epoch');
  readonly #listeners: ((snapshot: Snapshot) => void)[] = [];

  get current(): Snapshot {
    return this.#current.snapshot;
  }

  /** Is called with each new snapshot, before any request sees it. */
  onChange(listener: (snapshot: Snapshot) => void): void {
    this.#listeners.push(listener);
  }

  /** Makes a set of plugins the one that the next request sees. */
  change(to: Iterable<Candidate>): void {
    if (this.#current.open > 0) this.#former.add(this.#current);
    this.#current = { snapshot: new Set(to), open: 0 };
    for (const listener of this.#listeners) listener(this.current);
  }

  /** Notes with each request of a server, before anything else sees it, which plugins are on. */
  watch(server: Server): void {
    const key = this.#key;
    const ended = ({ req }: ServerResponse): void => {
      const { [key]: epoch } = req as object as Carrying;
      if (epoch) this.#end(epoch);
    };
    // One function for all requests: a closure for each would be the dearest part of this.
    const onClose = function (this: ServerResponse): void {
      waiting.get(this.req.socket)?.delete(this);
      ended(this);
    };
    // A pipelined response that still waits for its turn when the connection breaks is never closed.
    const waiting = new WeakMap<Socket, Set<ServerResponse>>();
    const waitFor = (socket: Socket, response: ServerResponse): void => {
      const known = waiting.get(socket);
      if (known) return void known.add(response);
      const responses = new Set([response]);
      waiting.set(socket, responses);
      socket.once('close', () => {
        for (const each of responses) {
          each.off('close', onClose);
          ended(each);
        }
      });
      return undefined;
    };
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#current.open += 1;
      (request as object as Carrying)[key] = this.#current; // many times as fast as Reflect.set()
      response.on('close', onClose);
      if (response.socket === null) waitFor(request.socket, response);
      this.#context?.enterWith(this.current);
    });
  }

  /** Has the snapshot of a request follow what is called for it, for those who are not told the request. It costs, so it is off until asked for. */
  carry(): void {
    this.#context ??= new AsyncLocalStorage();
  }

  /** Who was on when the request began for which this is called; outside of requests, who is on now. */
  here(): Snapshot {
    return this.#context?.getStore() ?? this.current;
  }

  /** Runs the rest of a request that began before snapshots were carried. */
  within(request: object, rest: () => unknown): unknown {
    const context = this.#context;
    return !context || context.getStore() ? rest() : context.run(this.of(request), rest);
  }

  /** Who was on when this request began; a request of Fastify carries the one of Node.js in `raw`. */
  of(request: object): Snapshot {
    const raw = (request as { readonly raw?: object }).raw ?? request;
    // Where it is missing, the request did not come through the server that is watched: Fastify has one for each further address,
    // and inject() needs none.
    return ((raw as Carrying)[this.#key] ??= this.#current).snapshot;
  }

  /** Resolves when no request is open any more that began while this plugin was on. It must be off by now. */
  async drained(candidate: Candidate): Promise<void> {
    while ([...this.#former].some(({ snapshot }) => snapshot.has(candidate)))
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
  }

  #end(epoch: Epoch): void {
    epoch.open -= 1;
    if (epoch.open > 0 || !this.#former.delete(epoch)) return;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Whether modules take part: those of several plugins do as long as one of these is on. */
export function isOn(unit: ModuleUnit, snapshot: Snapshot): boolean {
  return unit.candidates.some((candidate) => snapshot.has(candidate));
}
