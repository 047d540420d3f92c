import type { IncomingHttpHeaders } from 'node:http';

import {
  All,
  Body,
  Catch,
  Controller,
  Get,
  Header,
  HttpException,
  Injectable,
  Module,
  Param,
  Post,
  Query,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  VersioningType,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type INestApplication,
  type MiddlewareConsumer,
  type NestApplicationOptions,
  type NestMiddleware,
  type NestModule,
  type PipeTransform,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { definePlugin, PluginView, type Contributions } from 'nestjs-pluginkit';
import { map, type Observable } from 'rxjs';

import { ask, type Question } from './ask.js';
import { entry, newDirectory, writePlugin } from './plugin-folders.js';

/** Who took part in answering the request that is under way. */
const ran: string[] = [];

@Injectable()
class HostGuard implements CanActivate {
  canActivate(): boolean {
    ran.push('host guard');
    return true;
  }
}

class Inherited {
  @Get('inherited')
  inherited(): string {
    return 'inherited';
  }
}

@Controller()
class HostController extends Inherited {
  @Get('shared')
  shared(): string {
    return 'host shared';
  }
  @Post('shop/item')
  sameLiteral(): string {
    return 'host shop item';
  }
  @Get('boom')
  boom(): never {
    throw new HttpException('host boom', 409);
  }
  @Get(':page')
  page(@Param('page') page: string): string {
    return `host page ${page}`;
  }
}

@Controller({ path: 'versions', version: '1' })
class HostVersionOne {
  @Get()
  show(): string {
    return 'host version one';
  }
}

/** A page that shows what plugins add to it. */
@Controller('with/slots')
class HostSlots {
  constructor(private readonly view: PluginView) {}
  @Get('and/assets')
  show(): string {
    return `host${this.view.emitSlot('side')}${this.view.emitAssets('theme', 'a.css')}`;
  }
}

@Injectable()
class HostMiddleware implements NestMiddleware {
  use(_request: unknown, _response: unknown, next: () => void): void {
    ran.push('host middleware');
    next();
  }
}

@Module({
  controllers: [HostController, HostVersionOne, HostSlots],
  providers: [{ provide: APP_GUARD, useClass: HostGuard }],
})
export class HostModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(HostMiddleware).forRoutes('{*path}');
  }
}

@Injectable()
class ShopGuard implements CanActivate {
  canActivate(): boolean {
    ran.push('shop guard');
    return true;
  }
}

@Injectable()
class ShopInterceptor {
  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    ran.push('shop interceptor');
    return next.handle();
  }
}

@Catch()
class ShopFilter implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): void {
    ran.push('shop filter');
    host
      .switchToHttp()
      .getResponse<{ status(code: number): { send(body: object): void } }>()
      .status(418)
      .send({ caught: error.message });
  }
}

