import {
  BadRequestException,
  Catch,
  Controller,
  ForbiddenException,
  Get,
  HttpException,
  NotFoundException,
  Post,
  Body,
  UseFilters,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter } from '@nestjs/core';
import {
  definePlugin,
  type Contributions,
  type ErrorHandlerEntry,
  type PluginDefinition,
  type PluginKitOptions,
} from 'nestjs-pluginkit';
import { describe, expect, it, vi } from 'vitest';

import { ask } from './support/ask.js';
import { bootApp, failures, PLATFORMS, type AppSpec, type RunningApp } from './support/boot-app.js';

function plugin(name: string, contributions: Contributions, more: Partial<PluginDefinition> = {}): PluginDefinition {
  return definePlugin({ name, author: 'Ada', version: '1.0.0', ...more, register: () => contributions });
}

class AppError extends Error {}
class ShopError extends AppError {}
class SoldOut extends ShopError {}

@Catch(ForbiddenException)
class ForbiddenFilter implements ExceptionFilter {
  catch(_error: Error, host: ArgumentsHost): void {
    host
      .switchToHttp()
      .getResponse<{ status(code: number): { send(body: string): void } }>()
      .status(403)
      .send('by the filter of the application');
  }
}

@Controller()
class SiteController {
  @Get('sold-out')
  soldOut(): never {
    throw new SoldOut('sold out');
  }
  @Get('app-error')
  appError(): never {
    throw new AppError('app');
  }
  @Get('unknown')
  unknown(): never {
    throw new Error('unknown');
  }
  @Get('text')
  text(): never {
    // eslint-disable-next-line typescript/only-throw-error -- that is the case
    throw 'text';
  }
  @Get('conflict')
  conflict(): never {
    throw new HttpException('conflict', 409);
  }
  @Get('forbidden')
  forbidden(): never {
    throw new ForbiddenException();
  }
  @Get('filtered')
  @UseFilters(ForbiddenFilter)
  filtered(): never {
    throw new ForbiddenException();
  }
  @Post('upload')
  upload(@Body() body: object): object {
    return body;
  }
}

