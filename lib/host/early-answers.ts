import type { IncomingMessage, ServerResponse } from 'node:http';

import type { AbstractHttpAdapter } from '@nestjs/core';

import { answersOnlyBelow } from './first-segment.js';

/** Answers a request of Node.js, or lets it by. It calls `beforeAnswer` when it is certain that it answers. */
export type EarlyAnswer = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
  beforeAnswer: () => void,
) => void;

interface FastifyReply {
  readonly raw: ServerResponse;
  getHeaders(): Record<string, number | string | string[] | undefined>;
}

interface Fastify {
  addHook(
    name: 'onRequest',
    hook: (request: { raw: IncomingMessage }, reply: FastifyReply, done: (error?: unknown) => void) => void,
  ): void;
}

/**
 * Has requests answered behind the middleware that the application has added so far, and before any route.
 * @param below it lets everything by which is not below this path
 */
export function answerEarly(adapter: AbstractHttpAdapter, below: string, answer: EarlyAnswer): void {
  if (adapter.getType() !== 'fastify') {
    const middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void =>
      answer(request, response, next, () => undefined);
    answersOnlyBelow(middleware, below);
    adapter.use(middleware);
    return;
  }
  adapter.getInstance<Fastify>().addHook('onRequest', (request, reply, done) => {
    answer(request.raw, reply.raw, done, () => {
      // What Fastify's own plugins have set, for security or CORS, would be written only by Fastify.
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value);
    });
  });
}
