import {
  All,
  Body,
  Controller,
  Get,
  Head,
  Module,
  Post,
  VersioningType,
  type CanActivate,
  type INestApplication,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { definePlugin, type Contributions, type FailedPlugin, type PluginDefinition } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, failures, PLATFORMS } from './support/boot-app.js';

function plugin(name: string, contributions: Contributions, more: Partial<PluginDefinition> = {}): PluginDefinition {
  return definePlugin({ name, author: 'Ada', version: '1.0.0', ...more, register: () => contributions });
}

@Controller('items')
class ItemsController {
  @Get()
  list(): string {
    return 'items';
  }
}

@Module({ controllers: [ItemsController] })
class ItemsModule {}

describe.each(PLATFORMS)('routes of plugins on %s', (platform) => {
  const boot = (plugins: PluginDefinition[], spec: Parameters<typeof bootApp>[1] = {}) =>
    bootApp({ plugins, directories: [] }, { platform, ...spec });

  it('lie below the prefix, with those of inner modules, and below the prefixes of parents at any depth', async () => {
    const { get } = await boot([
      plugin('a', { controllers: [ItemsController], prefix: '/a' }),
      plugin('b', {
        module: class B {},

        prefix: '/b',
        parent: 'A',
        routes: { path: '/r', handler: () => 'b' },
      }),
      plugin('c', { imports: [ItemsModule], prefix: '/c/d', parent: 'b', routes: [{ path: 'r', handler: () => 'c' }] }),
    ]);

    expect((await get('/a/items')).body).toBe('items');
    expect((await get('/a/b/r')).body).toBe('b');
    expect((await get('/a/b/c/d/r')).body).toBe('c');
    expect((await get('/a/b/c/d/items')).body).toBe('items');
    for (const elsewhere of ['/items', '/b/r', '/r', '/c/d/r']) expect((await get(elsewhere)).status).toBe(404);
  });

  it('can be attached to another plugin', async () => {
    const { get } = await boot([
      plugin('shop', { prefix: '/shop' }),
      plugin('extra', {
        prefix: '/extra',
        routes: [
          { path: '/own', handler: () => 'own' },
          { path: '/guest', attachTo: 'shop', handler: () => 'guest' },
        ],
      }),
    ]);

    expect((await get('/extra/own')).body).toBe('own');
    expect((await get('/shop/guest')).body).toBe('guest');
    expect((await get('/extra/guest')).status).toBe(404);
  });

  it('take methods, parameters and bodies, and pass the guards of the application', async () => {
    class OnlyFriends implements CanActivate {
      canActivate(context: Parameters<CanActivate['canActivate']>[0]): boolean {
        return context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>().headers['x-friend'] === 'yes';
      }
    }
    const echo = ({ method, params, body }: { method: string; params: object; body: unknown }): object => ({
      method,
      params,
      body,
    });
    const { get } = await boot(
      [plugin('echo', { routes: { path: '/echo/:id', method: ['get', 'POST'], handler: echo } })],
      { providers: [{ provide: APP_GUARD, useClass: OnlyFriends }] },
    );
    const friend = { headers: { 'x-friend': 'yes', 'content-type': 'application/json' } };

    expect((await get('/echo/7')).status).toBe(403);
    expect(JSON.parse((await get('/echo/7', friend)).body)).toMatchObject({ method: 'GET', params: { id: '7' } });
    const posted = await get('/echo/7', { ...friend, method: 'POST', body: '{"a":1}' });
    expect(posted.status).toBe(201);
    expect(JSON.parse(posted.body)).toMatchObject({ method: 'POST', body: { a: 1 } });
    expect((await get('/echo/7', { headers: { 'x-friend': 'yes' }, method: 'DELETE' })).status).toBe(404);
  });

  it('hold the response when the handler takes it: it sends by itself, or returns what is sent', async () => {
    interface Response {
      status(code: number): Response;
      header(name: string, value: string): Response;
      send(body: string): Response;
    }
    const { get } = await boot([
      plugin('holder', {
        routes: [
          { path: '/sends', handler: (_request: object, response: Response) => response.status(202).send('sent') },
          {
            path: '/sends-later',
            handler: async (_request: object, response: Response) => {
              await Promise.resolve();
              response.status(202).send('later');
            },
          },
          {
            path: '/returns',
            method: 'POST',
            handler: (_request: object, response: Response) => {
              response.header('x-a', 'b');
              return { a: 1 };
            },
          },
          {
            path: '/throws',
            handler: (_request: object, _response: Response) => {
              throw new Error('not today');
            },
          },
        ],
      }),
    ]);

    expect(await get('/sends')).toMatchObject({ status: 202, body: 'sent' });
    expect(await get('/sends-later')).toMatchObject({ status: 202, body: 'later' });
    const returned = await get('/returns', { method: 'POST' });
    expect(returned).toMatchObject({ status: 201, body: '{"a":1}' });
    expect(returned.headers.get('x-a')).toBe('b');
    expect((await get('/throws')).status).toBe(500);
  });

  it('follow the global prefix and the versions of the application', async () => {
    @Controller({ path: 'versioned', version: '2' })
    class V2 {
      @Get()
      show(): string {
        return 'two';
      }
    }
    const prepare = (app: INestApplication): void =>
      void app.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI });
    const { get } = await boot([plugin('v', { controllers: [V2], prefix: '/p' })], { prepare });

    expect((await get('/api/v2/p/versioned')).body).toBe('two');
    expect((await get('/p/versioned')).status).toBe(404);
  });

  const refusedPrefixes = ['shop', '/shop/', '/', '//shop', '/a//b', '/a b', '', 7];
  it.each(refusedPrefixes)('refuse the prefix %j', async (prefix) => {
    const { registry } = await boot([plugin('odd', { prefix: prefix as string })]);
    expect((registry.get('odd') as FailedPlugin).error).toMatchObject({ code: 'EXTENSION_INVALID', field: 'prefix' });
  });

  it('fail their plugin when the parent is not there, off, failed, or in a circle', async () => {
    const { registry } = await boot([
      plugin('no-parent', { parent: 'nobody' }),
      plugin('no-target', { routes: { path: '/x', attachTo: 'nobody', handler: () => '' } }),
      plugin('off', {}, { state: 'disabled' }),
      plugin('off-parent', { parent: 'off' }),
      plugin('bad', { prefix: 'bad' }),
      plugin('bad-parent', { parent: 'bad' }),
      plugin('egg', { parent: 'hen' }),
      plugin('hen', { parent: 'egg' }),
      plugin('chick', { parent: 'hen' }),
    ]);

    expect(failures(registry)).toEqual({
      'no-parent': 'DEPENDENCY_MISSING',
      'no-target': 'DEPENDENCY_MISSING',
      'off-parent': 'DEPENDENCY_DISABLED',
      bad: 'EXTENSION_INVALID',
      'bad-parent': 'DEPENDENCY_FAILED',
      egg: 'DEPENDENCY_CYCLE',
      hen: 'DEPENDENCY_CYCLE',
      chick: 'DEPENDENCY_FAILED',
    });
  });

  it('that two plugins want go to the first in load order; the other fails, naming both', async () => {
    const { get, registry } = await boot([
      plugin('second', { routes: { path: '/same/:x', handler: () => 'second' } }),
      plugin('first', { routes: { path: '/same/:y', handler: () => 'first' } }),
      plugin('third', { dependsOn: { second: '*' } } as Contributions, { dependsOn: { second: '*' } }),
    ]);

    expect((await get('/same/1')).body).toBe('first');
    const { error } = registry.get('second') as FailedPlugin;
    expect(error).toMatchObject({ code: 'ROUTE_CONFLICT' });
    expect(error.message).toMatch(
      /GET \/same\/:x of SecondRoutes.* in "second".*GET \/same\/:y of FirstRoutes.* in the plugin "first"/,
    );
  });

  it('clash with the application by ALL, and by HEAD behind GET, but not by another method, version or host', async () => {
    @Controller('taken')
    class Taken {
      @All('all')
      all(): string {
        return 'all';
      }
      @Get('get')
      get(): string {
        return 'get';
      }
    }
    @Controller('taken')
    class HeadController {
      @Head('get')
      head(): string {
        return '';
      }
    }
    @Controller('taken')
    class PostController {
      @Post('get')
      post(@Body() body: unknown): unknown {
        return body;
      }
    }
    const { get, registry } = await boot(
      [
        plugin('wants-all', { routes: { path: '/taken/all', method: 'PUT', handler: () => '' } }),
        plugin('wants-head', { controllers: [HeadController] }),
        plugin('all-methods', { routes: { path: '/taken/get', method: 'ALL', handler: () => '' } }),
        plugin('posts', { controllers: [PostController] }),
        plugin('twice', {
          routes: [
            { path: '/twice', handler: () => 1 },
            { path: '/twice/', handler: () => 2 },
          ],
        }),
      ],
      { controllers: [Taken] },
    );

    expect(failures(registry)).toEqual({
      'wants-all': 'ROUTE_CONFLICT',
      'wants-head': 'ROUTE_CONFLICT',
      'all-methods': 'ROUTE_CONFLICT',
      twice: 'ROUTE_CONFLICT',
    });
    expect((registry.get('twice') as FailedPlugin).error.message).toContain('in the same plugin');
    expect((await get('/taken/get')).body).toBe('get');
    expect(
      (await get('/taken/get', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"p":1}' }))
        .body,
    ).toBe('{"p":1}');
  });

  it('of one path and several versions live side by side where versions are told by a header', async () => {
    const version = (name: string, number: string): PluginDefinition => {
      @Controller({ path: 'both', version: number })
      class Both {
        @Get()
        show(): string {
          return name;
        }
      }
      return plugin(name, { controllers: [Both] });
    };
    const plugins = [version('one', '1'), version('two', '2'), version('also-two', '2')];
    const versioned = await boot(plugins, {
      prepare: (app) => void app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
    });

    expect(failures(versioned.registry)).toEqual({ two: 'ROUTE_CONFLICT' }); // "also-two" comes first by name
    expect((await versioned.get('/both', { headers: { 'x-version': '1' } })).body).toBe('one');
    expect((await versioned.get('/both', { headers: { 'x-version': '2' } })).body).toBe('also-two');

    const plain = await boot(plugins);
    expect(failures(plain.registry)).toEqual({ one: 'ROUTE_CONFLICT', two: 'ROUTE_CONFLICT' });
  });

  it('with a path that the platform refuses fail their plugin, not the boot', async () => {
    const { get, registry } = await boot([
      plugin('odd', {
        routes: [
          { path: '/fine', handler: () => '' },
          { path: '/odd/(', handler: () => '' },
        ],
      }),
      plugin('good', { routes: { path: '/good', handler: () => 'good' } }),
    ]);

    expect((await get('/good')).body).toBe('good');
    if (platform === 'express') {
      expect(failures(registry)).toEqual({ odd: 'MODULE_FAILED' });
      expect((await get('/fine')).status).toBe(404);
    }
  });

  it('win nothing over the application: its parameter route stays first on Express', async () => {
    const { get } = await boot([plugin('late', { routes: { path: '/host/late', handler: () => 'plugin' } })]);
    // Fastify prefers the literal path, whoever brings it.
    expect((await get('/host/late')).body).toBe(platform === 'express' ? 'host late' : 'plugin');
  });
});

