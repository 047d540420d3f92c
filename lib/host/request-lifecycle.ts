import { Logger, type ArgumentsHost } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';

import { TIME_IS_UP, withTimeLimit } from '../loading/time-limit.js';
import type { Candidate } from '../loading/candidate.js';
import { describeThrown, printable } from '../plugin/printable.js';
import { findErrorHandler } from './error-handlers.js';
import type { ExceptionLayer } from './exception-layer.js';
import { newExchange, rawOf, ResponseEnds, type Exchange } from './exchange.js';
import type { SendResult } from './handler-results.js';
import { HeldAnswer } from './held-answer.js';
import type { MatchedRoutes } from './matched-routes.js';
import { carryHeaders } from './reply-headers.js';
import type { OwnedErrorHandler, OwnedHook, RequestPoints } from './request-points.js';
import type { Snapshot, Snapshots } from './snapshots.js';

/** What leading requests through the hooks of plugins needs. */
export interface LifecycleParts {
  readonly adapter: AbstractHttpAdapter;
  readonly snapshots: Snapshots;
  readonly pointsOf: (snapshot: Snapshot) => RequestPoints;
  readonly routes: MatchedRoutes;
  readonly send: SendResult;
  /** Hands an error to the exception filters of the application. */
  readonly raise: (error: unknown, request: object, response: object) => void;
  /** The longest that a hook may take, in ms. */
  readonly timeout: number;
}

/** Leads each request through the hooks and the error handlers of the plugins that were on when it began. */
export class RequestLifecycle implements ExceptionLayer {
  readonly #logger = new Logger('PluginKit');
  /** What Nest logs under, of an error that it does not know. */
  readonly #nestLogger = new Logger('ExceptionsHandler');
  readonly #exchanges = new WeakMap<object, Exchange>();
  readonly #ends = new ResponseEnds();

  constructor(private readonly parts: LifecycleParts) {}

  /**
   * Is called for a request before anything else.
   * @param goOn hands it to the application
   * @returns a promise where a hook is waited for; it rejects with nothing but what `goOn` throws
   */
  begin(request: object, response: object, goOn: () => void): Promise<void> | undefined {
    const exchange = this.#exchangeOf(request, response);
    const { points, rawResponse, ctx } = exchange;
    if (points.afterRequest.length > 0) {
      const reply = (value: unknown): void => void this.parts.adapter.reply(rawResponse, value);
      new HeldAnswer(rawResponse, reply, (answer) => this.#after(exchange, answer));
    }
    if (points.teardownRequest.length > 0)
      this.#ends.once(exchange, (isAborted) => this.#teardown(exchange, isAborted));
    const result = inTurn(points.beforeRequest, (hook) => this.#before(hook, exchange));
    const settle = (value: unknown): void => {
      if (value === undefined) goOn();
      else if (value instanceof Failure) this.#raise(value.error, exchange);
      else if (value !== SENT)
        void this.parts.send(value, ctx.req, ctx.res).catch((error: unknown) => this.#raise(error, exchange));
    };
    if (result instanceof Promise) {
      exchange.pending = result;
      return result.then(settle);
    }
    settle(result);
    return undefined;
  }

  /** @inheritdoc */
  note(error: unknown, request: object): void {
    const exchange = this.#exchanges.get(rawOf(request));
    if (exchange) exchange.error ??= error;
  }

  /** @inheritdoc */
  answer(error: unknown, host: ArgumentsHost, status: number, askNest: () => void): boolean {
    const [request, response] = host.getArgs<[object, object]>();
    const exchange = this.#exchangeOf(request, response);
    const handler = findErrorHandler(exchange.points.errorHandlers, error, status);
    if (!handler || this.parts.adapter.isHeadersSent(exchange.ctx.res)) return false;
    // Handlers for a class know what they catch; what is answered by its status alone nobody expected.
    if (handler.error === 500 && typeof Reflect.get(Object(error) as object, 'getStatus') !== 'function')
      this.#nestLogger.error(error);
    void this.#answer(handler, error, status, exchange, askNest);
    return true;
  }

  #exchangeOf(request: object, response: object): Exchange {
    const raw = rawOf(request);
    const known = this.#exchanges.get(raw);
    if (known) return known;
    const snapshot = this.parts.snapshots.of(raw);
    const exchange = newExchange(request, response, snapshot, this.parts.pointsOf(snapshot));
    if (!exchange.points.isEmpty) this.#exchanges.set(raw, exchange);
    return exchange;
  }

  #before(hook: OwnedHook, exchange: Exchange): unknown {
    const { ctx } = exchange;
    const failed = (thrown: unknown): Failure => new Failure(this.#tell(hook, thrown, isExpected(thrown)));
    return settled(
      () => this.#call(exchange, () => hook.call(ctx)),
      (value) => {
        if (value === ctx.res || this.parts.adapter.isHeadersSent(ctx.res)) return SENT;
        return value ?? undefined;
      },
      failed,
    );
  }

  #after(exchange: Exchange, answer: HeldAnswer): Promise<void> | undefined {
    const { ctx, points, rawRequest } = exchange;
    if (exchange.isOver || rawRequest.socket.destroyed) return undefined; // nobody is there to be answered
    ctx.response = answer;
    this.#findRoute(exchange);
    const result = inTurn(points.afterRequest, (hook) =>
      settled(
        () => this.#call(exchange, () => answer.openFor(() => hook.call(ctx))),
        (value) => {
          if (value != null && value !== ctx.res) answer.replaceBody(value);
        },
        (thrown) => void this.#tell(hook, thrown, false),
      ),
    );
    if (!(result instanceof Promise)) return undefined;
    exchange.pending = result;
    return result as Promise<void>;
  }

  #teardown(exchange: Exchange, isAborted: boolean): void {
    const { ctx, points, pending } = exchange;
    exchange.isOver = true;
    ctx.aborted = isAborted;
    this.#findRoute(exchange);
    const run = (): void =>
      void inTurn(points.teardownRequest, (hook) =>
        settled(
          () => this.#call(exchange, () => hook.call(ctx, exchange.error)),
          () => undefined,
          (thrown) => void this.#tell(hook, thrown, false),
        ),
      );
    // What a hook has begun is over before what it has opened is closed.
    if (pending) void pending.then(run);
    else run();
  }

