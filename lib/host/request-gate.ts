import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';

import type { RequestLifecycle } from './request-lifecycle.js';

type Done = (error?: unknown) => void;
/** The hook of an adapter before each request: the first thing that Nest's adapters do, on Express and on Fastify. */
type OnRequest = (request: object, response: object, done: Done) => unknown;

/** How Fastify answers what its router refuses before any hook: a malformed path, a parameter that is too long. */
type FrameworkErrors = (error: Error & { statusCode?: number }, request: object, reply: object) => unknown;

interface FastifyReply {
  send(error: Error): unknown;
}

/**
 * Has each request of the application pass through a lifecycle first, for as long as somebody takes part in requests.
 * While nobody does, the adapter finds nothing to call: a request costs what it costs without us.
 */
export class RequestGate {
  #isOpen = false;

  constructor(
    private readonly adapter: AbstractHttpAdapter,
    private readonly lifecycle: RequestLifecycle,
  ) {
    this.#guardOnRequest();
    if (adapter.getType() === 'fastify') this.#guardFrameworkErrors();
  }

  /** Tells whether anybody takes part from now on. */
  open(isOpen: boolean): void {
    this.#isOpen = isOpen;
  }

  /** There is room for one such hook; an application may have one of its own, set before or after. */
  #guardOnRequest(): void {
    const { adapter } = this;
    let own = Reflect.get(adapter, 'onRequestHook') as OnRequest | undefined;
    const guarded: OnRequest = (request, response, done) => {
      const goOn = (): void => {
        const theirs = own;
        if (theirs) this.#callOwn(() => Reflect.apply(theirs, adapter, [request, response, done]), done);
        else done();
      };
      const fail = (error: unknown): void => done(error);
      void this.lifecycle.begin(request, response, goOn)?.catch(fail);
    };
    Object.defineProperty(adapter, 'onRequestHook', {
      configurable: true,
      get: () => (this.#isOpen ? guarded : own),
      set: (hook: OnRequest | undefined) => {
        own = hook;
      },
    });
  }

  /** As the adapters do it: on Fastify, a hook may be done by resolving. */
  #callOwn(call: () => unknown, done: Done): void {
    const result = call();
    if (!(result instanceof Promise)) return;
    const isFastify = this.adapter.getType() === 'fastify';
    const fail = (error: unknown): void => done(error ?? new Error('Request hook failed'));
    void result.then(isFastify ? () => done() : undefined).catch(fail);
  }

  #guardFrameworkErrors(): void {
    const fastify = this.adapter.getInstance<object>();
    const key = Object.getOwnPropertySymbols(fastify).find(({ description }) => description === 'fastify.options');
    const options = key && (Reflect.get(fastify, key) as { frameworkErrors?: FrameworkErrors });
    if (!options) return;
    const own = options.frameworkErrors; // the adapter of NestJS 12.0 has none: Fastify answers by itself
    const guarded: FrameworkErrors = (error, request, reply) => {
      const askFastify = (): void => void (own ? own(error, request, reply) : (reply as FastifyReply).send(error));
      const goOn = (): void => {
        const host = new ExecutionContextHost([request, reply]);
        this.lifecycle.note(error, request);
        if (!this.lifecycle.answer(error, host, error.statusCode ?? 500, askFastify)) askFastify();
      };
      void this.lifecycle.begin(request, reply, goOn);
    };
    Object.defineProperty(options, 'frameworkErrors', {
      configurable: true,
      enumerable: true,
      get: () => (this.#isOpen ? guarded : own),
    });
  }
}
