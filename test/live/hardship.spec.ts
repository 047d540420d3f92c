import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { definePlugin } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, PLATFORMS } from '../support/boot-app.js';
import { LOADS_LIVE } from '../support/loads-live.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

/** A plugin with one route, which answers with a text. */
const serving = (name: string, text: string, metadata: object = {}, more = ''): Record<string, string> => ({
  'index.mjs': entry({ name, ...metadata }, `{ routes: { path: '/${name}', handler: () => '${text}' }, ${more} }`),
});
const OFF = { DISABLED: '' };

describe.each(LOADS_LIVE)('on %s', (platform) => {
  it('loads a plugin that is built upon one which is there, and takes along what only its code names', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'base', serving('base', 'base', {}, `prefix: '/pre'`));
    writePlugin(directory, 'kid', {
      ...serving('kid', 'kid', { dependsOn: { base: '*' } }, `prefix: '/kid', parent: 'base'`),
      ...OFF,
    });
    writePlugin(directory, 'top', { ...serving('top', 'top', { dependsOn: { kid: '*' } }), ...OFF });
    const { registry, get } = await bootApp({ directories: [directory], watch: false }, { platform });
    const answers = async (): Promise<string[]> =>
      Promise.all(['/pre/base', '/pre/kid/kid', '/top'].map(async (each) => (await get(each)).body));

    expect(await registry.enable('kid')).toMatchObject({ applied: 'live', affected: [] });
    await expect(registry.disable('base')).rejects.toMatchObject({ code: 'HAS_DEPENDENTS' });
    await registry.enable('top');
    expect(await answers()).toEqual(['base', 'kid', 'top']);

    expect(await registry.unload('base', { cascade: true })).toMatchObject({ affected: ['top', 'kid'] });
    await expect(registry.enable('top')).rejects.toMatchObject({ code: 'DEPENDENCY_DISABLED', plugin: 'top' });
    expect(await registry.enable('top', { cascade: true })).toMatchObject({
      applied: 'live',
      affected: ['base', 'kid'],
    });
    expect(await answers()).toEqual(['base', 'kid', 'top']);
    await registry.upgrade('base', { cascade: true });
    expect(await answers()).toEqual(['base', 'kid', 'top']);
    await registry.disable('base', { cascade: true });
    expect((await get('/pre/base')).status).toBe(404);
  });

  it('refuses a path that the platform cannot take, with an error of the plugin', async () => {
    const directory = newDirectory();
    const head = `import { Controller, Get } from '@nestjs/common';
class Wrong { ask() { return ''; } }
Get(':id(')(Wrong.prototype, 'ask', Object.getOwnPropertyDescriptor(Wrong.prototype, 'ask'));
Controller('wrong')(Wrong);`;
    writePlugin(directory, 'wrong', {
      'index.mjs': entry({ name: 'wrong' }, '{ controllers: [Wrong] }', head),
      ...OFF,
    });
    const { registry, get } = await bootApp({ directories: [directory], watch: false }, { platform });
    await expect(registry.enable('wrong')).rejects.toMatchObject({ code: 'MODULE_FAILED', plugin: 'wrong' });
    expect(registry.get('wrong').state).toBe('disabled');
    expect((await get('/host')).body).toBe('host');
  });

  it('decides what to upgrade when its turn has come', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'shop', { ...serving('shop', 'shop'), ...OFF });
    const { registry, get } = await bootApp({ directories: [directory], watch: false }, { platform });
    const [, upgraded] = await Promise.all([registry.enable('shop'), registry.upgrade('shop')]);
    expect(upgraded).toMatchObject({ state: 'enabled', applied: 'live' });
    expect((await get('/shop')).body).toBe('shop');
    const [, second] = await Promise.all([registry.disable('shop'), registry.upgrade('shop')]);
    expect(second).toMatchObject({ state: 'disabled' });
    expect((await get('/shop')).status).toBe(404);
  });

  it('upgrades to code that is off, and to none that has another name', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'shop', serving('shop', 'one'));
    const { registry, get } = await bootApp({ directories: [directory], watch: false }, { platform });
    writePlugin(directory, 'shop', serving('market', 'two'));
    await expect(registry.upgrade('shop')).rejects.toMatchObject({
      code: 'METADATA_INVALID',
      plugin: 'shop',
      field: 'name',
    });
    expect((await get('/shop')).body).toBe('one');
    writePlugin(directory, 'shop', serving('shop', 'three', { state: 'disabled' }));
    expect(await registry.upgrade('shop')).toMatchObject({ state: 'disabled', applied: 'live' });
    expect(registry.get('shop').state).toBe('disabled');
    expect((await get('/shop')).status).toBe(404);
  });

  it('switches a plugin off whose folder is gone, and tells so where it is needed', async () => {
    const directory = newDirectory();
    const folders = ['one', 'two'].map((name) => writePlugin(directory, name, serving(name, name)));
    const { registry, get } = await bootApp({ directories: [directory], watch: false }, { platform });
    for (const folder of folders) rmSync(folder, { recursive: true });
    await expect(registry.upgrade('one')).rejects.toMatchObject({ code: 'IMPORT_FAILED', plugin: 'one' });
    expect((await get('/one')).body).toBe('one');
    expect(await registry.disable('one')).toMatchObject({ state: 'disabled', applied: 'live' });
    expect(await registry.unload('two')).toMatchObject({ state: 'disabled', applied: 'live' });
    expect([(await get('/one')).status, (await get('/two')).status]).toEqual([404, 404]);
    for (const name of ['one', 'two'])
      await expect(registry.enable(name)).rejects.toMatchObject({
        code: 'STATE_WRITE_FAILED',
        message: expect.stringContaining('its folder is gone') as string,
      });
  });

  it('takes a plugin out whose middleware fails or hangs when it is stopped', async () => {
    const directory = newDirectory();
    const middleware = (body: string): string => `import { Module } from '@nestjs/common';
class Passing { use(request, response, next) { next(); } onModuleDestroy() { ${body} } }
class Own { configure(consumer) { consumer.apply(Passing).forRoutes('*all'); } }
Module({})(Own);`;
    for (const [name, body] of [
      ['throwing', 'throw new Error("boo")'],
      ['hanging', 'return new Promise(() => undefined)'],
    ] as const)
      writePlugin(directory, name, {
        'index.mjs': entry({ name }, '{ imports: [Own] }', middleware(body)),
        ...OFF,
      });
    const { registry, app } = await bootApp({ directories: [directory], watch: false, timeout: 300 }, { platform });
    const before = app.get(ModulesContainer).size;
    for (const name of ['throwing', 'hanging']) {
      await registry.enable(name);
      const { problems } = await registry.unload(name);
      expect(problems).toMatchObject([{ code: 'MODULE_FAILED', plugin: name }]);
      expect(app.get(ModulesContainer).size).toBe(before);
    }
  });

  it('finishes the change that is under way before the application stops, and makes none afterwards', async () => {
    const calls: string[] = [];
    @Injectable()
    class Slow {
      async onModuleInit(): Promise<void> {
        calls.push('init');
        await pause(300);
      }
      onApplicationBootstrap(): void {
        calls.push('bootstrap');
      }
      onModuleDestroy(): void {
        calls.push('destroy');
      }
    }
    const slow = definePlugin({
      name: 'slow',
      author: 'Ada',
      version: '1.0.0',
      state: 'disabled',
      register: () => ({ providers: [Slow] }),
    });
    const directory = newDirectory();
    const folder = writePlugin(directory, 'shop', { ...serving('shop', 'shop'), ...OFF });
    const { registry, app } = await bootApp({ plugins: [slow], directories: [directory], watch: false }, { platform });
    const loading = registry.enable('slow');
    while (calls.length === 0) await pause(5);
    const next = registry.enable('shop');
    await app.close();
    expect(await loading).toMatchObject({ applied: 'live' });
    expect(calls).toEqual(['init', 'bootstrap', 'destroy']);
    expect(await next).toMatchObject({ applied: 'on-reload', reason: 'the application is stopping' });
    expect(existsSync(path.join(folder, 'DISABLED'))).toBe(false);
  });

  it('stops a plugin once that is being taken out while the application stops', async () => {
    const calls: string[] = [];
    @Injectable()
    class Telling {
      onModuleDestroy(): void {
        calls.push('destroy');
      }
      onApplicationShutdown(): void {
        calls.push('shutdown');
      }
    }
    let begun: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (begun = resolve));
    const shop = definePlugin({
      name: 'shop',
      author: 'Ada',
      version: '1.0.0',
      register: () => ({
        providers: [Telling],
        routes: {
          path: '/shop',
          handler: () => {
            begun();
            return new Promise(() => undefined);
          },
        },
      }),
    });
    const { registry, app, get } = await bootApp(
      { plugins: [shop], watch: false },
      { platform, nest: { forceCloseConnections: true } },
    );
    const asked = get('/shop').catch(() => 'cut off');
    await waiting;
    const unloaded = registry.unload('shop');
    await app.close();
    expect(await asked).toBe('cut off');
    await unloaded;
    expect(calls).toEqual(['destroy', 'shutdown']);
  });
});

it.each(PLATFORMS)(
  'follows the markers of plugins that another process switches together, in whichever order: %s',
  async (platform) => {
    const directory = newDirectory();
    const folders = [
      writePlugin(directory, 'base', serving('base', 'base')),
      writePlugin(directory, 'kid', serving('kid', 'kid', { dependsOn: { base: '*' } })),
    ];
    const { registry } = await bootApp({ directories: [directory], watch: true }, { platform });
    const states = (): string[] => registry.all().map(({ state }) => state);
    for (const folder of folders) writeFileSync(path.join(folder, 'DISABLED'), '');
    await expect.poll(states, { timeout: 5000 }).toEqual(['disabled', 'disabled']);
    for (const folder of folders.toReversed()) rmSync(path.join(folder, 'DISABLED'));
    await expect.poll(states, { timeout: 5000 }).toEqual(['enabled', 'enabled']);
  },
);
