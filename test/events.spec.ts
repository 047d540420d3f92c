import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { Controller, Get, Inject, Injectable, Module, Scope, type Type } from '@nestjs/common';
import { PluginEvents, PluginView, type PluginKitOptions } from 'nestjs-pluginkit';
import { EventListeners } from '#lib/events/event-listeners.js';
import { describe, expect, it } from 'vitest';

import { bootApp, failures, PLATFORMS } from './support/boot-app.js';
import { entry, newDirectory, writePlugin } from './support/plugin-folders.js';

type Listener = (...args: never[]) => unknown;
type Definition = NonNullable<PluginKitOptions['plugins']>[number];

/** A plugin that listens to one event. */
function listening(name: string, listener: Listener, event = 'asked', position: 'first' | 'last' = 'last'): Definition {
  @Injectable()
  class Ears {
    constructor(@Inject(PluginEvents) events: PluginEvents) {
      events.on(event, listener, { position });
    }
  }
  return plugin(name, { providers: [Ears] });
}

function plugin(name: string, returned: ReturnType<Definition['register']>): Definition {
  return { name, author: 'Ada', version: '1.0.0', register: () => returned };
}

describe('events', () => {
  it.each(PLATFORMS)(
    'are heard by plugins and the application, in the order in which they listened, on %s',
    async (platform) => {
      const { app } = await bootApp(
        { plugins: [listening('a', (name: string) => `a ${name}`), listening('b', () => ['b'])] },
        { platform },
      );
      const events = app.get(PluginEvents);
      events.on('asked', () => undefined);
      events.on('asked', (_: string, count: number) => count);

      const given = events.emit('asked', 'Ada', 3);

      expect(given).toEqual(['a Ada', ['b'], 3]);
      expect(given.errors).toEqual([]);
      expect(events.emit('nobody listens')).toEqual([]);
    },
  );

  it('puts a listener first where it asks for it', async () => {
    const { app } = await bootApp({
      plugins: [listening('a', () => 'a'), listening('b', () => 'b', 'asked', 'first')],
    });
    const events = app.get(PluginEvents);
    events.on('asked', () => 'host', { position: 'first' });

    expect(events.emit('asked')).toEqual(['host', 'b', 'a']);
  });

  it('takes a listener away by its undo and by off()', async () => {
    const { app } = await bootApp({ plugins: [] });
    const events = app.get(PluginEvents);
    const one = (): number => 1;
    const undo = events.on('asked', one);
    events.on('asked', one);
    events.on('asked', () => 2);

    expect(events.emit('asked')).toEqual([1, 1, 2]);
    undo();
    undo();
    expect(events.emit('asked')).toEqual([1, 2]);
    expect(events.off('asked', one)).toBe(true);
    expect(events.off('asked', one)).toBe(false);
    expect(events.emit('asked')).toEqual([2]);
  });

  it('lets no listener that fails stop another, and tells the plugin and what it threw', async () => {
    const boom = new Error('no \u001b[31mstars\ntonight');
    const { app, log } = await bootApp({
      plugins: [
        listening('bad', () => {
          throw boom;
        }),
        listening('late', () => Promise.reject(boom)),
        listening('good', () => 'heard'),
      ],
    });
    const events = app.get(PluginEvents);
    events.on('asked', () => {
      // eslint-disable-next-line typescript/only-throw-error -- anything may be thrown
      throw 'of the host';
    });

    const now = events.emit('asked');
    expect(now.filter((each) => typeof each === 'string')).toEqual(['heard']);
    expect(now.errors).toEqual([
      { event: 'asked', plugin: 'bad', thrown: boom },
      { event: 'asked', thrown: 'of the host' },
    ]);
    const settled = await events.emitAsync('asked');
    expect(settled).toEqual(['heard']);
    expect(settled.errors.map(({ plugin: name }) => name)).toEqual(['bad', undefined, 'late']);
    expect(log).toContain('error bad: its listener of "asked" failed: no stars tonight');
    expect(log).toContain('error late: its listener of "asked" failed: no stars tonight');
    expect(log).toContain('error the application: its listener of "asked" failed: of the host');
  });

  it('waits for async listeners where it is asked to', async () => {
    const { app } = await bootApp({ plugins: [listening('slow', async (n: number) => Promise.resolve(n * 2))] });
    const events = app.get(PluginEvents);

    expect(events.emit('asked', 4)).toEqual([expect.any(Promise)]);
    expect(await events.emitAsync('asked', 4)).toEqual([8]);
  });

  it('refuses what is no listener, which fails the plugin that gave it', async () => {
    const { app, registry } = await bootApp({ plugins: [listening('bad', 'no function' as never)] });

    expect(failures(registry)).toEqual({ bad: 'MODULE_FAILED' });
    expect(() => app.get(PluginEvents).on('', () => 1)).toThrow(TypeError);
    expect(() => app.get(PluginEvents).on('x', () => 1, { position: 'right' as never })).toThrow("'first' or 'last'");
  });

  it.each(PLATFORMS)(
    'stops and starts listening with its plugin, while those of the application stay, on %s',
    async (platform) => {
      const { app, registry } = await bootApp(
        { plugins: [listening('a', () => 'a'), listening('b', () => 'b')], live: true },
        { platform },
      );
      const events = app.get(PluginEvents);
      events.on('asked', () => 'host');

      await registry.disable('a');
      expect(events.emit('asked')).toEqual(['b', 'host']);
      await registry.enable('a');
      expect(events.emit('asked')).toEqual(['a', 'b', 'host']);
    },
  );

  it('knows whose a listener is in modules that a plugin imports, in factories and in what is made for each request', async () => {
    @Injectable()
    class Inner {
      constructor(@Inject(PluginEvents) events: PluginEvents) {
        events.on('asked', () => 'inner');
      }
    }
    @Module({ providers: [Inner] })
    class InnerModule {}
    @Module({ imports: [InnerModule] })
    class Outer {}
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      constructor(@Inject(PluginEvents) private readonly events: PluginEvents) {}
      listen(): string {
        this.events.on('asked', () => 'per request');
        return 'listening';
      }
    }
    const factory = {
      provide: 'made',
      inject: [PluginEvents],
      useFactory: (events: PluginEvents): object => ({ undo: events.on('asked', () => 'factory') }),
    };
    const { app, registry, get } = await bootApp({
      plugins: [
        plugin('deep', { module: Outer }),
        plugin('made', { providers: [factory] }),
        plugin('asked', { providers: [PerRequest], controllers: [listenController(PerRequest)] }),
      ],
      live: true,
    });
    const events = app.get(PluginEvents);
    expect((await get('/listen')).body).toBe('listening');
    expect(events.emit('asked')).toEqual(expect.arrayContaining(['inner', 'factory', 'per request']));

    for (const name of ['deep', 'made', 'asked']) await registry.disable(name);
    expect(events.emit('asked')).toEqual([]);
  });

  it('lets a listener stay as long as one of the plugins is on that import its module', async () => {
    @Injectable()
    class Shared {
      constructor(@Inject(PluginEvents) events: PluginEvents) {
        events.on('asked', () => 'shared');
      }
    }
    @Module({ providers: [Shared] })
    class SharedModule {}
    const { app, registry } = await bootApp({
      plugins: [plugin('a', { imports: [SharedModule] }), plugin('b', { imports: [SharedModule] })],
      live: true,
    });
    const events = app.get(PluginEvents);

    await registry.disable('a');
    expect(events.emit('asked')).toEqual(['shared']);
    await registry.disable('b');
    expect(events.emit('asked')).toEqual([]);
  });

  it.each(PLATFORMS)('put into a page what listeners return, on %s', async (platform) => {
    const { app, registry, get } = await bootApp(
      {
        directories: [],
        live: true,
        plugins: [
          listening('a', (name: string) => `<b>${name}</b>`, 'greet'),
          listening(
            'bad',
            () => {
              throw new Error('no');
            },
            'greet',
          ),
          plugin('page', {
            slots: { hall: `{{ emit_dcp('greet', 'Ada') }}` },
            routes: { path: '/hall', handler: () => app.get(PluginView).emitSlot('hall') },
          }),
        ],
      },
      { platform },
    );

    expect((await get('/hall')).body).toBe('<b>Ada</b>');
    expect(app.get(PluginView).emitEvent('greet', 'Bo')).toBe('<b>Bo</b>');
    await registry.disable('a');
    expect((await get('/hall')).body).toBe('');
  });

  it.each(PLATFORMS)(
    'follow a plugin that is loaded, replaced and unloaded while the application runs, on %s',
    async (platform) => {
      const directory = newDirectory();
      const write = (version: string): string =>
        writePlugin(directory, 'shop', {
          'index.mjs': entry(
            { name: 'shop', version },
            `{ providers: [Ears], extensions: { list: '${version}' }, transforms: { other: { extensions: (given) => ({ ...given, other: given.other + ' ${version}' }) } } }`,
            `import { Extension, PluginEvents } from 'nestjs-pluginkit';
class Ears { constructor(events) { events.on('asked', () => '${version}'); } }
Extension('list')(Ears);
Reflect.defineMetadata('design:paramtypes', [PluginEvents], Ears);`,
          ),
        });
      const folder = write('1.0.0');
      writeFileSync(path.join(folder, 'DISABLED'), '');
      const { app, registry } = await bootApp(
        { directories: [directory], plugins: [plugin('other', { extensions: { other: 'other' } })], live: true },
        { platform },
      );
      const events = app.get(PluginEvents);
      const seen = (): unknown[] => [
        events.emit('asked'),
        registry.extensions('list').length,
        ...registry.extensions('other'),
      ];

      expect(seen()).toEqual([[], 0, 'other']);
      expect(await registry.enable('shop')).toMatchObject({ applied: 'live' });
      expect(seen()).toEqual([['1.0.0'], 2, 'other 1.0.0']);
      write('1.1.0');
      expect(await registry.upgrade('shop')).toMatchObject({ applied: 'live' });
      expect(seen()).toEqual([['1.1.0'], 2, 'other 1.1.0']);
      expect(app.get(PluginEvents)).toBe(events);
      await registry.unload('shop');
      expect(seen()).toEqual([[], 0, 'other']);
    },
  );

  it('forgets for good what a plugin added whose code is gone', () => {
    const listeners = new EventListeners();
    const old = { name: 'old' } as never;
    let isLoaded = true;
    listeners.connect({ isOn: () => true, isLoaded: () => isLoaded }, () => undefined);
    listeners.add([old], 'asked', () => 'old', 'last');
    listeners.add(undefined, 'asked', () => 'host', 'last');

    listeners.forgetGone();
    expect(listeners.emit('asked', [])).toEqual(['old', 'host']);
    isLoaded = false;
    listeners.forgetGone();
    isLoaded = true;
    expect(listeners.emit('asked', [])).toEqual(['host']);
  });

  it('reaches the application from a plugin in a folder, and never a plugin that failed', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'shouter', {
      'index.mjs': entry(
        { name: 'shouter' },
        `{ providers: [{ provide: 'x', inject: [PluginEvents], useFactory: (events) => ({ onApplicationBootstrap: () => events.emit('up', 'shouter') }) }] }`,
        `import { PluginEvents } from 'nestjs-pluginkit';`,
      ),
    });
    writePlugin(directory, 'sick', {
      'index.mjs': entry(
        { name: 'sick' },
        `{ providers: [{ provide: 'x', inject: [PluginEvents], useFactory: (events) => { events.on('up', () => 'sick'); throw new Error('ill'); } }] }`,
        `import { PluginEvents } from 'nestjs-pluginkit';`,
      ),
    });
    const heard: unknown[] = [];
    @Injectable()
    class HostEars {
      constructor(@Inject(PluginEvents) events: PluginEvents) {
        events.on('up', (name: string) => heard.push(name));
      }
    }
    const { app, registry } = await bootApp({ directories: [directory] }, { providers: [HostEars] });

    expect(failures(registry)).toEqual({ sick: 'MODULE_FAILED' });
    expect(heard).toEqual(['shouter']);
    expect(app.get(PluginEvents).emit('up', 'test')).toEqual([2]);
  });
});

function listenController(service: Type<{ listen(): string }>): Type {
  @Controller('listen')
  class ListenController {
    constructor(@Inject(service) private readonly ears: { listen(): string }) {}
    @Get()
    listen(): string {
      return this.ears.listen();
    }
  }
  return ListenController;
}
