import type { ArgumentsHost } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';

import { ErrorAnswers } from './error-answers.js';
import type { ExceptionLayer } from './exception-layer.js';
import { newExchange, rawOf, ResponseEnds, type Exchange } from './exchange.js';
import type { SendResult } from './handler-results.js';
import { HeldAnswer } from './held-answer.js';
import { attempt, HookCalls, inTurn } from './hook-calls.js';
import type { MatchedRoutes } from './matched-routes.js';
import type { OwnedHook, RequestPoints } from './request-points.js';
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
  readonly #exchanges = new WeakMap<object, Exchange>();
  readonly #ends = new ResponseEnds();
  readonly #calls: HookCalls;
  readonly #errors: ErrorAnswers;

  constructor(private readonly parts: LifecycleParts) {
    this.#calls = new HookCalls(parts.timeout);
    this.#errors = new ErrorAnswers(parts.adapter, parts.send, this.#calls);
  }

  /**
   * Is called for a request before anything else.
   * @param goOn hands it to the application
   * @returns a promise where a hook is waited for; it rejects with nothing but what `goOn` throws
   */
  begin(request: object, response: object, goOn: () => void): Promise<void> | undefined {
    const exchange = this.#exchangeOf(request, response);
    const { points, rawResponse } = exchange;
    if (points.afterRequest.length > 0) {
      const reply = (value: unknown): void => void this.parts.adapter.reply(rawResponse, value);
      HeldAnswer.of(rawResponse, reply, (answer) => this.#after(exchange, answer));
    }
    if (points.teardownRequest.length > 0)
      this.#ends.once(exchange, (isAborted) => this.#teardown(exchange, isAborted));
    const result = inTurn(points.beforeRequest, (hook) => this.#before(hook, exchange));
    if (!(result instanceof Promise)) {
      this.#settle(exchange, result, goOn);
      return undefined;
    }
    exchange.pending = result;
    return result.then((value) => this.#settle(exchange, value, goOn));
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
    if (exchange.points.isEmpty) return false;
    this.#findRoute(exchange);
    return this.#errors.answer(exchange, error, status, askNest);
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

  #before({ candidate, name, call }: OwnedHook, exchange: Exchange): unknown {
    const { ctx } = exchange;
    return attempt(
      () => this.#calls.call(exchange, () => call(ctx)),
      (value) => {
        if (value === ctx.res || this.parts.adapter.isHeadersSent(ctx.res)) return SENT;
        return value ?? undefined;
      },
      (thrown) => new Failure(this.#calls.tell(candidate, name, thrown, isExpected(thrown) ? 'warn' : 'error')),
    );
  }

  #settle(exchange: Exchange, value: unknown, goOn: () => void): void {
    const { ctx } = exchange;
    const raise = (error: unknown): void =>
      this.#errors.orEnd(exchange, () => this.parts.raise(error, ctx.req, ctx.res));
    if (value === undefined) goOn();
    else if (value instanceof Failure) raise(value.error);
    else if (value !== SENT) void this.parts.send(value, ctx.req, ctx.res).catch(raise);
  }

  #after(exchange: Exchange, answer: HeldAnswer): Promise<void> | undefined {
    const { ctx, points, rawRequest } = exchange;
    if (exchange.isOver || rawRequest.socket.destroyed) return undefined; // nobody is there to be answered
    ctx.response = answer;
    this.#findRoute(exchange);
    const result = inTurn(points.afterRequest, ({ candidate, name, call }) =>
      attempt(
        () => this.#calls.call(exchange, () => answer.openFor(() => call(ctx))),
        (value) => {
          if (value != null && value !== ctx.res) answer.replaceBody(value);
        },
        (thrown) => void this.#calls.tell(candidate, name, thrown),
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
      void inTurn(points.teardownRequest, ({ candidate, name, call }) =>
        attempt(
          () => this.#calls.call(exchange, () => call(ctx, exchange.error)),
          () => undefined,
          (thrown) => void this.#calls.tell(candidate, name, thrown),
        ),
      );
    // What a hook has begun is over before what it has opened is closed.
    if (pending) void pending.then(run);
    else run();
  }

  #findRoute({ ctx, snapshot }: Exchange): void {
    const route = this.parts.routes.of(ctx.req, snapshot);
    if (route) ctx.route = route;
  }
}

/** What a hook threw. */
class Failure {
  constructor(readonly error: unknown) {}
}

/** The hook has sent the answer itself. */
const SENT = Symbol('nestjs-pluginkit:sent');

/** An answer by exception, as a handler gives one: 401, 403 and the like. */
function isExpected(thrown: unknown): boolean {
  const { getStatus } = Object(thrown) as { getStatus?: () => number };
  return typeof getStatus === 'function' && Reflect.apply(getStatus, thrown, []) < 500;
}
