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

/**
 * Makes sure that what would be sent as JSON can be: Fastify would not throw, but answer with an error of its own.
 * @throws TypeError where it cannot
 */
export function checkJson(value: unknown): void {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !isStreamLike(value))
    JSON.stringify(value);
}

/** Whether a value is sent piece by piece: a stream of any kind, a file, an Observable. */
export function isStreamLike(value: unknown): boolean {
  const given = Object(value) as object;
  return ['pipe', 'getReader', 'getStream', 'subscribe'].some((name) => typeof Reflect.get(given, name) === 'function');
}
