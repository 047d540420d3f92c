import type { AbstractHttpAdapter } from '@nestjs/core';

/** How a platform writes a path of any length, as the last part of a route. */
export function wildcardOf(adapter: AbstractHttpAdapter): string {
  return adapter.getType() === 'fastify' ? '*' : '*rest';
}

/** Answers an error. */
export type AnswerError = (error: unknown, request: never, response: object) => void;

/**
 * Has errors that a platform finds before it comes to a route, as a body that cannot be read, answered by whom the paths below
 * belong to; all other paths are left alone. Must run after the body parser is registered, and before the routes are.
 * @param base without a slash at the end
 */
export function answerEarlyErrors(adapter: AbstractHttpAdapter, base: string, answer: AnswerError): void {
  const platform = adapter.getType();
  if (platform === 'express') onExpress(adapter.getInstance(), base, answer);
  else if (platform === 'fastify') onFastify(adapter.getInstance(), base, answer);
}

interface Express {
  use(path: string, handler: (error: unknown, request: never, response: object, next: unknown) => void): unknown;
}

/** Express knows a handler of errors by its four parameters. */
function onExpress(express: Express, base: string, answer: AnswerError): void {
  express.use(base, (error, request, response, _next) => answer(error, request, response));
}

interface FastifyRequest {
  readonly headers: Record<string, string | undefined>;
}

interface FastifyRoute {
  readonly url: string;
  errorHandler?: AnswerError;
  onRequest?: unknown;
}

interface Fastify {
  addHook(name: 'onRoute', hook: (route: FastifyRoute) => void): unknown;
}

function onFastify(fastify: Fastify, base: string, answer: AnswerError): void {
  fastify.addHook('onRoute', (route) => {
    if (route.url !== base && !route.url.startsWith(`${base}/`)) return;
    route.errorHandler = answer;
    const given = route.onRequest === undefined ? [] : [route.onRequest].flat();
    route.onRequest = [...given, passEmptyBody];
  });
}

/** JSON of no length is nothing to parse: Fastify would refuse it, Express does not. */
function passEmptyBody({ headers }: FastifyRequest, _reply: unknown, done: () => void): void {
  const isEmpty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
  if (isEmpty && headers['content-type']?.startsWith('application/json')) {
    delete headers['content-type'];
    headers['x-pluginkit'] ??= 'json';
  }
  done();
}
