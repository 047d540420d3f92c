import { type HttpException, HttpStatus } from '@nestjs/common';
import type { RequestContext } from 'nestjs-pluginkit';
import type { BoardIsFull } from '../../board/board-is-full.js';
import type { Pages } from '../../board/pages/pages.js';

/** Answers with a page whoever asked for a page, and with JSON everybody else. */
export class KindPages {
  #pages: Pages | undefined;

  renderedBy(pages: Pages): this {
    this.#pages = pages;
    return this;
  }

  missing(error: HttpException, ctx: RequestContext): unknown {
    return this.#page('missing', {}, ctx) ?? error.getResponse();
  }

  full({ room, message }: BoardIsFull, ctx: RequestContext): unknown {
    ctx.res.status(HttpStatus.CONFLICT); // without it, the status would be that of an error that nobody knows: 500
    return this.#page('full', { room }, ctx) ?? { statusCode: HttpStatus.CONFLICT, message };
  }

  #page(name: string, model: object, { req }: RequestContext): string | undefined {
    if (!req.headers.accept?.includes('text/html')) return undefined;
    return this.#pages?.render(`lost-and-found/${name}`, { page: 'Lost and found', ...model }, req);
  }
}
