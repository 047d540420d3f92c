import { Logger } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';

import { nameOfError } from '../extensions/error-handlers.extension.js';
import type { Exchange } from './exchange.js';
import { checkJson, type SendResult } from './handler-results.js';
import type { HookCalls } from './hook-calls.js';
import type { OwnedErrorHandler, RequestPoints } from './request-points.js';

/** Answers errors by the handlers of plugins. */
export class ErrorAnswers {
  /** Nest's own, for errors that it does not know. */
  readonly #logger = new Logger('ExceptionsHandler');

  constructor(
    private readonly adapter: AbstractHttpAdapter,
    private readonly send: SendResult,
    private readonly calls: HookCalls,
  ) {}

  /**
   * Has the right handler answer, if there is one.
   * @param askNest answers in its place where it fails
   * @returns whether there is one
   */
  answer(exchange: Exchange, error: unknown, status: number, askNest: () => void): boolean {
    const handler = findErrorHandler(exchange.points.errorHandlers, error, status);
    if (!handler || this.adapter.isHeadersSent(exchange.ctx.res)) return false;
    // Who handles a class knows what he catches; what is answered as a 500 nobody expected.
    if (handler.error === 500 && typeof Reflect.get(Object(error) as object, 'getStatus') !== 'function')
      this.#logger.error(error);
    void this.#answer(handler, exchange, error, status, askNest);
    return true;
  }

  /** A filter that throws must not leave the client waiting. */
  orEnd({ rawResponse }: Exchange, answer: () => void): void {
    try {
      answer();
    } catch (thrown) {
      this.#logger.error(thrown);
      if (!rawResponse.headersSent) rawResponse.statusCode = 500;
      rawResponse.end();
    }
  }

  async #answer(
    { candidate, error: caught, handler }: OwnedErrorHandler,
    exchange: Exchange,
    error: unknown,
    status: number,
    askNest: () => void,
  ): Promise<void> {
    const { ctx } = exchange;
    try {
      for (const name of ['content-type', 'content-length']) ctx.res.removeHeader(name); // told of what was not sent
      this.adapter.status(ctx.res, status);
      const value = await this.calls.call(exchange, () => handler(error as Error, ctx));
      if (value === ctx.res || this.adapter.isHeadersSent(ctx.res)) return;
      checkJson(value);
      await this.send(value, ctx.req, ctx.res);
    } catch (thrown) {
      this.calls.tell(candidate, `error handler for ${nameOfError(caught)}`, thrown);
      this.orEnd(exchange, askNest);
    }
  }
}

/** The handler for an error: that of its own class or the nearest one that it extends, else that of its status. */
function findErrorHandler(
  handlers: RequestPoints['errorHandlers'],
  error: unknown,
  status: number,
): OwnedErrorHandler | undefined {
  if (handlers.size === 0) return undefined;
  for (let proto = prototypeOf(error); proto; proto = prototypeOf(proto)) {
    const handler = handlers.get(proto.constructor as never);
    if (handler) return handler;
  }
  return handlers.get(status);
}

function prototypeOf(value: unknown): object | null {
  return value == null ? null : (Object.getPrototypeOf(value) as object | null);
}