describe.each(PLATFORMS)('error handlers, on %s,', (platform) => {
  const boot = (plugins: PluginDefinition[], spec: AppSpec = {}, options: PluginKitOptions = {}): Promise<RunningApp> =>
    bootApp({ live: true, directories: [], plugins, ...options }, { platform, controllers: [SiteController], ...spec });
  const by =
    (name: string) =>
    (error: Error): string =>
      `${name}: ${error.message}`;

  it('answer by status: unknown routes, bad bodies, bad paths, exceptions, unknown errors, what is no error', async () => {
    const { get, url, registry } = await boot([
      plugin('pages', {
        errorHandlers: {
          400: by('400'),
          404: (error, ctx) => ({ missing: ctx.url, told: error.message }),
          409: by('409'),
          500: (_error, ctx) => `500: ${String(ctx.route?.handler)}`,
        },
      }),
    ]);
    const missing = await get('/nothing?x=1');
    expect([missing.status, JSON.parse(missing.body)]).toEqual([
      404,
      { missing: '/nothing?x=1', told: 'Cannot GET /nothing?x=1' },
    ]);
    expect(missing.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await get('/conflict')).toMatchObject({ status: 409, body: '409: conflict' });
    expect(await get('/unknown')).toMatchObject({ status: 500, body: '500: unknown' });
    expect(await get('/text')).toMatchObject({ status: 500, body: '500: text' });
    const bad = await ask(url, {
      method: 'POST',
      path: '/upload',
      headers: { 'content-type': 'application/json' },
      body: 'BROKEN{',
    });
    expect([bad.status, bad.body]).toEqual([400, expect.stringMatching(/^400: .*JSON/)]);
    if (platform === 'fastify') {
      const path = await ask(url, { method: 'GET', path: '/%zz' });
      expect([path.status, path.body]).toEqual([400, expect.stringMatching(/^400: .*%zz/)]);
    }
    expect(registry.report().plugins).toMatchObject([{ contributions: { errorHandlers: 4 } }]);
  });

  it('for the nearest class win, over all plugins, and over the status', async () => {
    const { get } = await boot([
      plugin('a', { errorHandlers: [{ error: AppError, handler: by('app') }] }),
      plugin('b', {
        errorHandlers: [
          { error: ShopError, handler: by('shop') },
          { error: 500, handler: by('status') },
          { error: 409, handler: by('status') },
        ],
      }),
      plugin('c', { errorHandlers: [{ error: HttpException, handler: by('http') }] }),
    ]);
    expect((await get('/sold-out')).body).toBe('shop: sold out');
    expect((await get('/app-error')).body).toBe('app: app');
    expect((await get('/unknown')).body).toBe('status: unknown');
    expect(await get('/conflict')).toMatchObject({ status: 409, body: 'http: conflict' });
    expect(await get('/nothing')).toMatchObject({ status: 404, body: 'http: Cannot GET /nothing' });
  });

  it('see errors of middleware, of a plugin, and of the application', async () => {
    const { get } = await boot(
      [
        plugin('mw', {
          routes: { path: '/mw', handler: () => 'mw' },
          middleware: () => {
            throw new ShopError('in middleware');
          },
        }),
        plugin('pages', {
          errorHandlers: [
            {
              error: ShopError,
              handler: (error, ctx) => {
                ctx.res.header('x-page', 'shop');
                ctx.res.status(410);
                return { told: error.message };
              },
            },
          ],
        }),
      ],
      {
        prepare: (app) =>
          app.use('/late', (_request: unknown, _response: unknown, next: (error: Error) => void) => {
            setImmediate(next, new ShopError('late'));
          }),
      },
    );
    for (const [path, told] of [
      ['/mw', 'in middleware'],
      ['/late', 'late'],
    ] as const) {
      const answer = await get(path);
      expect([path, answer.status, JSON.parse(answer.body)]).toEqual([path, 410, { told }]);
      expect(answer.headers.get('x-page')).toBe('shop');
    }
  });

  it('come behind the filters of the application: of a route, of all routes; and of plugins', async () => {
    const pages = plugin('pages', {
      errorHandlers: { 403: by('pages'), 409: by('pages'), 404: by('pages') },
      providers: [],
    });
    const plain = await boot([pages]);
    expect((await plain.get('/filtered')).body).toBe('by the filter of the application');
    expect((await plain.get('/forbidden')).body).toBe('pages: Forbidden');

    const filtered = await boot([pages], { providers: [{ provide: APP_FILTER, useClass: ForbiddenFilter }] });
    expect((await filtered.get('/forbidden')).body).toBe('by the filter of the application');
    expect((await filtered.get('/conflict')).body).toBe('pages: conflict');

    const ofPlugin = await boot([
      pages,
      plugin('filter', { providers: [{ provide: APP_FILTER, useClass: ForbiddenFilter }] }),
    ]);
    expect((await ofPlugin.get('/forbidden')).body).toBe('by the filter of the application');
  });

  it('stand in for Nest where a filter of the application hands on to it', async () => {
    const seen: string[] = [];
    @Catch()
    class Logging extends BaseExceptionFilter {
      override catch(error: Error, host: ArgumentsHost): void {
        seen.push(error.message);
        // eslint-disable-next-line promise/valid-params, promise/no-promise-in-callback -- a filter is no promise
        super.catch(error, host);
      }
    }
    const { get } = await boot([plugin('pages', { errorHandlers: { 409: by('pages') } })], {
      providers: [{ provide: APP_FILTER, useClass: Logging }],
    });
    expect((await get('/conflict')).body).toBe('pages: conflict');
    expect(await get('/nothing')).toMatchObject({ status: 404, body: expect.stringContaining('Cannot GET') });
    expect(seen).toEqual(['conflict', 'Cannot GET /nothing']);
  });

  it('may send the answer themselves, async or not, and return nothing', async () => {
    const { get } = await boot([
      plugin('pages', {
        errorHandlers: [
          { error: 404, handler: (_error, ctx) => ctx.res.send('sent') },
          {
            error: 409,
            handler: async (_error, ctx) => {
              await Promise.resolve();
              ctx.res.status(200);
              ctx.res.send('sent late');
            },
          },
          { error: 500, handler: () => undefined },
        ],
      }),
    ]);
    expect(await get('/nothing')).toMatchObject({ status: 404, body: 'sent' });
    expect(await get('/conflict')).toMatchObject({ status: 200, body: 'sent late' });
    expect(await get('/unknown')).toMatchObject({ status: 500, body: '' });
  });

  it('that fail or are late are logged, and Nest answers the error that was there first', async () => {
    const { get, log } = await boot(
      [
        plugin('bad', {
          errorHandlers: [
            {
              error: 404,
              handler: () => {
                throw new Error('broken\npage');
              },
            },
            { error: 409, handler: () => Promise.reject(new Error('rejected')) },
            { error: AppError, handler: () => new Promise(() => undefined) },
            {
              error: 403,
              handler: () => {
                const circle: Record<string, unknown> = {};
                return (circle['self'] = circle);
              },
            },
          ],
        }),
      ],
      {},
      { timeout: 60 },
    );
    expect(await get('/nothing')).toMatchObject({ status: 404, body: expect.stringContaining('Cannot GET /nothing') });
    expect(await get('/conflict')).toMatchObject({ status: 409, body: expect.stringContaining('conflict') });
    expect(await get('/app-error')).toMatchObject({ status: 500, body: expect.stringContaining('Internal server') });
    expect(await get('/forbidden')).toMatchObject({ status: 403, body: expect.stringContaining('Forbidden') });
    expect(log.filter((line) => line.startsWith('error')).slice(0, 3)).toEqual([
      'error bad: its error handler for 404 failed: broken page',
      'error bad: its error handler for 409 failed: rejected',
      'error bad: its error handler for AppError failed: it took longer than 60 ms',
    ]);
  });

  it('share the context of the hooks, and their answer reaches afterRequest', async () => {
    const log: unknown[] = [];
    const { get } = await boot([
      plugin('a', {
        hooks: {
          beforeRequest: (ctx) => {
            ctx.state['user'] = 'ada';
            if (ctx.url === '/denied') throw new ForbiddenException('denied');
          },
          afterRequest: (ctx) => void log.push(ctx.response?.body),
          teardownRequest: (_ctx, error) => void log.push((error as Error).message),
        },
        errorHandlers: {
          403: (error, ctx) => `${String(ctx.state['user'])}: ${error.message}`,
          404: (_e, ctx) => `${String(ctx.state['user'])} ${ctx.method}`,
        },
      }),
    ]);
    expect((await get('/denied')).body).toBe('ada: denied');
    expect((await get('/nothing')).body).toBe('ada GET');
    await vi.waitFor(() => expect(log).toEqual(['ada: denied', 'denied', 'ada GET', 'Cannot GET /nothing']));
  });

  it('are live: not in force for a request that began while their plugin was off', async () => {
    const log: string[] = [];
    const gates: (() => void)[] = [];
    @Controller()
    class Slow {
      @Get('slow')
      async slow(): Promise<never> {
        await new Promise<void>((resolve) => {
          gates.push(resolve);
        });
        throw new HttpException('slow', 409);
      }
    }
    const { get, registry } = await boot([plugin('pages', { errorHandlers: { 409: by('pages') } })], {
      controllers: [Slow],
    });
    const whileOn = get('/slow');
    await vi.waitFor(() => expect(gates).toHaveLength(1));
    await registry.disable('pages');
    const whileOff = get('/slow');
    await vi.waitFor(() => expect(gates).toHaveLength(2));
    await registry.enable('pages');
    for (const open of gates) open();
    expect((await whileOn).body).toBe('pages: slow');
    expect((await whileOff).body).toContain('"statusCode":409');
    expect(log).toEqual([]);
  });

  it('that two plugins bring for one error clash: the first in load order has it, and both are told once', async () => {
    const { get, registry, log } = await boot([
      plugin('b', {
        errorHandlers: [
          { error: 404, handler: by('b') },
          { error: AppError, handler: by('b') },
        ],
      }),
      plugin(
        'a',
        {
          errorHandlers: [
            { error: AppError, handler: by('a') },
            { error: 404, handler: by('a') },
          ],
        },
        { loadAfter: ['b'] },
      ),
      plugin('c', { errorHandlers: { 409: by('c') } }),
    ]);
    const clashes = ['404', 'AppError'].map(
      (error) => `Both b and a handle the error ${error}: b does it, as it is loaded first.`,
    );
    expect(
      registry
        .report()
        .notices.map(({ text }) => text)
        .toSorted(),
    ).toEqual(clashes);
    expect(log.filter((line) => line.includes('handle the error')).toSorted()).toEqual(
      clashes.map((text) => `warn ${text}`),
    );
    expect((await get('/nothing')).body).toBe('b: Cannot GET /nothing');
    await registry.disable('b');
    expect((await get('/nothing')).body).toBe('a: Cannot GET /nothing');
    expect(registry.report().notices).toEqual([]);
    await registry.enable('b');
    expect((await get('/nothing')).body).toBe('b: Cannot GET /nothing');
    expect(log.filter((line) => line.includes('handle the error'))).toHaveLength(2);
  });

  it.each([
    ['text', 'it is a string'],
    [{ 200: by('x') }, '"200"'],
    [{ teapot: by('x') }, '"teapot"'],
    [{ 404: 'page' }, 'that for 404 is a string'],
    [[{ error: 404 }], 'that for 404 is undefined'],
    [[{ error: 'NotFound', handler: by('x') }], '"NotFound"'],
    [[{ error: 404, handler: by('x'), status: 1 }], '"status"'],
    [
      [
        { error: 404, handler: by('x') },
        { error: 404, handler: by('y') },
      ],
      'two handlers for 404',
    ],
    [[by('x')], 'one is a function'],
  ])('of the wrong shape fail their plugin: %j', async (errorHandlers, told) => {
    const { registry } = await boot([plugin('wrong', { errorHandlers } as unknown as Contributions)]);
    expect(failures(registry)).toEqual({ wrong: 'EXTENSION_INVALID' });
    expect(registry.get('wrong')).toMatchObject({
      error: { field: 'errorHandlers', message: expect.stringContaining(told) },
    });
  });

  it('of one application are not asked by another in the same process', async () => {
    const first = await boot([plugin('pages', { errorHandlers: { 404: by('first') } })]);
    const second = await boot([]);
    expect((await first.get('/nothing')).body).toBe('first: Cannot GET /nothing');
    expect((await second.get('/nothing')).body).toContain('"statusCode":404');
  });
});

it('an author may annotate the class of the error and the request of the platform', () => {
  const entries: ErrorHandlerEntry[] = [
    { error: NotFoundException, handler: (error: NotFoundException) => error.getStatus() },
    { error: BadRequestException, handler: (error) => error.message },
  ];
  expect(entries).toHaveLength(2);
});
