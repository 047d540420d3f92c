import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import { definePlugin } from 'nestjs-pluginkit';
import { createPluginApp } from 'nestjs-pluginkit/testing';
import { describe, expect, it } from 'vitest';

import { PLATFORMS } from '../support/boot-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

const exec = promisify(execFile);

@Injectable()
class Clock {
  now(): string {
    return 'now';
  }
}

@Injectable()
class Greeting {
  constructor(
    private readonly clock: Clock,
    @Inject('WORD') private readonly word: string,
  ) {}

  text(): string {
    return `${this.word} ${this.clock.now()}`;
  }
}

@Controller('greeting')
class GreetingController {
  constructor(private readonly greeting: Greeting) {}

  @Get()
  greet(): string {
    return this.greeting.text();
  }
}

const greeter = definePlugin({
  name: 'greeter',
  author: 'Ada',
  version: '1.0.0',
  register: () => ({
    controllers: [GreetingController],
    providers: [Greeting, Clock, { provide: 'WORD', useFactory: () => 'hello' }],
  }),
});

describe.each(PLATFORMS)('createPluginApp on %s', (platform) => {
  it('starts an application with a definition and with a folder, in one line', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'sibling', { 'index.js': entry({ name: 'sibling' }) });
    const folder = writePlugin(directory, 'shop', {
      'index.js': entry({ name: 'shop' }, "{ routes: { path: '/shop', handler: () => 'open' } }"),
    });

    await using app = await createPluginApp({ plugins: [folder, greeter], platform });

    expect(await (await app.request('/shop')).text()).toBe('open');
    expect(await (await app.request('/greeting')).text()).toBe('hello now');
    expect(app.registry.all().map(({ name }) => name)).toEqual(['greeter', 'shop']);
    expect(app.get(Greeting).text()).toBe('hello now');
  });

  it('takes a folder as a file: URL and as a path from the working directory', async () => {
    const folder = writePlugin(newDirectory(), 'shop', {
      'index.js': entry({ name: 'shop' }, "{ routes: { path: '/shop', handler: () => 'open' } }"),
    });
    for (const given of [pathToFileURL(folder), pathToFileURL(folder).href, path.relative(process.cwd(), folder)]) {
      await using app = await createPluginApp({ plugins: [given], platform });
      expect((await app.request('/shop')).status).toBe(200);
    }
  });

  it('switches plugins live and leaves their folders as they are', async () => {
    const folder = writePlugin(newDirectory(), 'shop', {
      'index.js': entry({ name: 'shop' }, "{ routes: { path: '/shop', handler: () => 'open' } }"),
    });
    await using app = await createPluginApp({ plugins: [folder], platform });

    expect(await app.disable('shop')).toMatchObject({ state: 'disabled', applied: 'live' });
    expect((await app.request('/shop')).status).toBe(404);
    expect(app.registry.get('shop').state).toBe('disabled');
    expect(existsSync(path.join(folder, 'DISABLED'))).toBe(false);
    expect(await app.enable('shop')).toMatchObject({ state: 'enabled', applied: 'live' });
    expect((await app.request('/shop')).status).toBe(200);
    expect(existsSync(path.join(folder, 'ENABLED'))).toBe(false);
  });

  it('replaces providers of plugins by a value, a class and a factory', async () => {
    @Injectable()
    class Frozen {
      now(): string {
        return 'then';
      }
    }
    await using app = await createPluginApp({ plugins: [greeter], platform })
      .overrideProvider(Clock)
      .useClass(Frozen)
      .overrideProvider('WORD')
      .useFactory({ factory: (clock: Clock) => `it was ${clock.now()},`, inject: [Clock] });
    expect(await (await app.request('/greeting')).text()).toBe('it was then, then');

    await using other = await createPluginApp({ plugins: [greeter], platform })
      .overrideProvider(Clock)
      .useValue({ now: () => 'never' });
    expect(await (await other.request('/greeting')).text()).toBe('hello never');

    await using plain = await createPluginApp({ plugins: [greeter], platform });
    expect(await (await plain.request('/greeting')).text()).toBe('hello now');
  });

  it('replaces providers of the application around the plugin', async () => {
    @Module({ providers: [Clock, { provide: 'WORD', useValue: 'good' }], exports: [Clock, 'WORD'] })
    class HostModule {}
    const borrower = definePlugin({
      ...greeter,
      register: () => ({ controllers: [GreetingController], providers: [Greeting] }),
    });
    await using app = await createPluginApp({
      plugins: [borrower],
      imports: [HostModule],
      share: [HostModule],
      platform,
    })
      .overrideProvider(Clock)
      .useValue({ now: () => 'morning' });
    expect(await (await app.request('/greeting')).text()).toBe('good morning');
  });

  it('gives an agent of supertest', async () => {
    await using app = await createPluginApp({ plugins: [greeter], platform });
    const { text } = await app.request().get('/greeting').expect(200);
    expect(text).toBe('hello now');
  });

  it('shows what plugins put into pages', async () => {
    const folder = writePlugin(newDirectory(), 'shop', {
      'index.js': entry({ name: 'shop' }, "{ slots: { menu: '<b>{{ 1 + 1 }}</b>' } }"),
    });
    await using app = await createPluginApp({ plugins: [folder], platform });
    expect(app.view.emitSlot('menu')).toBe('<b>2</b>');
  });

  it('tells why a plugin failed, and leaves nothing running', async () => {
    const folder = writePlugin(newDirectory(), 'bad', { 'index.js': entry({ name: 'bad' }, '{ routse: [] }') });
    await expect(createPluginApp({ plugins: [folder], platform })).rejects.toThrow(/routse is unknown/);
    await expect(createPluginApp({ plugins: [`${folder}-missing`], platform })).rejects.toThrow(/cannot be read/);
    await using app = await createPluginApp({ plugins: [folder], platform, onFailure: 'isolate' });
    expect(app.registry.get('bad')).toMatchObject({ state: 'failed', error: { code: 'EXTENSION_UNKNOWN' } });
  });

  it('hands the application over before it starts', async () => {
    await using app = await createPluginApp({
      plugins: [greeter],
      platform,
      prepare: (nest) => void nest.setGlobalPrefix('v1'),
    });
    expect((await app.request('/v1/greeting')).status).toBe(200);
  });
});

describe('createPluginApp', { timeout: 60_000 }, () => {
  it('starts when it is awaited, and can be closed twice', async () => {
    const builder = createPluginApp({ plugins: [greeter] });
    const app = await builder;
    expect(() => builder.overrideProvider(Clock)).not.toThrow();
    expect(() => builder.overrideProvider(Clock).useValue({})).toThrow(/has started/);
    await app.close();
    await app.close();
    await expect(app.request('/greeting')).rejects.toThrow('fetch failed');
  });

  it('works with node:test, and lets it end although nobody closed the application', async () => {
    const directory = newDirectory();
    const file = path.join(directory, 'plugin.test.mjs');
    writeFileSync(
      file,
      `import assert from 'node:assert/strict';
       import { test } from 'node:test';
       import { createPluginApp } from 'nestjs-pluginkit/testing';
       const plugin = { name: 'shop', author: 'Ada', version: '1.0.0', register: () => ({ routes: { path: '/shop', handler: () => 'open' } }) };
       test('answers', async () => {
         const app = await createPluginApp({ plugins: [plugin] });
         assert.equal(await (await app.request('/shop')).text(), 'open');
       });`,
    );
    const { stdout } = await exec(process.execPath, ['--test', '--test-reporter=tap', file], { timeout: 50_000 });
    expect(stdout).toMatch(/# pass 1/);
  });
});
