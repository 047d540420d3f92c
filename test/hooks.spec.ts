import type { ServerResponse } from 'node:http';
import { createConnection } from 'node:net';
import { Readable } from 'node:stream';

import {
  Controller,
  Get,
  Header,
  HttpCode,
  HttpException,
  Post,
  Body,
  Query,
  Res,
  Sse,
  StreamableFile,
  UnauthorizedException,
  VersioningType,
  type INestApplication,
  type NestApplicationOptions,
  type MessageEvent,
} from '@nestjs/common';
import { APP_FILTER, type AbstractHttpAdapter } from '@nestjs/core';
import {
  definePlugin,
  type Contributions,
  type HttpRequest,
  type PluginDefinition,
  type PluginKitOptions,
  type RequestContext,
  type RequestHooks,
} from 'nestjs-pluginkit';
import type { Request as ExpressRequest, Response as ExpressResponse } from 'express';
import { of, Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

import { bootApp, failures, HostController, PLATFORMS, type AppSpec, type RunningApp } from './support/boot-app.js';
import { ask } from './support/ask.js';

function plugin(name: string, contributions: Contributions, more: Partial<PluginDefinition> = {}): PluginDefinition {
  return definePlugin({ name, author: 'Ada', version: '1.0.0', ...more, register: () => contributions });
}

@Controller()
class SiteController {
  @Get('json')
  json(): object {
    return { a: 1 };
  }
  @Get('page')
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return '<p>page</p>';
  }
  @Get('boom')
  boom(): never {
    throw new Error('boom');
  }
  @Get('teapot')
  teapot(): never {
    throw new HttpException('teapot', 418);
  }
  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(Readable.from([Buffer.from('one '), Buffer.from('two')]));
  }
  @Get('empty')
  @HttpCode(204)
  empty(): undefined {
    return undefined;
  }
  @Get('raw')
  raw(@Res() response: { raw?: { end(text: string): void }; end(text: string): void }): void {
    (response.raw ?? response).end('raw');
  }
  @Get('items/:id')
  item(@Query('q') q: string): string {
    return q;
  }
  @Post('upload')
  upload(@Body() body: object): object {
    return body;
  }
}

/** Everything that a plugin's hooks saw, in the order in which they saw it. */
function recorder(log: string[], name = 'seen'): RequestHooks {
  return {
    beforeRequest: (ctx) => void log.push(`${name} before ${ctx.method} ${ctx.url}`),
    afterRequest: (ctx) => void log.push(`${name} after ${ctx.response?.status}`),
    teardownRequest: (ctx, error) =>
      void log.push(
        `${name} teardown${error === undefined ? '' : ` ${(error as Error).message}`}${ctx.aborted ? ' aborted' : ''}`,
      ),
  };
}

