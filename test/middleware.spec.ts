import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Post,
  RequestMethod,
  VersioningType,
  type NestMiddleware,
} from '@nestjs/common';
import { definePlugin, type Contributions, type PluginDefinition } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, failures, HostController, PLATFORMS, type AppSpec, type RunningApp } from './support/boot-app.js';

function plugin(name: string, contributions: Contributions, more: Partial<PluginDefinition> = {}): PluginDefinition {
  return definePlugin({ name, author: 'Ada', version: '1.0.0', ...more, register: () => contributions });
}

const log: string[] = [];

/** A middleware that notes that it ran. */
function noting(name: string): (request: unknown, response: unknown, next: () => void) => void {
  return (_request, _response, next) => {
    log.push(name);
    next();
  };
}

@Controller('things')
class Things {
  @Get()
  list(): string {
    return 'things';
  }
  @Get(':id')
  one(): string {
    return 'thing';
  }
  @Post()
  add(): string {
    return 'added';
  }
}

@Controller('inner')
class Inner {
  @Get()
  inner(): string {
    return 'inner';
  }
}

@Module({ controllers: [Inner] })
class InnerModule {}

describe.each(PLATFORMS)('middleware, on %s,', (platform) => {
  const boot = (plugins: PluginDefinition[], spec: AppSpec = {}): Promise<RunningApp> =>
    bootApp({ live: true, directories: [], plugins }, { platform, ...spec });
  const ranFor = async ({ get }: RunningApp, path: string, init?: RequestInit): Promise<string[]> => {
    log.length = 0;
    const { status } = await get(path, init);
    return [String(status), ...log];
  };

  it('is for the routes of its plugin: controllers, routes, imported modules; and for no others', async () => {
    const app = await boot([
      plugin('other', { routes: { path: '/other', handler: () => 'other' } }),
      plugin('shop', {
        prefix: '/shop',
        imports: [InnerModule],
        controllers: [Things],
        routes: [
          { path: '/', handler: () => 'shop' },
          { path: '/below', attachTo: 'other', handler: () => 'below' },
        ],
        middleware: [noting('first'), noting('second')],
      }),
    ]);
    for (const path of ['/shop', '/shop/things', '/shop/things/5', '/shop/inner', '/below'])
      expect([path, ...(await ranFor(app, path))]).toEqual([path, '200', 'first', 'second']);
    expect(await ranFor(app, '/shop/things', { method: 'POST' })).toEqual(['201', 'first', 'second']);
    expect(await ranFor(app, '/shop/things', { method: 'HEAD' })).toEqual(['200', 'first', 'second']);
    for (const path of ['/host', '/other', '/things'])
      expect([path, ...(await ranFor(app, path)).slice(1)]).toEqual([path]);
  });

  it.each([
    [
      'a prefix of the whole application',
      { prepare: (app) => void app.setGlobalPrefix('api') },
      '/api/base/shop/things',
    ],
    [
      'versions by URI',
      { prepare: (app) => void app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }) },
      '/v1/base/shop/things',
    ],
    ['a parent', {}, '/base/shop/things'],
  ] satisfies [string, AppSpec, string][])('finds the routes of its plugin below %s', async (_what, spec, path) => {
    const app = await boot(
      [
        plugin('base', { prefix: '/base' }),
        plugin('shop', { prefix: '/shop', parent: 'base', controllers: [Things], middleware: noting('shop') }),
      ],
      spec,
    );
    expect(await ranFor(app, path)).toEqual(['200', 'shop']);
    expect((await ranFor(app, '/host')).slice(1)).toEqual([]);
  });

  it('with forRoutes is for these: all, a path, a controller of the application, a method', async () => {
    const app = await boot([
      plugin('wide', {
        middleware: [
          { use: noting('all'), forRoutes: '*' },
          { use: [noting('path'), noting('too')], forRoutes: ['host/5', '/nothing'] },
          { use: noting('controller'), forRoutes: HostController },
          { use: noting('method'), forRoutes: { path: 'host/:id', method: RequestMethod.GET } },
          noting('own'), // it has no routes
        ],
      }),
    ]);
    expect(await ranFor(app, '/host/5')).toEqual(['200', 'all', 'path', 'too', 'controller', 'method']);
    expect(await ranFor(app, '/host')).toEqual(['200', 'all', 'controller']);
    expect(await ranFor(app, '/nothing')).toEqual(['404', 'all', 'path', 'too']);
    expect(app.registry.report().plugins).toMatchObject([{ contributions: { middleware: 5 } }]);
  });

  it('may be a class into which Nest injects, and answers or fails like any other', async () => {
    @Injectable()
    class Greeter implements NestMiddleware {
      constructor(@Inject('GREETING') private readonly greeting: string) {}
      use(
        request: { url: string; originalUrl: string },
        response: { end(text: string): void },
        next: () => void,
      ): void {
        if (request.originalUrl.includes('greet')) response.end(this.greeting);
        else if (request.originalUrl.includes('bad')) throw new Error('bad');
        else next();
      }
    }
    const { get } = await boot([
      plugin('greeter', {
        providers: [{ provide: 'GREETING', useValue: 'good day' }],
        routes: { path: '/things/:id', handler: () => 'through' },
        middleware: [Greeter],
      }),
    ]);
    expect((await get('/things/greet')).body).toBe('good day');
    expect((await get('/things/5')).body).toBe('through');
    expect((await get('/things/bad')).status).toBe(500);
  });

  it('of a plugin with a module of its own runs behind what its configure() applies', async () => {
    @Module({ controllers: [Things] })
    class Own {
      configure(consumer: { apply(middleware: unknown): { forRoutes(routes: unknown): void } }): void {
        consumer.apply(noting('configure')).forRoutes(Things);
      }
    }
    const app = await boot([plugin('own', { module: Own, middleware: noting('middleware') })]);
    expect(await ranFor(app, '/things')).toEqual(['200', 'configure', 'middleware']);
  });

  it('runs in load order, and only while its plugin is on', async () => {
    const everywhere = (name: string): Contributions => ({ middleware: { use: noting(name), forRoutes: '{*path}' } });
    const app = await boot([
      plugin('b', everywhere('b')),
      plugin('a', everywhere('a'), { loadAfter: ['b'] }),
      plugin('c', everywhere('c')),
    ]);
    expect(await ranFor(app, '/host')).toEqual(['200', 'b', 'a', 'c']);
    await app.registry.disable('a');
    expect(await ranFor(app, '/host')).toEqual(['200', 'b', 'c']);
    await app.registry.enable('a');
    expect(await ranFor(app, '/host')).toEqual(['200', 'b', 'a', 'c']);
  });

  it.each([
    ['text', 'one is a string'],
    [[5], 'one is a number'],
    [{ use: noting('x') }, 'forRoutes'],
    [{ use: 5, forRoutes: '*' }, 'a number'],
    [{ use: [], forRoutes: '*' }, 'needs a "use"'],
    [{ use: noting('x'), forRoutes: { path: '/x' } }, 'RequestMethod'],
    [{ use: noting('x'), forRoutes: '' }, 'paths'],
    [{ use: noting('x'), forRoutes: '*', exclude: '/x' }, '"exclude"'],
    [{ use: noting('x'), forRoutes: [] }, 'forRoutes'],
  ])('of the wrong shape fails its plugin: %j', async (middleware, told) => {
    const { registry, get } = await boot([plugin('wrong', { middleware } as unknown as Contributions)]);
    expect(failures(registry)).toEqual({ wrong: 'EXTENSION_INVALID' });
    expect(registry.get('wrong')).toMatchObject({
      error: { field: 'middleware', message: expect.stringContaining(told) },
    });
    expect((await get('/host')).status).toBe(200);
  });

  it('that cannot be made, or has no use(), fails its plugin alone', async () => {
    class NoMiddleware {}
    class Broken {
      constructor() {
        throw new Error('cannot be made');
      }
      use(): void {}
    }
    const { registry, get } = await boot([
      plugin('no', { middleware: { use: NoMiddleware, forRoutes: '*' } }),
      plugin('broken', { middleware: { use: Broken, forRoutes: '*' } }),
    ]);
    expect(failures(registry)).toEqual({ no: 'MODULE_FAILED', broken: 'MODULE_FAILED' });
    expect((await get('/host')).status).toBe(200);
  });
});
