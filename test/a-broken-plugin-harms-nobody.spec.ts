import { readdirSync } from 'node:fs';
import path from 'node:path';

import { Controller, Get, Global, Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule, DiscoveryService } from '@nestjs/core';
import {
  definePlugin,
  PluginError,
  type Contributions,
  type FailedPlugin,
  type PluginKitOptions,
} from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, failures, PLATFORMS, type RunningApp } from './support/boot-app.js';
import { directoryOf, entry, fixture, writePlugin } from './support/plugin-folders.js';

const BROKEN = readdirSync(fixture('broken'));
const TIMEOUT = 400;

/** 20 good plugins and one of each broken kind, in one folder. */
function options(): PluginKitOptions {
  const directory = directoryOf(...BROKEN.map((name) => `broken/${name}`));
  for (let number = 1; number <= 20; number++) {
    const name = `good-${String(number).padStart(2, '0')}`;
    writePlugin(directory, name, {
      'index.js': entry({ name }, `{ routes: { path: '/${name}', handler: () => '${name}' } }`),
    });
  }
  return { directories: [directory], timeout: TIMEOUT, hostVersion: '1.0.0' };
}

const EXPECTED = {
  'syntax-error': ['IMPORT_FAILED', /SyntaxError: Unexpected token/, /syntax/i],
  'imports-missing-package': [
    'IMPORT_FAILED',
    /a-package-that-nobody-installed/,
    /npm install a-package-that-nobody-installed/,
  ],
  'import-throws': ['IMPORT_FAILED', /I will not be imported/, /cause/],
  'import-never-settles': ['IMPORT_TIMEOUT', /400 ms/, /top-level await/],
  'metadata-wrong-twice': ['METADATA_INVALID', /author.*version/, /package\.json/],
  'GOOD-01': ['NAME_TAKEN', /good-01.*regard to case/, /Rename/],
  'engines-not-met': ['INCOMPATIBLE', /\^99\.0\.0, this is 1\.0\.0/, /version of the plugin/],
  'dependency-missing': ['DEPENDENCY_MISSING', /nobody \^1\.0\.0/, /nobody/],
  'cycle-a': ['DEPENDENCY_CYCLE', /cycle-a -> cycle-b -> cycle-c -> cycle-a/, /dependsOn/],
  'cycle-b': ['DEPENDENCY_CYCLE', /cycle-a -> cycle-b -> cycle-c -> cycle-a/, /dependsOn/],
  'cycle-c': ['DEPENDENCY_CYCLE', /cycle-a -> cycle-b -> cycle-c -> cycle-a/, /dependsOn/],
  'register-throws': ['REGISTER_FAILED', /register says no/, /cause/],
  'register-rejects': ['REGISTER_FAILED', /it threw undefined/, /cause/],
  'register-never-settles': ['REGISTER_TIMEOUT', /400 ms/, /never settles/],
  'register-returns-null': ['REGISTER_INVALID', /null/, /Return an object/],
  'register-returns-unknown-key': ['EXTENSION_UNKNOWN', /controlers/, /controllers/],
  'controller-throws': ['MODULE_FAILED', /the controller says no/, /cause/],
  'provider-unresolved': ['MODULE_FAILED', /NOBODY_GIVES_THIS/, /Export.*share.*dependsOn/],
  'provider-never-settles': ['MODULE_TIMEOUT', /400 ms/, /never settles/],
  'init-rejects': ['MODULE_FAILED', /onModuleInit says no/, /onModuleInit/],
  'route-clash': [
    'ROUTE_CONFLICT',
    /GET \/host\/:number .*"route-clash".*GET \/host\/:id of HostController\.one in the application/,
    /prefix/,
  ],
} satisfies Record<string, [string, RegExp, RegExp]>;

describe.each(PLATFORMS)('with 20 good plugins and one of each broken kind, on %s,', (platform) => {
  it('boots, serves the application and the 20, and tells each fault with its file and cure', async () => {
    const { get, registry, log } = await bootApp(options(), { platform });

    expect(await get('/host')).toMatchObject({ status: 200, body: 'host' });
    expect(await get('/host/7')).toMatchObject({ status: 200, body: 'host 7' });
    for (let number = 1; number <= 20; number++) {
      const name = `good-${String(number).padStart(2, '0')}`;
      expect(await get(`/${name}`)).toMatchObject({ status: 200, body: name });
    }
    expect(registry.enabled().map(({ name }) => name)).toHaveLength(20);

    expect(failures(registry)).toEqual(
      Object.fromEntries(Object.entries(EXPECTED).map(([name, [code]]) => [name, code])),
    );
    for (const [name, [, message, hint]] of Object.entries(EXPECTED)) {
      // By its exact name: get() takes GOOD-01 for the good one.
      const { error } = registry.all().find((plugin) => plugin.name === name) as FailedPlugin;
      expect(error).toBeInstanceOf(PluginError);
      expect(error.message).toMatch(message);
      expect(error.hint).toMatch(hint);
      expect(error.plugin).toBe(name);
      expect(path.isAbsolute(error.file ?? '')).toBe(true);
      expect(log.filter((line) => line.startsWith(`error ${name} failed`))).toHaveLength(1);
    }
  });

  it('serves nothing of the failed ones, as if they were not there', async () => {
    const { get } = await bootApp(options(), { platform });

    for (const gone of ['/init-rejects', '/provider-never-settles', '/clash-alone', '/taken', '/controller-throws']) {
      const { status, body } = await get(gone);
      expect(status).toBe(404);
      expect(JSON.parse(body)).toMatchObject({ message: `Cannot GET ${gone}`, statusCode: 404 });
    }
  });
});

