import type { AbstractHttpAdapter } from '@nestjs/core';
import { RouterExecutionContext } from '@nestjs/core/router/router-execution-context.js';

/** Sends a value as Nest sends what a handler returns: text, JSON, a file, a stream, the last value of an Observable. */
export type SendResult = (value: unknown, request: object, response: object) => Promise<unknown>;

/** Nest's own way of sending; the status is what the response has. */
export function resultSender(adapter: AbstractHttpAdapter): SendResult {
  // Only guards, pipes and interceptors need the other parts.
  const unused = undefined as never;
  const router = new RouterExecutionContext(unused, unused, unused, unused, unused, unused, unused, adapter);
  const send = router.createHandleResponseFn(() => undefined, false) as (
    value: unknown,
    response: object,
    request: object,
  ) => Promise<unknown>;
  return (value, request, response) => send(value, response, request);
}