it('a contribution of the wrong shape fails the plugin and names the key', async () => {
  const wrong: Record<string, unknown> = {
    imports: [undefined],
    controllers: [class NotDecorated {}],
    providers: ['text'],
    exports: {},
    module: 'module',
    parent: '',
    routes: [{ path: '/x' }],
    extensions: [],
  };
  const plugins = Object.entries(wrong).map(([key, value]) => plugin(`wrong-${key}`, { [key]: value }));
  const { registry } = await bootApp({
    directories: [],
    plugins: [
      ...plugins,
      plugin('both', { module: ItemsModule, controllers: [ItemsController] }),
      plugin('method', { routes: { path: '/', method: 'FETCH', handler: () => '' } }),
    ],
  });

  for (const key of Object.keys(wrong)) {
    expect((registry.get(`wrong-${key}`) as FailedPlugin).error).toMatchObject({
      code: 'EXTENSION_INVALID',
      field: key,
    });
    expect((registry.get(`wrong-${key}`) as FailedPlugin).error.message).toContain(key);
  }
  expect((registry.get('both') as FailedPlugin).error).toMatchObject({
    code: 'EXTENSION_INVALID',
    field: 'controllers',
  });
  expect((registry.get('method') as FailedPlugin).error.message).toMatch(/FETCH.*GET/);
});