/** How a plugin fails before any of its hooks was called. */
const FAULTS: [string, () => Contributions][] = [
  ['a provider that throws', () => ({ providers: [{ provide: 'X', useFactory: boom }] })],
  [
    'a provider that never settles',
    () => ({ providers: [{ provide: 'X', useFactory: () => new Promise(() => undefined) }] }),
  ],
  ['a dependency that nobody gives', () => ({ providers: [{ provide: 'X', inject: ['?'], useFactory: boom }] })],
  ['a route that is taken', () => ({ routes: { path: '/host', handler: () => 'mine' } })],
];

describe.each(PLATFORMS)('a plugin that does not come up leaves nothing in the application, on %s,', (platform) => {
  it.each(FAULTS)('by %s', async (_what, fault) => {
    const called: string[] = [];
    const Marked = DiscoveryService.createDecorator();
    @Marked()
    @Injectable()
    class Service implements OnApplicationBootstrap {
      onApplicationBootstrap(): void {
        called.push('bootstrap');
      }
    }
    @Marked()
    @Controller('gone')
    class GoneController {
      @Get()
      get(): string {
        return 'gone';
      }
    }
    @Global()
    @Module({ controllers: [GoneController], providers: [Service], exports: [Service] })
    class InnerModule {}
    const guard = { provide: APP_GUARD, useValue: { canActivate: () => called.push('guard') > 0 } };
    const { providers = [], ...rest } = fault();
    const failing = definePlugin({
      name: 'failing',
      author: 'Ada',
      version: '1.0.0',
      register: () => ({
        ...rest,
        imports: [InnerModule],
        providers: [guard, ...providers],
        middleware: { use: (_request, _response, next) => (called.push('middleware'), next()), forRoutes: '*' },
      }),
    });
    const bystander = definePlugin({
      name: 'bystander',
      author: 'Ada',
      version: '1.0.0',
      register: () => ({ routes: { path: '/bystander', handler: () => 'here' } }),
    });

    const { app, get, registry } = await bootApp(
      { directories: [], plugins: [failing, bystander], timeout: TIMEOUT },
      { platform, imports: [DiscoveryModule] },
    );

    expect(registry.get('failing').state).toBe('failed');
    expect((await get('/gone')).status).toBe(404);
    expect((await get('/host')).body).toBe('host');
    expect((await get('/bystander')).body).toBe('here');
    expect(called).toEqual([]);
    const discovery = app.get(DiscoveryService);
    const found = [...discovery.getProviders(), ...discovery.getControllers()].map(({ token }) => token);
    expect(found).not.toContain(Service);
    expect(found).not.toContain(GoneController);
    expect(discovery.getProviders({ metadataKey: Marked.KEY })).toEqual([]);
    expect(discovery.getControllers({ metadataKey: Marked.KEY })).toEqual([]);
  });
});

function boom(): never {
  throw new Error('boom');
}

describe('a boot that is told to throw', () => {
  it('ends with one AggregateError that lists every failure', async () => {
    const error: unknown = await bootApp({ ...options(), onFailure: 'throw' }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );

    expect(error).toBeInstanceOf(AggregateError);
    const { errors, message } = error as AggregateError & { errors: PluginError[] };
    expect(Object.fromEntries(errors.map(({ plugin, code }) => [plugin, code]))).toEqual(
      Object.fromEntries(Object.entries(EXPECTED).map(([name, [code]]) => [name, code])),
    );
    expect(message).toMatch(/21 of 41 plugins failed/);
    for (const name of Object.keys(EXPECTED)) expect(message).toContain(`"${name}"`);
  });

  it('is as any other when nothing fails', async () => {
    const directory = directoryOf();
    writePlugin(directory, 'good', {
      'index.js': entry({ name: 'good' }, `{ routes: { path: '/good', handler: () => 'good' } }`),
    });

    const { get } = await bootApp({ directories: [directory], onFailure: 'throw' });

    expect(await get('/good')).toMatchObject({ status: 200, body: 'good' });
  });
});

describe('plugins that never settle', () => {
  it('delay the boot by one time limit for each step, however many there are', async () => {
    const directory = directoryOf();
    const never = `new Promise(() => {})`;
    for (let number = 0; number < 8; number++) {
      writePlugin(directory, `import-${number}`, { 'index.js': `await ${never};\nexport default {};` });
      writePlugin(directory, `register-${number}`, { 'index.js': entry({ name: `register-${number}` }, never) });
      writePlugin(directory, `provider-${number}`, {
        'index.js': entry(
          { name: `provider-${number}` },
          `{ providers: [{ provide: 'X', useFactory: () => ${never} }] }`,
        ),
      });
    }

    const { registry }: RunningApp = await bootApp({ directories: [directory], timeout: TIMEOUT });

    expect(new Set(Object.values(failures(registry)))).toEqual(
      new Set(['IMPORT_TIMEOUT', 'REGISTER_TIMEOUT', 'MODULE_TIMEOUT']),
    );
    // One after the other they would take 24 limits; the bound leaves room for a busy machine.
    const { import: imported, register, start } = registry.report().milliseconds;
    for (const step of [imported, register, start]) expect(step).toBeLessThan(TIMEOUT * 4);
  });
});