@Injectable()
class ShopMiddleware implements NestMiddleware {
  use(_request: unknown, response: { setHeader(name: string, value: string): void }, next: () => void): void {
    ran.push('shop middleware');
    response.setHeader('x-shop', '1');
    next();
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  readonly number = Math.random();
}

@UseGuards(ShopGuard)
@UseInterceptors(ShopInterceptor)
@UseFilters(ShopFilter)
@Controller('shop')
class ShopController extends Inherited {
  @Get()
  list(): object {
    return { shop: 'list' };
  }
  @Get('item')
  otherMethod(): string {
    return 'shop item';
  }
  @Get('item/:id')
  @Header('cache-control', 'no-store')
  item(@Param('id') id: string, @Query('q') q: string): object {
    return { id, q };
  }
  @Post('orders')
  order(@Body() body: unknown): object {
    return { ordered: body };
  }
  @Get('boom')
  boom(): never {
    throw new HttpException('shop boom', 400);
  }
  @All('all')
  all(): string {
    return 'shop all';
  }
}

@Controller()
class ShopRootController {
  @Get('about')
  about(): string {
    return 'shop about';
  }
  @Get('nested/:a/:b')
  nested(@Param('a') a: string, @Param('b') b: string): string {
    return `${a} ${b}`;
  }
}

@Controller('scoped')
class ShopScopedController {
  constructor(private readonly perRequest: PerRequest) {}
  @Get()
  show(): boolean {
    return this.perRequest.number >= 0;
  }
}

@Controller({ path: 'versions', version: '2' })
class ShopVersionTwo {
  @Get()
  show(): string {
    return 'shop version two';
  }
}

/** Enhancers of the whole application. */
const enhancers = [
  { provide: APP_GUARD, useValue: { canActivate: () => ran.push('shop app guard') > 0 } satisfies CanActivate },
  {
    provide: APP_INTERCEPTOR,
    useValue: {
      intercept: (_context: unknown, next: CallHandler) => {
        ran.push('shop app interceptor');
        return next.handle().pipe(map((value: unknown) => (typeof value === 'string' ? `${value} (shop)` : value)));
      },
    },
  },
  {
    provide: APP_PIPE,
    useValue: {
      transform: (value: unknown) => (typeof value === 'string' ? `${value}!` : value),
    } satisfies PipeTransform,
  },
  {
    provide: APP_FILTER,
    useValue: {
      catch: (error: Error, host: ArgumentsHost) =>
        host
          .switchToHttp()
          .getResponse<{ status(code: number): { send(body: object): void } }>()
          .status(420)
          .send({ shopCaught: error.message }),
    } satisfies ExceptionFilter,
  },
];

/** What takes part in every request, and in every error that no filter takes. */
const requestPoints: Contributions = {
  middleware: {
    use: (_request, _response, next) => {
      ran.push('shop middleware everywhere');
      next();
    },
    forRoutes: '*',
  },
  hooks: {
    beforeRequest: (ctx) => {
      ran.push('shop before');
      return ctx.url.endsWith('/about') ? { about: 'shop' } : undefined;
    },
    afterRequest: async (ctx) => {
      await Promise.resolve();
      ctx.response?.headers.set('x-shop-after', '1');
    },
    teardownRequest: () => void ran.push('shop teardown'),
  },
  errorHandlers: { 404: () => ({ shop: 'is all there is' }), 409: () => 'shop has no conflicts' },
};

@Module({
  controllers: [ShopController, ShopRootController, ShopScopedController],
  providers: [PerRequest],
})
class ShopModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(ShopMiddleware, (_request: unknown, _response: unknown, next: () => void) => {
        ran.push('shop middleware function');
        next();
      })
      .forRoutes('{*path}');
  }
}

/**
 * The plugin that is switched; with enhancers of the whole application, or without.
 * @param isVersioned whether versions tell its routes from those of the application: without, two would be the same
 */
export function shop(withEnhancers: boolean, isVersioned: boolean) {
  return definePlugin({
    name: 'shop',
    author: 'Ada',
    version: '1.0.0',
    register: () => ({
      module: {
        module: ShopModule,
        providers: withEnhancers ? enhancers : [],
        controllers: isVersioned ? [ShopVersionTwo] : [],
      },
      ...(withEnhancers && requestPoints),
    }),
  });
}

/** The directory of a second plugin that is switched: its files are served, and it has a part in a page. */
export function themes(): string {
  const directory = newDirectory();
  writePlugin(directory, 'theme', {
    'index.js': entry({ name: 'theme' }, `{ slots: { side: 'side.njk' } }`),
    'templates/side.njk': ' side ',
    'static/a.css': 'a{}',
    'static/deep/b.js': '1',
    'secret.txt': 'secret',
  });
  return directory;
}

/** Every way in which an application may be set up so that routes are found otherwise. */
export const CONFIGURATIONS: Record<
  string,
  {
    nest?: NestApplicationOptions;
    prepare?: (app: INestApplication) => void;
    express?: (settings: { set(name: string, value: unknown): void }) => void;
  }
> = {
  'as it is': {},
  'with versions by header': {
    prepare: (app) =>
      void app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version', defaultVersion: '1' }),
  },
  'with versions by URI': {
    prepare: (app) => void app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
  },
  'with a global prefix': { prepare: (app) => void app.setGlobalPrefix('api') },
  'with a global prefix and exclusions': {
    prepare: (app) => void app.setGlobalPrefix('api', { exclude: ['shop', 'about'] }),
  },
  'with routes by specificity': { nest: { routeResolutionStrategy: 'specificity' } },
  'with a policy for route conflicts': { nest: { routeConflictPolicy: { duplicate: 'error', shadow: 'off' } } },
  'with CORS': { nest: { cors: true } },
  'with strict and case sensitive routing': {
    express: (settings) => {
      settings.set('strict routing', true);
      settings.set('case sensitive routing', true);
    },
  },
};

