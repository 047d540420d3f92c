import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { AbstractHttpAdapter, ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { AbstractLoader, ExpressLoader, ServeStaticModule, type ServeStaticModuleOptions } from '@nestjs/serve-static';

import { PAGE_FOLDER } from './admin-page.js';

/** A change of a file gives it another name. */
const YEAR = 365 * 24 * 60 * 60;

const HEADERS: Readonly<Record<string, string>> = {
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Serves script, style and mark of the page below `<base>/assets`. They are the same in every installation and hold no
 * secret, so they stand in front of the guards: a browser cannot be told to send a token for them. Must run before the
 * routes are registered, else the catch-all route of the admin hides them.
 */
export function servePageAssets(adapterHost: HttpAdapterHost, config: ApplicationConfig, base: string): void {
  const loader = adapterHost.httpAdapter.getType() === 'fastify' ? new FastifyLoader() : new ExpressLoader();
  const options: ServeStaticModuleOptions = {
    rootPath: path.join(PAGE_FOLDER, 'assets'),
    serveRoot: `${base}/assets`,
    exclude: /^/, // what is no file is left to the guards and the routes; by default it would be answered with a page
    serveStaticOptions: {
      index: false,
      redirect: false,
      immutable: true,
      maxAge: YEAR * 1000,
      setHeaders: (response: { setHeader(name: string, value: string): void }) => {
        for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      },
    },
  };
  // Imported as a module, it would choose its loader before a testing module has a platform, and mount it behind the routes.
  new ServeStaticModule([options], loader, config, adapterHost).onModuleInit();
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** One route for each file. Nest's own loader wants another package, which an application may register only once. */
class FastifyLoader extends AbstractLoader {
  override register(adapter: AbstractHttpAdapter, _config: ApplicationConfig, given: ServeStaticModuleOptions[]): void {
    for (const { rootPath = '', serveRoot = '' } of given)
      for (const name of namesIn(rootPath)) {
        const bytes = readFileSync(path.join(rootPath, name));
        const headers = {
          ...HEADERS,
          'Cache-Control': `public, max-age=${YEAR}, immutable`,
          'Content-Type': TYPES[path.extname(name)] ?? 'application/octet-stream',
        };
        adapter.get(`${serveRoot}/${name}`, (_request: unknown, reply: object) => {
          for (const [header, value] of Object.entries(headers)) adapter.setHeader(reply, header, value);
          void adapter.reply(reply, bytes, 200);
        });
      }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the API works without the page
  }
}
