import type { IncomingMessage, ServerResponse } from 'node:http';

import type { AbstractHttpAdapter } from '@nestjs/core';

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

/** Has requests answered behind the middleware that the application has added so far, and before any route. */
export function answerEarly(adapter: AbstractHttpAdapter, answer: EarlyAnswer): void {
  if (adapter.getType() !== 'fastify') {
    adapter.use((request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) =>
      answer(request, response, next, () => undefined),
    );
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