describe.each(PLATFORMS)('hooks, on %s,', (platform) => {
  const boot = (plugins: PluginDefinition[], options: PluginKitOptions = {}, spec: AppSpec = {}): Promise<RunningApp> =>
    bootApp(
      { live: true, directories: [], plugins, ...options },
      { platform, controllers: [SiteController, HostController], ...spec },
    );

  it('see every request: routes of the application and of plugins, errors, unknown routes, bad bodies, bad paths, preflights', async () => {
    const log: string[] = [];
    const { url } = await boot(
      [plugin('seen', { hooks: recorder(log) }), plugin('shop', { routes: { path: '/shop', handler: () => 'shop' } })],
      {},
      { nest: { cors: true } },
    );
    const questions: [string, string, number, object?, string?][] = [
      ['GET', '/json', 200],
      ['GET', '/shop?x=1', 200],
      ['HEAD', '/json', 200],
      ['GET', '/empty', 204],
      ['GET', '/raw', 200],
      ['GET', '/file', 200],
      ['GET', '/boom', 500],
      ['GET', '/teapot', 418],
      ['GET', '/nothing', 404],
      ['DELETE', '/json', 404],
      ['POST', '/upload', 400, { 'content-type': 'application/json' }, 'BROKEN{'],
      ['GET', '/items/%zz', 400],
      ['OPTIONS', '/json', 204, { origin: 'https://example.org', 'access-control-request-method': 'POST' }],
    ];
    for (const [method, path, status, headers, body] of questions) {
      log.length = 0;
      const answer = await ask(url, {
        method,
        path,
        ...(headers && { headers: headers as Record<string, string> }),
        ...(body !== undefined && { body }),
      });
      expect(answer.status, `${method} ${path}`).toBe(status);
      await vi.waitFor(() => expect(log, `${method} ${path}`).toHaveLength(3));
      expect(log[0]).toBe(`seen before ${method} ${path}`);
      expect(log[1], `${method} ${path}`).toBe(`seen after ${status}`);
      expect(log[2], `${method} ${path}`).toMatch(status >= 400 ? /^seen teardown \S/ : /^seen teardown$/);
    }
  });

  it('of several plugins run in load order, with one context for all', async () => {
    const log: string[] = [];
    const sharing = (name: string): RequestHooks => ({
      beforeRequest: (ctx) => {
        ctx.state[name] = Object.keys(ctx.state).length;
      },
      afterRequest: (ctx) => void log.push(`${name} ${JSON.stringify(ctx.state)}`),
    });
    const { get } = await boot([
      plugin('b', { hooks: sharing('b') }, { loadAfter: ['c'] }),
      plugin('c', { hooks: sharing('c') }),
      plugin('a', { hooks: sharing('a') }, { dependsOn: { b: '*' } }),
    ]);
    await get('/json');
    expect(log).toEqual(['c', 'b', 'a'].map((name) => `${name} {"c":0,"b":1,"a":2}`));
    log.length = 0;
    await get('/json');
    expect(log).toHaveLength(3); // a state of its own for each request
    expect(log[0]).toBe('c {"c":0,"b":1,"a":2}');
  });

  it.each([
    ['an object', { a: 1 }, '{"a":1}', /^application\/json/],
    ['a text', 'no', 'no', platform === 'express' ? /^text\/html/ : /^text\/plain/],
    ['an empty text', '', '', /./],
    ['false', false, 'false', /./],
    ['zero', 0, '0', /./],
    ['a file', () => new StreamableFile(Buffer.from('bytes')), 'bytes', /^application\/octet-stream/],
    ['an Observable', () => of(1, { last: true }), '{"last":true}', /^application\/json/],
    ['a promise', () => Promise.resolve({ late: true }), '{"late":true}', /^application\/json/],
  ])('beforeRequest ends the request with %s, sent as a handler would', async (_what, given, body, type) => {
    const log: string[] = [];
    const { get } = await boot([
      plugin('a', { hooks: { beforeRequest: () => (typeof given === 'function' ? given() : given) } }),
      plugin('b', { hooks: { ...recorder(log) } }),
    ]);
    const answer = await get('/boom');
    expect([answer.status, answer.body]).toEqual([200, body]);
    if (body !== '' && typeof given !== 'boolean' && typeof given !== 'number')
      expect(answer.headers.get('content-type')).toMatch(type);
    await vi.waitFor(() => expect(log).toEqual(['seen after 200', 'seen teardown']));
  });

  it('beforeRequest may set status and headers of what it ends the request with, or answer by itself', async () => {
    const { get } = await boot([
      plugin('a', {
        hooks: {
          beforeRequest: async (ctx) => {
            await Promise.resolve();
            if (ctx.url === '/json') {
              ctx.res.status(451);
              ctx.res.header('x-reason', 'law');
              return { gone: true };
            }
            if (ctx.url === '/page') return ctx.res.send('by itself');
            if (ctx.url === '/teapot') ctx.res.send('by itself, silently');
            return null;
          },
        },
      }),
    ]);
    const json = await get('/json');
    expect([json.status, json.body, json.headers.get('x-reason')]).toEqual([451, '{"gone":true}', 'law']);
    expect((await get('/page')).body).toBe('by itself');
    expect((await get('/teapot')).body).toBe('by itself, silently');
    expect((await get('/host')).body).toBe('host');
  });

  it('beforeRequest that sets a header has it on every answer, also on one of middleware and on an error', async () => {
    const { get } = await boot(
      [plugin('a', { hooks: { beforeRequest: (ctx) => void ctx.res.header('x-a', '1') } })],
      {},
      {
        prepare: (app) => {
          app.use('/mw', (_request: unknown, response: { end(text: string): void }) => response.end('mw'));
          app.use('/bad', (_request: unknown, _response: unknown, next: (error: Error) => void) =>
            next(new Error('bad')),
          );
        },
      },
    );
    for (const path of ['/json', '/mw', '/bad', '/boom', '/nothing', '/file'])
      expect([path, (await get(path)).headers.get('x-a')]).toEqual([path, '1']);
  });

  it('afterRequest replaces the body by what it returns, whatever the answer was', async () => {
    const { get, url } = await boot([
      plugin('a', {
        hooks: {
          afterRequest: (ctx) => {
            if (ctx.url === '/page') return String(ctx.response?.body).replace('page', 'another page');
            if (ctx.url === '/teapot') return Buffer.from('bytes');
            if (ctx.response?.status === 404 || ctx.url === '/json') return { was: ctx.response?.body };
            return undefined;
          },
        },
      }),
    ]);
    const page = await get('/page');
    expect([page.body, page.headers.get('content-type')]).toEqual(['<p>another page</p>', 'text/html; charset=utf-8']);
    expect(page.headers.get('content-length')).toBe('19');
    const json = await get('/json');
    expect([json.status, JSON.parse(json.body)]).toEqual([200, { was: '{"a":1}' }]);
    expect(json.headers.get('content-type')).toMatch(/^application\/json/);
    const gone = await get('/nothing');
    expect(gone.status).toBe(404);
    expect(JSON.parse((JSON.parse(gone.body) as { was: string }).was)).toMatchObject({
      message: 'Cannot GET /nothing',
    });
    expect((await get('/teapot')).body).toBe('bytes');
    const head = await ask(url, { method: 'HEAD', path: '/json' });
    expect([head.status, head.body]).toEqual([200, '']);
    expect((await get('/host')).body).toBe('host');
  });

  it('afterRequest changes status and headers, by the context as by the response, and one sees what another did', async () => {
    const seen: unknown[] = [];
    const { get } = await boot([
      plugin('a', {
        hooks: {
          afterRequest: (ctx) => {
            ctx.res.header('x-by-response', 'a');
            ctx.response?.headers.set('x-by-context', 'a');
            ctx.response?.headers.remove('etag');
            if (ctx.response) ctx.response.status = 202;
          },
        },
      }),
      plugin('b', {
        hooks: {
          afterRequest: async (ctx) => {
            seen.push(
              ctx.response?.headers.get('X-By-Response'),
              ctx.response?.headers.get('x-by-context'),
              ctx.response?.status,
            );
            await Promise.resolve();
            ctx.res.header('x-late', 'b');
            ctx.res.status(203);
          },
        },
      }),
    ]);
    for (const path of ['/json', '/boom', '/nothing', '/file', '/raw']) {
      seen.length = 0;
      const { status, headers, body } = await get(path);
      expect([path, status]).toEqual([path, 203]);
      expect(['x-by-response', 'x-by-context', 'x-late'].map((name) => headers.get(name))).toEqual(['a', 'a', 'b']);
      expect(headers.get('etag')).toBe(null);
      expect(seen).toEqual(['a', 'a', 202]);
      if (path === '/file') expect(body).toBe('one two');
      if (path === '/raw') expect(body).toBe('raw');
    }
  });

  it('afterRequest may set cookies beside those that are there', async () => {
    const { get } = await boot([
      plugin('a', {
        hooks: {
          beforeRequest: (ctx) => void ctx.res.header('set-cookie', 'a=1'),
          afterRequest: (ctx) => {
            const cookies = [ctx.response?.headers.get('set-cookie') ?? []].flat().map(String);
            ctx.response?.headers.set('set-cookie', [...cookies, 'b=2']);
          },
        },
      }),
    ]);
    expect((await get('/json')).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('leave answers without a body without one', async () => {
    const { url, get } = await boot([plugin('a', { hooks: { afterRequest: () => ({ replaced: true }) } })]);
    const empty = await ask(url, { method: 'GET', path: '/empty' });
    expect([empty.status, empty.body, empty.headers['content-length']]).toEqual([204, '', undefined]);
    const etag = (await get('/json')).headers.get('etag');
    if (platform === 'express') {
      const same = await ask(url, { method: 'GET', path: '/json', headers: { 'if-none-match': String(etag) } });
      expect([same.status, same.body]).toEqual([304, '']);
    }
  });

  it('do not collect a stream: of its body nothing is seen, its head can be changed', async () => {
    const events = new Subject<MessageEvent>();
    @Controller()
    class Events {
      @Sse('events')
      stream(): Subject<MessageEvent> {
        return events;
      }
    }
    const log: string[] = [];
    const { url } = await boot([
      plugin('a', {
        controllers: [Events],
        hooks: {
          afterRequest: async (ctx) => {
            await Promise.resolve();
            log.push(`${String(ctx.response?.isStream)} ${String(ctx.response?.body)}`);
            ctx.response?.headers.set('x-stream', 'yes');
            return 'ignored';
          },
          teardownRequest: (ctx) => void log.push(`over ${String(ctx.aborted)}`),
        },
      }),
    ]);
    const abort = new AbortController();
    const response = await fetch(`${url}/events`, { signal: abort.signal });
    expect(response.headers.get('x-stream')).toBe('yes');
    expect(log).toEqual(['true undefined']);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (const data of ['one', 'two']) {
      events.next({ data });
      while (!text.includes(data)) text += (await reader?.read())?.value ?? '';
    }
    abort.abort();
    await vi.waitFor(() => expect(log).toEqual(['true undefined', 'over true']));
  });

  it('pass a large stream on whole, with async hooks too', async () => {
    const part = Buffer.alloc(64 * 1024, 'x');
    const count = 200;
    @Controller()
    class Large {
      @Get('large')
      large(): StreamableFile {
        return new StreamableFile(
          Readable.from(
            (function* parts() {
              for (let each = 0; each < count; each++) yield part;
            })(),
          ),
        );
      }
    }
    const { url } = await boot([
      plugin('a', {
        controllers: [Large],
        hooks: { afterRequest: () => new Promise((resolve) => setImmediate(resolve)) },
      }),
    ]);
    const bytes = await (await fetch(`${url}/large`)).arrayBuffer();
    expect(bytes.byteLength).toBe(part.length * count);
  });

  it('see answers of every make: by parts, with a head of its own, sent twice, sent by a hook', async () => {
    const seen: string[] = [];
    const { get, url } = await boot(
      [
        plugin('a', {
          hooks: {
            afterRequest: async (ctx) => {
              await Promise.resolve();
              seen.push(`${String(ctx.response?.isStream)} ${String(ctx.response?.headers.get('x-own'))}`);
              ctx.response?.headers.set('x-a', '1');
            },
          },
        }),
        plugin('b', {
          hooks: { afterRequest: (ctx) => (ctx.url === '/json' ? ctx.res.send('sent by a hook') : undefined) },
        }),
      ],
      {},
      {
        prepare: (app) => {
          app.use('/parts', (_request: unknown, response: ServerResponse) => {
            response.write('one ');
            response.write('two ', () => response.end('three'));
          });
          app.use('/head', (_request: unknown, response: ServerResponse) => {
            response.writeHead(201, 'Made', ['x-own', 'a', 'x-own', 'b', 'content-type', 'text/plain']);
            response.end('head');
            response.end('ignored');
          });
          app.use('/flushed', (_request: unknown, response: ServerResponse) => {
            response.writeHead(202, { 'x-own': 'flushed' }).flushHeaders();
            setImmediate(() => response.end('flushed'));
          });
        },
      },
    );
    const parts = await get('/parts');
    expect([parts.status, parts.body, parts.headers.get('x-a')]).toEqual([200, 'one two three', '1']);
    const head = await ask(url, { method: 'GET', path: '/head' });
    expect([head.status, head.body, head.headers['x-own'], head.headers['x-a']]).toEqual([201, 'head', 'a, b', '1']);
    const flushed = await get('/flushed');
    expect([flushed.status, flushed.body, flushed.headers.get('x-own'), flushed.headers.get('x-a')]).toEqual([
      202,
      'flushed',
      'flushed',
      '1',
    ]);
    expect(seen).toEqual(['true undefined', 'false a,b', 'true flushed']);
    const sent = await get('/json');
    expect([sent.status, sent.body]).toEqual([200, 'sent by a hook']);
  });

  describe('that fail', () => {
    it.each([
      [
        'throws',
        () => {
          throw new Error('no\u001b[31m\nway');
        },
      ],
      ['rejects', () => Promise.reject(new Error('no\u001b[31m\nway'))],
      [
        'throws what is no error',
        () => {
          // eslint-disable-next-line typescript/only-throw-error -- that is the case
          throw 'no way';
        },
      ],
    ])('beforeRequest that %s is an error answer, reported with the plugin', async (_what, beforeRequest) => {
      const seen: string[] = [];
      const { get, log } = await boot([
        plugin('bad', { hooks: { beforeRequest } }),
        plugin('seen', { hooks: recorder(seen) }),
      ]);
      const answer = await get('/json');
      expect(answer.status).toBe(500);
      expect(JSON.parse(answer.body)).toMatchObject({ message: 'Internal server error' });
      expect(log.filter((line) => line.startsWith('error'))).toEqual(['error bad: its beforeRequest failed: no way']);
      await vi.waitFor(() => expect(seen[1]).toMatch(/^seen teardown/));
      expect(seen[0]).toBe('seen after 500');
    });

    it('an HttpException of beforeRequest keeps its status, and goes through the filters of the application', async () => {
      const denied = plugin('guard', {
        hooks: {
          beforeRequest: () => {
            throw new UnauthorizedException('who are you?');
          },
        },
      });
      const plain = await boot([denied]);
      expect(await plain.get('/json')).toMatchObject({ status: 401, body: expect.stringContaining('who are you?') });
      expect(plain.log.some((line) => line === 'warn guard: its beforeRequest failed: who are you?')).toBe(true);

      const filter = {
        catch: (
          error: Error,
          host: { switchToHttp(): { getResponse(): { status(code: number): { send(body: string): void } } } },
        ) => host.switchToHttp().getResponse().status(499).send(`filtered ${error.message}`),
      };
      const filtered = await boot([denied], {}, { providers: [{ provide: APP_FILTER, useValue: filter }] });
      expect(await filtered.get('/json')).toMatchObject({ status: 499, body: 'filtered who are you?' });
    });

    it('afterRequest and teardownRequest that throw or reject are logged, and the answer is as it was', async () => {
      const { get, log } = await boot([
        plugin('a', {
          hooks: {
            afterRequest: () => Promise.reject(new Error('after')),
            teardownRequest: () => {
              throw new Error('down');
            },
          },
        }),
        plugin('b', {
          hooks: {
            afterRequest: () => {
              const circle: Record<string, unknown> = {};
              return (circle['self'] = circle);
            },
            teardownRequest: () => Promise.reject(new Error('down')),
          },
        }),
        plugin('c', { hooks: { afterRequest: (ctx) => void ctx.res.header('x-c', '1') } }),
      ]);
      const answer = await get('/json');
      expect([answer.status, answer.body, answer.headers.get('x-c')]).toEqual([200, '{"a":1}', '1']);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      await vi.waitFor(() => expect(log.filter((line) => line.startsWith('error'))).toHaveLength(4));
      expect(log.filter((line) => line.startsWith('error'))).toEqual([
        'error a: its afterRequest failed: after',
        expect.stringMatching(/^error b: its afterRequest failed: .*circular/),
        'error a: its teardownRequest failed: down',
        'error b: its teardownRequest failed: down',
      ]);
    });

    it('hooks that never settle get the time limit', async () => {
      const never = (): Promise<never> => new Promise(() => undefined);
      const { get, log } = await boot(
        [
          plugin('slow', {
            hooks: {
              beforeRequest: (ctx) => (ctx.url === '/json' ? never() : undefined),
              afterRequest: never,
              teardownRequest: never,
            },
          }),
        ],
        { timeout: 60 },
      );
      expect((await get('/json')).status).toBe(500);
      expect(await get('/host')).toMatchObject({ status: 200, body: 'host' });
      await vi.waitFor(() =>
        expect(log.filter((line) => line.startsWith('error'))).toEqual(
          ['beforeRequest', 'afterRequest', 'teardownRequest', 'afterRequest', 'teardownRequest'].map(
            (name) => `error slow: its ${name} failed: it took longer than 60 ms`,
          ),
        ),
      );
    });

    it.each([
      ['no object', 'nothing', 'must be an object'],
      ['an unknown name', { onRequest: () => undefined }, '"onRequest"'],
      ['no function', { beforeRequest: 5 }, 'beforeRequest is a number'],
      ['a list', [{ beforeRequest: () => undefined }], 'a list'],
    ])('of the wrong shape fail their plugin: %s', async (_what, hooks, told) => {
      const { registry } = await boot([plugin('wrong', { hooks } as unknown as Contributions)]);
      expect(failures(registry)).toEqual({ wrong: 'EXTENSION_INVALID' });
      expect(registry.get('wrong')).toMatchObject({
        error: { field: 'hooks', message: expect.stringContaining(told) },
      });
    });
  });

  it('tell the route that was matched: pattern, controller, handler, plugin', async () => {
    const routes: unknown[] = [];
    const during: unknown[] = [];
    const hooks: RequestHooks = {
      beforeRequest: (ctx) => void during.push(ctx.route),
      afterRequest: (ctx) => void routes.push(ctx.route),
    };
    const watch = plugin('watch', { hooks });
    const shop = plugin('shop', { prefix: '/shop', routes: { path: '/:id', handler: () => 'one' }, controllers: [] });
    const { get } = await boot([watch, shop], {}, { prepare: (app) => void app.setGlobalPrefix('api') });
    for (const path of ['/api/items/5?q=1', '/api/shop/7', '/api/nothing', '/nothing', '/api/boom']) await get(path);
    expect(routes).toEqual([
      { path: '/api/items/:id', controller: 'SiteController', handler: 'item' },
      { path: '/api/shop/:id', controller: 'ShopRoutes', handler: 'route1', plugin: 'shop' },
      undefined,
      undefined,
      { path: '/api/boom', controller: 'SiteController', handler: 'boom' },
    ]);
    expect(during).toEqual(Array.from({ length: 5 }, () => undefined));
  });

  it.each([
    ['sorts routes by specificity', { routeResolutionStrategy: 'specificity' }],
    ['looks for conflicts', { routeConflictPolicy: { duplicate: 'warn', shadow: 'off' } }],
  ] satisfies [string, NestApplicationOptions][])('tell the route where Nest %s', async (_what, nest) => {
    const routes: unknown[] = [];
    const { get } = await boot(
      [
        plugin('shop', {
          routes: { path: '/shop', handler: () => 'shop' },
          hooks: { afterRequest: (ctx) => void routes.push(ctx.route) },
        }),
      ],
      {},
      { nest: { logger: false, ...nest } },
    );
    await get('/shop');
    await get('/items/5');
    expect(routes).toEqual([
      { path: '/shop', controller: 'ShopRoutes', handler: 'route1', plugin: 'shop' },
      { path: '/items/:id', controller: 'SiteController', handler: 'item' },
    ]);
  });

  it.each([
    ['header', VersioningType.HEADER],
    ['URI', VersioningType.URI],
  ])('tell whose route of two versions by %s it was, and that there was none', async (_by, type) => {
    @Controller({ path: 'versions', version: '1' })
    class One {
      @Get()
      one(): string {
        return 'one';
      }
    }
    @Controller({ path: 'versions', version: '2' })
    class Two {
      @Get()
      two(): string {
        return 'two';
      }
    }
    const routes: (string | undefined)[] = [];
    const { get } = await boot(
      [
        plugin('two', {
          controllers: [Two],
          hooks: {
            afterRequest: (ctx) =>
              void routes.push(
                ctx.route && `${ctx.route.controller}.${ctx.route.handler} of ${String(ctx.route.plugin)}`,
              ),
          },
        }),
      ],
      {},
      {
        controllers: [One],
        prepare: (app: INestApplication) =>
          void app.enableVersioning(
            type === VersioningType.HEADER ? { type, header: 'x-version' } : { type: VersioningType.URI },
          ),
      },
    );
    for (const version of ['1', '2', '3'])
      await get(type === VersioningType.URI ? `/v${version}/versions` : '/versions', {
        headers: { 'x-version': version },
      });
    expect(routes).toEqual(['One.one of undefined', 'Two.two of two', undefined]);
  });

  it('teardownRequest is told once when the client goes away: in a handler, in an upload, in a hook', async () => {
    const log: string[] = [];
    let reached = (): void => undefined;
    @Controller()
    class Hanging {
      @Get('hanging')
      hang(): Promise<never> {
        reached();
        return new Promise(() => undefined);
      }
    }
    const { url } = await boot([
      plugin('a', {
        controllers: [Hanging],
        hooks: {
          ...recorder(log),
          beforeRequest: (ctx) => {
            if (ctx.url === '/json')
              return new Promise((resolve) => {
                reached();
                setTimeout(resolve, 50, 'late');
              });
            if (ctx.url === '/upload') reached();
            return undefined;
          },
        },
      }),
    ]);
    const { hostname, port } = new URL(url);
    const requests = [
      'GET /hanging HTTP/1.1\r\nHost: x\r\n\r\n',
      'POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":',
      'GET /json HTTP/1.1\r\nHost: x\r\n\r\n',
    ];
    for (const text of requests) {
      log.length = 0;
      const isReached = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const socket = createConnection({ host: hostname, port: Number(port) });
      socket.write(text);
      await isReached;
      socket.destroy();
      await vi.waitFor(() => expect(log.filter((line) => line.includes('teardown'))).toHaveLength(1), {
        timeout: 2000,
      });
      expect(log.at(-1)).toMatch(/teardown.* aborted$/);
      expect(log.filter((line) => line.includes('after'))).toEqual([]);
    }
  });

  it('take part for each of several requests that are pipelined on one connection', async () => {
    const log: string[] = [];
    const { url } = await boot([plugin('a', { hooks: recorder(log) })]);
    const { hostname, port } = new URL(url);
    const socket = createConnection({ host: hostname, port: Number(port) });
    const warnings: string[] = [];
    const warn = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', warn);
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    socket.write(
      Array.from({ length: 30 }, (_, each) => `GET /items/${each}?q=${each} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''),
    );
    await vi.waitFor(() => expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(30));
    socket.destroy();
    await vi.waitFor(() => expect(log.filter((line) => line.includes('teardown'))).toHaveLength(30));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });

  it('are live: a request sees those of the plugins that were on when it began', async () => {
    const log: string[] = [];
    let goOn = (): void => undefined;
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    @Controller()
    class Slow {
      @Get('slow')
      async slow(): Promise<string> {
        begun();
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        return 'slow';
      }
    }
    const { get, registry } = await boot(
      [plugin('a', { hooks: recorder(log) })],
      {},
      { controllers: [Slow, HostController] },
    );
    const slow = get('/slow');
    await hasBegun;
    expect(await registry.disable('a')).toMatchObject({ applied: 'live' });
    await get('/host');
    expect(log).toEqual(['seen before GET /slow']);
    goOn();
    await slow;
    await vi.waitFor(() => expect(log).toEqual(['seen before GET /slow', 'seen after 200', 'seen teardown']));
    await registry.enable('a');
    await get('/host');
    expect(log).toContain('seen before GET /host');
  });

  it('take part beside the hook that an application sets on its adapter', async () => {
    const log: string[] = [];
    const { get, registry } = await boot(
      [plugin('a', { hooks: recorder(log) })],
      {},
      {
        prepare: (app) =>
          (app.getHttpAdapter() as AbstractHttpAdapter).setOnRequestHook(
            (_request: unknown, _response: unknown, done: () => void) => {
              log.push('own');
              done();
            },
          ),
      },
    );
    await get('/json');
    await registry.disable('a');
    await get('/json');
    expect(log.filter((line) => line === 'own' || line.includes('before'))).toEqual([
      'seen before GET /json',
      'own',
      'own',
    ]);
  });

  it('may be methods of an object with fields of its own', async () => {
    class Counter implements RequestHooks {
      count = 0;
      beforeRequest(): void {
        this.count++;
      }
      afterRequest(ctx: RequestContext): void {
        ctx.response?.headers.set('x-count', String(this.count));
      }
    }
    const { get, registry } = await boot([plugin('counter', { hooks: new Counter() })]);
    await get('/json');
    expect((await get('/json')).headers.get('x-count')).toBe('2');
    expect(registry.report().plugins).toMatchObject([{ contributions: { hooks: 2 } }]);
  });
});

it('hooks see requests that Fastify is injected', async () => {
  const log: string[] = [];
  const { app } = await bootApp(
    { directories: [], plugins: [plugin('a', { hooks: recorder(log) })] },
    { platform: 'fastify' },
  );
  const fastify = app.getHttpAdapter().getInstance() as { inject(path: string): Promise<{ payload: string }> };
  expect((await fastify.inject('/host')).payload).toBe('host');
  await vi.waitFor(() => expect(log).toEqual(['seen before GET /host', 'seen after 200', 'seen teardown']));
});

it('hooks see files that the application serves', async () => {
  const log: string[] = [];
  const { get } = await bootApp(
    {
      directories: [],
      plugins: [
        plugin('a', {
          hooks: {
            ...recorder(log),
            afterRequest: (ctx) => {
              log.push(`stream ${String(ctx.response?.isStream)}`);
              ctx.response?.headers.set('x-a', '1');
            },
          },
        }),
      ],
    },
    {
      prepare: (app) => (app as unknown as { useStaticAssets(path: string): void }).useStaticAssets(process.cwd()),
    },
  );
  const answer = await get('/package.json');
  expect([answer.status, answer.headers.get('x-a')]).toEqual([200, '1']);
  expect(JSON.parse(answer.body)).toMatchObject({ name: 'nestjs-pluginkit' });
  await vi.waitFor(() => expect(log).toEqual(['seen before GET /package.json', 'stream true', 'seen teardown']));
});

it('an author may annotate request and response of the platform', () => {
  const hooks: RequestHooks = {
    beforeRequest: (ctx: RequestContext<ExpressRequest, ExpressResponse>) => ctx.res.locals,
    afterRequest: (ctx: RequestContext<HttpRequest & { id: string }>) => ctx.req.id,
    teardownRequest: (ctx) => ctx.req.headers.accept,
  };
  expect(Object.keys(hooks)).toHaveLength(3);
});

it('on Fastify, a request through a further address of the host sees one state of the plugins to its end', async () => {
  const log: string[] = [];
  let goOn = (): void => undefined;
  @Controller()
  class Slow {
    @Get('slow')
    async slow(): Promise<string> {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return 'slow';
    }
  }
  const { app, registry } = await bootApp(
    { live: true, directories: [], plugins: [plugin('a', { hooks: recorder(log), controllers: [Slow] })] },
    { platform: 'fastify' },
  );
  // inject() goes past the server that is watched, as the servers of further addresses do.
  const fastify = app.getHttpAdapter().getInstance() as { inject(path: string): Promise<{ payload: string }> };
  const slow = fastify.inject('/slow');
  await vi.waitFor(() => expect(log).toHaveLength(1));
  await registry.disable('a');
  goOn();
  expect((await slow).payload).toBe('slow');
  await vi.waitFor(() => expect(log).toEqual(['seen before GET /slow', 'seen after 200', 'seen teardown']));
});