const JSON_BODY = { 'content-type': 'application/json' };

/** What is asked: everything that could tell a plugin that is off from one that was never there. */
const WITHOUT_PREFIX: readonly Question[] = [
  ...[
    '/shop',
    '/shop/',
    '/SHOP',
    '/shop/item',
    '/shop/item/5?q=z',
    '/shop/item/5/',
    '/shop/boom',
    '/shop/inherited',
    '/shop/all',
    '/inherited',
    '/shared',
    '/about',
    '/About',
    '/nested/a/b',
    '/nested/a',
    '/scoped',
    '/boom',
    '/any-page',
    '/nothing/here',
    '/versions',
    '/v1/versions',
    '/v2/versions',
    '/v1/shop',
    '/api/shop',
    '/api/about',
    '/api/shop/item/5',
    '/shop/%zz',
    '/%zz',
    '/shop/item/%E0%A4%A',
    '//shop',
    '/shop//item',
    '/shop/../shared',
    '/shop;x',
    '/?shop',
    '/',
    '/with/slots/and/assets',
    '/assets/theme/a.css',
    '/assets/theme/a.css?v=1',
    '/assets/theme/deep/b.js',
    '/assets/theme/deep',
    '/assets/theme/gone.css',
    '/assets/theme/..%2fsecret.txt',
    '/assets/theme/../secret.txt',
    '/assets/Theme/a.css',
    '/assets/theme',
    '/assets/theme/',
    '/assets/theme/%zz',
  ].map((path) => ({ method: 'GET', path })),
  ...['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH'].flatMap((method) =>
    ['/shop', '/shop/item', '/shop/item/5', '/shop/all', '/about', '/shared', '/assets/theme/a.css'].map((path) => ({
      method,
      path,
    })),
  ),
  { method: 'POST', path: '/shop/item', headers: JSON_BODY, body: '{"a":1}' },
  { method: 'POST', path: '/shop/orders', headers: JSON_BODY, body: '{"a":1}' },
  { method: 'POST', path: '/shop/orders', headers: JSON_BODY, body: 'BROKEN{' },
  { method: 'POST', path: '/about', headers: JSON_BODY, body: 'BROKEN{' },
  { method: 'POST', path: '/shop', headers: { 'content-type': 'text/csv' }, body: 'a,b' },
  { method: 'GET', path: '/assets/theme/a.css', headers: { range: 'bytes=0-1' } },
  { method: 'GET', path: '/assets/theme/a.css', headers: { range: 'bytes=90-91' } },
  { method: 'GET', path: '/versions', headers: { 'x-version': '2' } },
  { method: 'GET', path: '/versions', headers: { 'x-version': '1' } },
  { method: 'GET', path: '/shop', headers: { origin: 'https://example.org' } },
  {
    method: 'OPTIONS',
    path: '/shop',
    headers: { origin: 'https://example.org', 'access-control-request-method': 'POST' },
  },
];

/** The same below the prefix that some configurations have. */
const QUESTIONS = [...WITHOUT_PREFIX, ...WITHOUT_PREFIX.map((asked) => ({ ...asked, path: `/api${asked.path}` }))];

/** One answer, byte for byte but for the date, and who took part in it. */
export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly ran: string;
}

/** Asks everything, one after the other. */
export async function askAll(url: string): Promise<Record<string, Answer>> {
  const answers: Record<string, Answer> = {};
  for (const asked of QUESTIONS) {
    ran.length = 0;
    const { status, headers, body } = await ask(url, asked);
    const { date: _date, ...rest } = headers;
    answers[`${asked.method} ${asked.path} ${JSON.stringify(asked.headers ?? {})} ${asked.body ?? ''}`] = {
      status,
      headers: rest,
      body,
      ran: ran.join(', '),
    };
  }
  return answers;
}