  async #answer(
    { candidate, error: caught, handler }: OwnedErrorHandler,
    error: unknown,
    status: number,
    exchange: Exchange,
    askNest: () => void,
  ): Promise<void> {
    const { adapter, send } = this.parts;
    const { ctx } = exchange;
    try {
      this.#findRoute(exchange);
      for (const name of ['content-type', 'content-length']) ctx.res.removeHeader(name); // told of what was not sent
      adapter.status(ctx.res, status);
      const value = await this.#call(exchange, () => handler(error as Error, ctx));
      if (value !== ctx.res && !adapter.isHeadersSent(ctx.res)) await send(value, ctx.req, ctx.res);
    } catch (thrown) {
      this.#tell({ candidate, name: `error handler for ${typeof caught === 'number' ? caught : caught.name}` }, thrown);
      this.#orEnd(exchange, askNest);
    }
  }

  /** Within the time limit; what it sets on a reply of Fastify is on Node's response, too. */
  #call(exchange: Exchange, call: () => unknown): unknown {
    const { ctx, rawResponse } = exchange;
    return carryHeaders(ctx.res, rawResponse, () => {
      const result = call();
      return isThenable(result) ? withTimeLimit(() => result, this.parts.timeout) : result;
    });
  }

  #findRoute({ ctx, snapshot }: Exchange): void {
    const route = this.parts.routes.of(ctx.req, snapshot);
    if (route) ctx.route = route;
  }

  #raise(error: unknown, exchange: Exchange): void {
    this.#orEnd(exchange, () => this.parts.raise(error, exchange.ctx.req, exchange.ctx.res));
  }

  /** A filter that throws must not leave the client waiting. */
  #orEnd({ rawResponse }: Exchange, answer: () => void): void {
    try {
      answer();
    } catch (thrown) {
      this.#nestLogger.error(thrown);
      if (!rawResponse.headersSent) rawResponse.statusCode = 500;
      rawResponse.end();
    }
  }

  /** @returns the error to answer with */
  #tell(hook: { candidate: Candidate; name: string }, thrown: unknown, isWarning = false): unknown {
    const told = thrown === TIME_IS_UP ? `it took longer than ${this.parts.timeout} ms` : describeThrown(thrown);
    const text = `${printable(hook.candidate.name)}: its ${hook.name} failed: ${told}`;
    if (isWarning) this.#logger.warn(text);
    else this.#logger.error(text);
    return thrown === TIME_IS_UP ? new Error(text) : thrown;
  }
}

/** What a hook threw. */
class Failure {
  constructor(readonly error: unknown) {}
}

/** The hook has sent the answer itself. */
const SENT = Symbol('nestjs-pluginkit:sent');

/** Calls one after the other, up to the first that gives something. Waits only for promises: hooks that need no time take none. */
function inTurn<T>(items: readonly T[], call: (item: T) => unknown, from = 0): unknown {
  for (let place = from; place < items.length; place++) {
    const value = call(items[place] as T); // below the length
    if (value instanceof Promise)
      return value.then((given: unknown) => (given === undefined ? inTurn(items, call, place + 1) : given));
    if (value !== undefined) return value;
  }
  return undefined;
}

/** `try` for work that may or may not be async. */
function settled(
  work: () => unknown,
  done: (value: unknown) => unknown,
  failed: (thrown: unknown) => unknown,
): unknown {
  try {
    const value = work();
    return value instanceof Promise ? value.then(done).catch(failed) : done(value);
  } catch (thrown) {
    return failed(thrown);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && 'then' in value;
}

/** An answer by exception, as a handler gives one: 401, 403 and the like. */
function isExpected(thrown: unknown): boolean {
  const { getStatus } = Object(thrown) as { getStatus?: () => number };
  return typeof getStatus === 'function' && Number(Reflect.apply(getStatus, thrown, [])) < 500;
}
