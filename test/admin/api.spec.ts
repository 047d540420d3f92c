import { readFileSync } from 'node:fs';

import type { AdminError, AdminPlugin, AuditPage, PluginList } from '#lib/admin/api.js';
import {
  Controller,
  Get,
  Injectable,
  Module,
  VersioningType,
  type CallHandler,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { definePlugin, PluginKitModule } from 'nestjs-pluginkit';
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { bootAdmin, JSON_BY_ADA } from '../support/admin-app.js';
import { bootApp, PLATFORMS } from '../support/boot-app.js';
import { directoryOf, entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

/** comments, which stats needs; and one that is broken. */
function threePlugins(): string {
  const directory = newDirectory();
  writePlugin(directory, 'comments', {
    'index.js': entry(
      {
        name: 'comments',
        description: 'Lets people answer',
        url: 'https://example.org/comments',
        license: 'MIT',
        readmeFile: 'README.md',
      },
      "{ routes: { path: '/comments', handler: () => 'comments' } }",
    ),
    'README.md': '# Comments\n<script>alert(1)</script>',
    LICENSE: 'MIT License',
  });
  writePlugin(directory, 'stats', {
    'index.js': entry(
      { name: 'stats', dependsOn: { comments: '^1.0.0' } },
      "{ routes: [{ path: '/stats', handler: () => 'stats' }, { path: '/stats/:id', method: 'POST', handler: () => 'one' }] }",
    ),
  });
  writePlugin(directory, 'broken', { 'index.js': "throw new Error('no ' + import.meta.dirname)" });
  return directory;
}

describe.each(PLATFORMS)('the admin API on %s', (platform) => {
  it('lists the plugins with all that is known of them, and no path of the machine', async () => {
    const directory = threePlugins();
    const app = await bootAdmin({ directories: [directory], hostVersion: '2.0.0' }, { platform });
    const { status, json, text } = await app.ask<PluginList>('/pluginkit/api/plugins');
    expect(status).toBe(200);
    expect(json).toMatchObject({ enabled: 2, disabled: 0, failed: 1, user: 'ada', versions: { host: '2.0.0' } });
    expect(json.boot.milliseconds.total).toBeGreaterThan(0);
    expect(json.reload).toMatchObject({ isPossible: false, way: 'none' });
    const byName: Record<string, AdminPlugin> = Object.fromEntries(json.plugins.map((plugin) => [plugin.name, plugin]));
    expect(byName['comments']).toMatchObject({
      title: 'comments 1.0.0: Lets people answer',
      version: '1.0.0',
      author: 'Ada',
      description: 'Lets people answer',
      url: 'https://example.org/comments',
      license: 'MIT',
      state: 'enabled',
      origin: { kind: 'folder', name: 'comments' },
      contributions: { routes: 1 },
      dependencies: [],
      dependents: [{ name: 'stats', range: '^1.0.0', state: 'enabled', version: '1.0.0' }],
      switch: { to: 'disabled', applied: 'live', affected: ['stats'], refusedWithoutCascade: 'HAS_DEPENDENTS' },
    });
    expect(byName['comments']?.milliseconds.total).toBeGreaterThan(0);
    expect(byName['stats']?.dependencies).toEqual([
      { name: 'comments', range: '^1.0.0', state: 'enabled', version: '1.0.0' },
    ]);
    expect(byName['broken']).toMatchObject({ state: 'failed', failure: { code: 'IMPORT_FAILED', file: 'index.js' } });
    expect(byName['broken']?.failure?.hint).not.toBe('');
    expect(text).not.toContain(directory);
    expect(text).not.toContain(process.cwd());
  });

  it('tells one plugin with its routes, readme, licence, engines and audit', async () => {
    const app = await bootAdmin({ directories: [threePlugins()] }, { platform });
    const { status, json } = await app.ask('/pluginkit/api/plugins/Comments');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      name: 'comments',
      routes: [{ method: 'GET', path: '/comments' }],
      readme: { file: 'README.md', text: '# Comments\n<script>alert(1)</script>', isCut: false },
      licenseText: { file: 'LICENSE', text: 'MIT License' },
      engines: {},
      audit: [],
    });
    const stats = await app.ask('/pluginkit/api/plugins/stats');
    expect(stats.json['routes']).toEqual([
      { method: 'GET', path: '/stats' },
      { method: 'POST', path: '/stats/:id' },
    ]);
  });

  it('answers 404 with a code for a plugin that is not there', async () => {
    const app = await bootAdmin({}, { platform });
    for (const answer of [
      await app.ask('/pluginkit/api/plugins/nobody'),
      await app.post('/pluginkit/api/plugins/nobody/enable'),
      await app.post('/pluginkit/api/plugins/nobody/disable', { dryRun: true }),
    ])
      expect(answer).toMatchObject({ status: 404, json: { code: 'NOT_FOUND', plugin: 'nobody' } });
  });

  it('switches a plugin off and on, at once, and notes who did it', async () => {
    const app = await bootAdmin({ directories: [threePlugins()] }, { platform });
    const refused = await app.post<AdminError>('/pluginkit/api/plugins/comments/disable');
    expect(refused).toMatchObject({
      status: 409,
      json: { code: 'HAS_DEPENDENTS', plugin: 'comments', message: expect.stringContaining('stats') },
    });
    expect(refused.json.hint).toContain('cascade');
    const preview = await app.post('/pluginkit/api/plugins/comments/disable', { dryRun: true });
    expect(preview).toMatchObject({
      status: 200,
      json: { dryRun: true, applied: 'live', affected: ['stats'], refused: 'HAS_DEPENDENTS' },
    });
    expect((await app.get('/comments')).status).toBe(200);
    const done = await app.post('/pluginkit/api/plugins/comments/disable', { cascade: true });
    expect(done).toMatchObject({
      status: 200,
      json: { plugin: 'comments', state: 'disabled', applied: 'live', affected: ['stats'], dryRun: false },
    });
    expect((await app.get('/comments')).status).toBe(404);
    expect((await app.ask('/pluginkit/api/plugins/comments')).json).toMatchObject({
      state: 'disabled',
      switch: { to: 'enabled', applied: 'live' },
    });
    const dependency = await app.post('/pluginkit/api/plugins/stats/enable', {});
    expect(dependency).toMatchObject({ status: 409, json: { code: 'DEPENDENCY_DISABLED' } });
    expect((await app.post('/pluginkit/api/plugins/comments/enable', {})).json['applied']).toBe('live');
    expect((await app.get('/comments')).status).toBe(200);
    expect((await app.post('/pluginkit/api/plugins/comments/enable', {})).json['applied']).toBe('unchanged');
    const { entries } = (await app.ask<AuditPage>('/pluginkit/api/audit')).json;
    expect(entries.map((each) => [each.action, each.plugin, each.result])).toEqual([
      ['enable', 'comments', 'done'],
      ['enable', 'comments', 'done'],
      ['enable', 'stats', 'refused'],
      ['disable', 'comments', 'done'],
      ['disable', 'comments', 'refused'],
    ]);
    expect(entries[3]).toMatchObject({
      who: 'ada',
      address: '127.0.0.1',
      from: 'enabled',
      to: 'disabled',
      affected: ['stats'],
      applied: 'live',
      status: 200,
    });
    expect(entries[4]).toMatchObject({ from: 'enabled', to: 'disabled', status: 409, code: 'HAS_DEPENDENTS' });
  });

  it('tells what waits for the next start', async () => {
    const directory = threePlugins();
    const app = await bootAdmin({ directories: [directory], live: false }, { platform });
    const { json } = await app.post('/pluginkit/api/plugins/stats/disable');
    expect(json).toMatchObject({ applied: 'on-reload', reason: 'the option "live" is off' });
    expect((await app.ask('/pluginkit/api/plugins/stats')).json).toMatchObject({
      state: 'enabled',
      pending: 'disabled',
      switch: { to: 'enabled', applied: 'on-reload' },
    });
  });

  it('answers 409 with reason and cure to a reload that is not possible', async () => {
    const app = await bootAdmin({}, { platform });
    const answer = await app.post('/pluginkit/api/reload');
    expect(answer.status).toBe(409);
    expect(answer.json).toMatchObject({ code: 'RELOAD_REFUSED', hint: expect.stringMatching(/\w/) });
    expect((await app.ask<AuditPage>('/pluginkit/api/audit')).json.entries[0]).toMatchObject({
      action: 'reload',
      result: 'refused',
      code: 'RELOAD_REFUSED',
    });
    expect((await app.post('/pluginkit/api/reload', { now: true })).status).toBe(400);
  });

  it('answers 503 where the state cannot be written', async () => {
    const inline = definePlugin({ name: 'inline', author: 'Ada', version: '1.0.0', register: () => ({}) });
    const app = await bootAdmin({ plugins: [inline], live: false }, { platform });
    const answer = await app.post('/pluginkit/api/plugins/inline/disable');
    expect(answer).toMatchObject({ status: 503, json: { code: 'STATE_WRITE_FAILED', plugin: 'inline' } });
  });

  it('tells its health in the form of @nestjs/terminus', async () => {
    const well = await bootAdmin({}, { platform });
    const details = { pluginkit: { status: 'up', enabled: 0, disabled: 0, failed: 0 } };
    expect(await well.ask('/pluginkit/api/health')).toMatchObject({
      status: 200,
      json: { status: 'ok', info: details, error: {}, details },
    });
    const ill = await bootAdmin({ directories: [directoryOf('broken/import-throws')] }, { platform });
    const { status, json } = await ill.ask('/pluginkit/api/health');
    expect(status).toBe(503);
    expect(json).toMatchObject({
      status: 'error',
      info: {},
      error: { pluginkit: { status: 'down', failed: 1, failures: { 'import-throws': 'IMPORT_FAILED' } } },
    });
  });

  it('lies below the global prefix, outside of versions, and is not wrapped by interceptors of the application', async () => {
    @Injectable()
    class Wrapping implements NestInterceptor {
      intercept(_context: unknown, next: CallHandler) {
        return next.handle().pipe(map((data: unknown) => ({ wrapped: data })));
      }
    }
    for (const type of [VersioningType.URI, VersioningType.HEADER] as const) {
      const app = await bootAdmin(
        { admin: { path: '/ops/plugins' } },
        {
          platform,
          prepare: (nest) => {
            nest.setGlobalPrefix('v');
            nest.enableVersioning(
              type === VersioningType.HEADER
                ? { type, header: 'v', defaultVersion: '3' }
                : { type, defaultVersion: '3' },
            );
            nest.useGlobalInterceptors(new Wrapping());
          },
        },
      );
      expect((await app.ask('/v/ops/plugins/api/plugins')).json).toHaveProperty('plugins', []);
      expect((await app.ask('/ops/plugins/api/plugins')).status).toBe(404);
      expect((await app.post('/v/ops/plugins/api/plugins/x/enable', '{')).json).toMatchObject({ code: 'BAD_REQUEST' });
    }
  });

  it('answers bad JSON, unknown paths and wrong methods in its own form, and leaves those of the application alone', async () => {
    const app = await bootAdmin({}, { platform });
    const bad = await app.post('/pluginkit/api/plugins/x/enable', '{"cascade":');
    expect(bad).toMatchObject({ status: 400, json: { code: 'BAD_REQUEST', hint: expect.stringContaining('cascade') } });
    expect(bad.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await app.ask('/pluginkit/nothing/here')).toMatchObject({ status: 404, json: { code: 'NO_SUCH_PATH' } });
    const wrong = await app.ask('/pluginkit/api/plugins', { method: 'DELETE', headers: JSON_BY_ADA });
    expect(wrong).toMatchObject({ status: 405, json: { code: 'METHOD_NOT_ALLOWED' } });
    expect(wrong.headers.get('allow')).toBe('GET');
    const own = await fetch(`${app.url}/nothing`);
    expect(await own.json()).toMatchObject({ statusCode: 404 });
    const ownBad = await fetch(`${app.url}/host`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(Object.keys((await ownBad.json()) as object)).toContain('statusCode');
    expect(ownBad.headers.get('content-security-policy')).toBeNull();
  });

  it('takes an empty body with and without a type', async () => {
    const app = await bootAdmin({ directories: [threePlugins()] }, { platform });
    for (const headers of [{ 'content-type': 'application/json' }, { 'x-pluginkit': '1' }] as Record<string, string>[])
      expect(await app.rawStatus('POST', '/pluginkit/api/plugins/stats/enable', headers)).toBe(200);
  });

  it('is described by openapi.json, route by route', async () => {
    const app = await bootAdmin({}, { platform });
    const { json } = await app.ask<{ paths: Record<string, object>; components: { schemas: object } }>(
      '/pluginkit/api/openapi.json',
    );
    const described = Object.entries(json.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const contract = [
      'GET /',
      'GET /api/plugins',
      'GET /api/plugins/{name}',
      'POST /api/plugins/{name}/enable',
      'POST /api/plugins/{name}/disable',
      'POST /api/reload',
      'GET /api/events',
      'GET /api/audit',
      'GET /api/health',
      'GET /api/openapi.json',
    ];
    expect(described.toSorted()).toEqual(contract.toSorted());
    const served = routesOfAdmin(app.app).filter((route) => !route.includes('/assets/')); // files of the page
    expect(served.toSorted()).toEqual(contract.toSorted());
    const names = new Set(Object.keys(json.components.schemas));
    for (const [, name] of JSON.stringify(json).matchAll(/#\/components\/schemas\/(\w+)/g))
      expect(names).toContain(name);
  });

  it('keeps its paths from plugins, those below too', async () => {
    const directory = newDirectory();
    for (const [name, path] of [
      ['a', '/pluginkit/api/plugins'],
      ['b', '/pluginkit/api/plugins/hello'],
      ['c', '/pluginkit/hidden'],
      ['d', '/pluginkit'],
    ] as const)
      writePlugin(directory, name, {
        'index.js': entry({ name }, `{ routes: { path: '${path}', handler: () => 'mine' } }`),
      });
    writePlugin(directory, 'e', {
      'index.js': entry({ name: 'e' }, "{ routes: { path: '/pluginkits', handler: () => 'mine' } }"),
    });
    const app = await bootAdmin({ directories: [directory] }, { platform });
    const { plugins } = (await app.ask<PluginList>('/pluginkit/api/plugins')).json;
    expect(plugins.map((each) => [each.name, each.failure?.code])).toEqual([
      ['a', 'ROUTE_CONFLICT'],
      ['b', 'ROUTE_CONFLICT'],
      ['c', 'ROUTE_CONFLICT'],
      ['d', 'ROUTE_CONFLICT'],
      ['e', undefined],
    ]);
  });
});

/** What the platform knows of the routes, with the parameters as OpenAPI writes them. */
function routesOfAdmin(app: INestApplication): string[] {
  const adapter = app.getHttpAdapter();
  const found =
    adapter.getType() === 'express'
      ? routesOfExpress(adapter.getInstance() as ExpressRouter)
      : routesOfFastify((adapter.getInstance() as FastifyInstance).printRoutes({ commonPrefix: false }));
  return found
    .filter((route) => route.includes(' /pluginkit') && !route.startsWith('HEAD'))
    .map((route) => route.replace('/pluginkit', '').replace(':name', '{name}').replace(/ $/, ' /'));
}

interface ExpressRouter {
  readonly router: { readonly stack: { route?: { path: string; methods: Record<string, boolean> } }[] };
}

function routesOfExpress({ router }: ExpressRouter): string[] {
  return router.stack.flatMap(({ route }) =>
    route && !route.path.includes('*')
      ? Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`)
      : [],
  );
}

function routesOfFastify(tree: string): string[] {
  const parents: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (\S*) ?(?:\(([^)]*)\))?/.exec(line) ?? [];
    if (part === '') return [];
    const depth = indent.length / 4;
    parents.length = depth;
    parents.push(part);
    const path = parents.join('');
    return path.includes('*') ? [] : methods.split(', ').flatMap((method) => (method ? [`${method} ${path}`] : []));
  });
}

describe('the admin', () => {
  it('is not there at all unless the application asks for it', async () => {
    for (const admin of [undefined, false] as const) {
      const app = await bootApp({ directories: [], ...(admin === false && { admin }) });
      expect((await app.get('/pluginkit/api/plugins')).status).toBe(404);
      expect((await app.get('/pluginkit')).status).toBe(404);
    }
  });

  it('works with options that come from a factory, and with guards that Nest makes', async () => {
    @Injectable()
    class Keys {
      readonly key = 'secret';
    }
    @Injectable()
    class KeyGuard {
      constructor(private readonly keys: Keys) {}
      canActivate(context: ExecutionContext): boolean {
        const request = context.switchToHttp().getRequest<{ user?: object; headers: Record<string, string> }>();
        request.user = { name: 'by key' };
        return request.headers['x-key'] === this.keys.key;
      }
    }
    @Module({ providers: [Keys], exports: [Keys] })
    class KeysModule {}
    @Controller('host')
    class HostController {
      @Get()
      list() {
        return 'host';
      }
    }
    @Module({
      imports: [
        PluginKitModule.forRootAsync({
          useFactory: () => ({
            directories: [],
            admin: { guards: [KeyGuard], imports: [KeysModule], audit: { file: `${newDirectory()}/a.jsonl` } },
          }),
        }),
      ],
      controllers: [HostController],
    })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { logger: false });
    await app.listen(0, '127.0.0.1');
    try {
      const url = `${await app.getUrl()}/pluginkit/api/plugins`;
      expect((await fetch(url)).status).toBe(403);
      const answer = await fetch(url, { headers: { 'x-key': 'secret' } });
      expect(await answer.json()).toMatchObject({ user: 'by key' });
    } finally {
      await app.close();
    }
  });

  it('has a description whose schemas name every field of the types', () => {
    const source = readFileSync('lib/admin/api.ts', 'utf8');
    const fields = [...source.matchAll(/^ {2}(?:'?)([\w-]+)(?:'?)\??: /gm)].map(([, name]) => name ?? '');
    const description = readFileSync('lib/admin/open-api.ts', 'utf8');
    const events = ['hello', 'reset', 'plugin', 'failure'];
    expect(fields.filter((name) => !events.includes(name) && !description.includes(name))).toEqual([]);
  });
});
