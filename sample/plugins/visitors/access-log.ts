import { Logger } from '@nestjs/common';
import type { RequestContext } from 'nestjs-pluginkit';
import type { Readers } from './readers.js';

/** A line in the log for each request, and a header that tells how long it took. */
export class AccessLog {
  readonly #logger = new Logger('Visitors');

  constructor(private readonly readers: Readers) {}

  beforeRequest({ state }: RequestContext): void {
    state['begun'] = performance.now();
  }

  afterRequest(ctx: RequestContext): void {
    const milliseconds = performance.now() - Number(ctx.state['begun']);
    ctx.response?.headers.set('server-timing', `board;dur=${milliseconds.toFixed(1)}`);
    if (ctx.route?.path === '/posts/:id' && ctx.response?.status === 200)
      this.readers.count(Number(pathOf(ctx.url).split('/').at(-1)));
  }

  teardownRequest({ method, url, route, response, aborted }: RequestContext, error?: unknown): void {
    const by = route ? `${route.plugin ?? 'board'}: ${route.controller}.${route.handler}` : 'nobody';
    const outcome = aborted ? 'went away' : (response?.status ?? 'no answer');
    this.#logger.log(`${method} ${pathOf(url)} ${outcome} by ${by}${error instanceof Error ? ` (${error.name})` : ''}`);
  }
}

/** Without the query, in which people may have typed something private. */
function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}
