import type { HttpException } from '@nestjs/common';
import { definePlugin, type RequestContext } from 'nestjs-pluginkit';
import { BoardIsFull } from '../../board/board-is-full.js';
import { Pages } from '../../board/pages/pages.js';
import { KindPages } from './kind-pages.js';

export default definePlugin({
  name: 'lost-and-found',
  register: () => {
    // Handlers are made before Nest is asked for anything; what renders for them is handed in later.
    const kind = new KindPages();
    return {
      providers: [{ provide: KindPages, inject: [Pages], useFactory: (pages: Pages) => kind.renderedBy(pages) }],
      errorHandlers: [
        { error: 404, handler: (error: HttpException, ctx: RequestContext) => kind.missing(error, ctx) },
        { error: BoardIsFull, handler: (error: BoardIsFull, ctx: RequestContext) => kind.full(error, ctx) },
      ],
    };
  },
});
