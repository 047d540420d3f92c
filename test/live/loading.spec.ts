import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';

import {
  Body,
  Controller,
  Get,
  Injectable,
  Module,
  Post,
  Scope,
  type ArgumentsHost,
  type MiddlewareConsumer,
  type NestModule,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, ApplicationConfig, LazyModuleLoader, ModulesContainer } from '@nestjs/core';
import { DependenciesScanner } from '@nestjs/core/scanner.js';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { MessagePattern } from '@nestjs/microservices';
import { Cron, Interval, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { WebSocketGateway } from '@nestjs/websockets';
import { definePlugin } from 'nestjs-pluginkit';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { bootApp, HostController, PLATFORMS } from '../support/boot-app.js';
import { LOADS_LIVE } from '../support/loads-live.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

const author = 'Ada';
const version = '1.0.0';

/** A CommonJS or ES plugin whose route tells which code runs, and keeps a request as long as it is told. */
function codeOf(text: string, commonJs: boolean): Record<string, string> {
  const body = `const metadata = { name: 'shop', author: 'Ada', version: '1.0.0' };
const register = () => ({ routes: [{ path: '/shop', handler: () => text }, { path: '/imports', handler: () => import.meta?.url ?? '' }] });`;
  return commonJs
    ? {
        'index.cjs': `const { text } = require('./text.cjs');\n${body.replaceAll('import.meta?.url', "''")}\nmodule.exports = { metadata, register };`,
        'text.cjs': `exports.text = ${JSON.stringify(text)};`,
      }
    : {
        'index.mjs': `import { text } from './text.mjs';\n${body}\nexport { metadata, register };`,
        'text.mjs': `export const text = ${JSON.stringify(text)};`,
      };
}

describe.each(LOADS_LIVE)('on %s', (platform) => {
  it('loads a plugin that was off at the start, with its start hooks, dependencies and routes', async () => {
    const calls: string[] = [];
    @Injectable()
    class Hooked implements OnModuleInit {
      onModuleInit() {
        calls.push('init');
      }
      onApplicationBootstrap() {
        calls.push('bootstrap');
      }
    }
    const base = definePlugin({
      name: 'base',
      author,
      version,
      state: 'disabled',
      register: () => ({ providers: [Hooked], exports: [Hooked] }),
    });
    @Controller('top')
    class TopController {
      constructor(readonly hooked: Hooked) {}
      @Get()
      ask() {
        return String(this.hooked instanceof Hooked);
      }
    }
    Reflect.defineMetadata('design:paramtypes', [Hooked], TopController);
    const top = definePlugin({
      name: 'top',
      author,
      version,
      state: 'disabled',
      dependsOn: { base: '^1.0.0' },
      register: () => ({ controllers: [TopController] }),
    });
    const { registry, get } = await bootApp({ directories: [], plugins: [base, top] }, { platform });
    expect(calls).toEqual([]);
    await expect(registry.enable('top')).rejects.toMatchObject({ code: 'DEPENDENCY_DISABLED' });
    expect(await registry.enable('top', { cascade: true })).toMatchObject({ applied: 'live', affected: ['base'] });
    expect(calls).toEqual(['init', 'bootstrap']);
    expect((await get('/top')).body).toBe('true');
    expect(registry.enabled().map(({ name }) => name)).toEqual(['base', 'top']);
  });

  it('runs jobs and listeners of a late plugin while it is on, and no longer', async () => {
    const seen = { interval: 0, event: 0 };
    @Injectable()
    class Jobs {
      @Interval('late-tick', 5)
      tick() {
        seen.interval += 1;
      }
      @Cron('0 0 1 1 *', { name: 'late-year' })
      year() {}
      @OnEvent('posted')
      posted() {
        seen.event += 1;
      }
    }
    const jobs = definePlugin({
      name: 'jobs',
      author,
      version,
      state: 'disabled',
      register: () => ({ providers: [Jobs] }),
    });
    const { app, registry } = await bootApp(
      { directories: [], plugins: [jobs] },
      { platform, imports: [ScheduleModule.forRoot(), EventEmitterModule.forRoot()] },
    );
    const events = app.get(EventEmitter2);
    const scheduler = app.get(SchedulerRegistry);
    await registry.enable('jobs');
    events.emit('posted');
    await vi.waitFor(() => expect(seen.interval).toBeGreaterThan(1));
    expect(seen.event).toBe(1);
    expect(scheduler.doesExist('cron', 'late-year')).toBe(true);

    await registry.upgrade('jobs'); // the names are free for the next generation
    events.emit('posted');
    expect(seen.event).toBe(2);
    expect(scheduler.getIntervals()).toEqual(['late-tick']);

    await registry.unload('jobs');
    const { interval } = seen;
    events.emit('posted');
    expect(seen.event).toBe(2);
    expect(scheduler.getIntervals()).toEqual([]);
    expect([...scheduler.getCronJobs().keys()]).toEqual([]);
    expect(events.listenerCount('posted')).toBe(0);
    expect(seen.interval).toBe(interval);
  });

  it('makes guards, interceptors, pipes and filters of a plugin hold for all that is there, each in its place', async () => {
    const calls: string[] = [];
    const guard = (name: string) => ({ canActivate: () => calls.push(name) > 0 });
    const plugins = ['a', 'b', 'c'].map((name) =>
      definePlugin({
        name,
        author,
        version,
        ...(name === 'b' ? {} : { state: 'disabled' }),
        register: () => ({ providers: [{ provide: APP_GUARD, useValue: guard(name) }] }),
      }),
    );
    const { registry, get } = await bootApp(
      { directories: [], plugins },
      {
        platform,
        controllers: [HostController],
        providers: [{ provide: APP_GUARD, useValue: guard('host module') }],
        prepare: (app) => void app.useGlobalGuards(guard('host')),
      },
    );
    const seen = async () => {
      calls.length = 0;
      expect((await get('/host')).status).toBe(200);
      return calls.join(', ');
    };
    expect(await seen()).toBe('host module, b, host');
    for (const name of ['c', 'a']) expect(await registry.enable(name)).toMatchObject({ applied: 'live' });
    expect(await seen()).toBe('host module, a, b, c, host');
    await registry.upgrade('a');
    expect(await seen()).toBe('host module, a, b, c, host');
    await registry.unload('b');
    await registry.disable('c');
    expect(await seen()).toBe('host module, a, host');
  });

  it('has a filter that came later catch what middleware of the application throws', async () => {
    const filter = {
      catch: (error: Error, host: ArgumentsHost) =>
        host
          .switchToHttp()
          .getResponse<{ statusCode: number; end(text: string): void; raw?: object }>()
          .end(`caught ${error.message}`),
    };
    const plugin = definePlugin({
      name: 'late',
      author,
      version,
      state: 'disabled',
      register: () => ({ providers: [{ provide: APP_FILTER, useValue: filter }] }),
    });
    const { registry, get } = await bootApp(
      { directories: [], plugins: [plugin] },
      { platform, imports: [WithThrowingMiddleware] },
    );
    expect((await get('/throwing')).status).toBe(500);
    expect(await registry.enable('late')).toMatchObject({ applied: 'live' });
    expect((await get('/throwing')).body).toBe('caught thrown');
    await registry.unload('late');
    expect((await get('/throwing')).status).toBe(500);
  });

  it('keeps what a plugin brings for the whole application from a request that began before', async () => {
    const calls: string[] = [];
    const plugin = definePlugin({
      name: 'late',
      author,
      version,
      state: 'disabled',
      register: () => ({
        providers: [
          { provide: APP_GUARD, useValue: { canActivate: () => calls.push('guard') > 0 } },
          { provide: APP_PIPE, useValue: { transform: (value: unknown) => (calls.push('pipe'), value) } },
        ],
      }),
    });
    const { url, registry } = await bootApp(
      { directories: [], plugins: [plugin] },
      { platform, controllers: [HostController, Uploads] },
    );
    const ask = () => request(`${url}/upload`, { method: 'POST', headers: { 'content-type': 'application/json' } });
    const upload = ask();
    upload.write('{"a"');
    await fetch(`${url}/host`); // one round trip later the server has read it
    expect(await registry.enable('late')).toMatchObject({ applied: 'live' });
    upload.end(':1}');
    const [message] = (await once(upload, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
    expect(message.statusCode).toBe(201);
    expect(calls).toEqual([]);
    const next = ask();
    next.end('{"a":1}');
    await once(next, 'response');
    expect(calls).toEqual(['guard', 'pipe']);
  });

  it('leaves guards of the whole application for the next start where the application has loaded routes of its own later', async () => {
    const plugin = definePlugin({
      name: 'late',
      author,
      version,
      state: 'disabled',
      register: () => ({ providers: [{ provide: APP_GUARD, useValue: { canActivate: () => false } }] }),
    });
    const { app, registry, get } = await bootApp(
      { directories: [], plugins: [plugin] },
      { platform, controllers: [HostController] },
    );
    const loader = app.get(LazyModuleLoader);
    await loader.load(() => ({ module: class LaterModule {}, controllers: [Uploads] }));
    const modules = app.get(ModulesContainer).size;
    const change = await registry.enable('late');
    expect(change).toMatchObject({ applied: 'on-reload' });
    expect(change.reason).toContain('cannot reach routes that are there already');
    expect(app.get(ApplicationConfig).getGlobalGuards()).toEqual([]);
    expect(app.get(ModulesContainer).size).toBe(modules);
    expect((await get('/host')).status).toBe(200);
  });

  it('leaves nothing of guards for the whole application when their plugin fails afterwards', async () => {
    const plugin = definePlugin({
      name: 'late',
      author,
      version,
      state: 'disabled',
      register: () => ({ providers: [{ provide: APP_GUARD, useValue: { canActivate: () => false } }, Failing] }),
    });
    const { app, registry, get } = await bootApp(
      { directories: [], plugins: [plugin] },
      { platform, controllers: [HostController] },
    );
    await expect(registry.enable('late')).rejects.toMatchObject({ code: 'MODULE_FAILED' });
    expect(app.get(ApplicationConfig).getGlobalGuards()).toEqual([]);
    expect((await get('/host')).status).toBe(200);
  });

  it.each([
    [
      'a guard of the whole application that is made for each request',
      () => ({
        providers: [{ provide: APP_GUARD, scope: Scope.REQUEST, useFactory: () => ({ canActivate: () => true }) }],
      }),
      'what it provides under APP_GUARD is made for each request',
    ],
    ['a gateway', () => ({ providers: [Gateway] }), 'Gateway is a websocket gateway'],
    ['a message pattern', () => ({ controllers: [Patterns] }), 'Patterns is a message pattern'],
    ['one in an imported module', () => ({ imports: [WithGateway] }), 'Gateway is a websocket gateway'],
  ])('leaves %s for the next start, and says why', async (_what, register, why) => {
    const plugin = definePlugin({ name: 'late', author, version, state: 'disabled', register });
    const { app, registry } = await bootApp({ directories: [], plugins: [plugin] }, { platform });
    const modules = app.get(ModulesContainer).size;
    const change = await registry.enable('late');
    expect(change).toMatchObject({ applied: 'on-reload', state: 'enabled' });
    expect(change.reason).toContain(why);
    expect(app.get(ModulesContainer).size).toBe(modules);
    expect(registry.get('late').state).toBe('disabled');
  });

  it.each([
    ['a provider that throws', () => ({ providers: [{ provide: 'x', useFactory: boom }] })],
    ['an unknown dependency', () => ({ providers: [{ provide: 'x', inject: ['nowhere'], useFactory: () => 1 }] })],
    ['onModuleInit', () => ({ providers: [Failing], routes: { path: '/late', handler: () => 'late' } })],
    ['a route that is taken', () => ({ routes: { path: '/host', handler: () => 'mine' } })],
    ['register()', () => boom()],
    ['a wrong key', () => ({ rutes: [] }) as never],
  ])('rolls back whole when it fails by %s', async (_what, register) => {
    const directory = newDirectory();
    const folder = writePlugin(directory, 'bystander', { 'index.mjs': entry({ name: 'bystander' }), DISABLED: '' });
    const plugin = definePlugin({
      name: 'late',
      author,
      version,
      state: 'disabled',
      dependsOn: { bystander: '*' },
      register,
    });
    const { app, registry, get } = await bootApp({ directories: [directory], plugins: [plugin] }, { platform });
    const before = {
      modules: [...app.get(ModulesContainer).keys()],
      host: await get('/host'),
      late: await get('/late'),
    };
    await expect(registry.enable('late', { cascade: true })).rejects.toThrow('Plugin "late"');
    expect([...app.get(ModulesContainer).keys()]).toEqual(before.modules);
    expect((await get('/host')).body).toBe(before.host.body);
    expect((await get('/late')).body).toBe(before.late.body);
    expect(registry.get('late').state).toBe('disabled');
    expect(registry.get('bystander').state).toBe('disabled');
    expect(existsSync(path.join(folder, 'DISABLED'))).toBe(true);
    expect(registry.has('late')).toBe(true);
  });

  it.each([
    ['CommonJS', true],
    ['ES modules', false],
  ])('replaces a plugin by the code that is on disk now: %s', async (_what, commonJs) => {
    const directory = newDirectory();
    const folder = writePlugin(directory, 'shop', codeOf('one', commonJs));
    const { registry, get } = await bootApp({ directories: [directory] }, { platform });
    expect((await get('/shop')).body).toBe('one');
    for (const text of ['two', 'three']) {
      writePlugin(directory, 'shop', codeOf(text, commonJs));
      expect(await registry.upgrade('shop')).toMatchObject({ applied: 'live', state: 'enabled' });
      expect((await get('/shop')).body).toBe(text);
    }
    writeFileSync(path.join(folder, commonJs ? 'index.cjs' : 'index.mjs'), 'throw new Error("half written")');
    await expect(registry.upgrade('shop')).rejects.toMatchObject({ code: 'IMPORT_FAILED' });
    expect((await get('/shop')).body).toBe('three');
    expect(registry.get('shop').state).toBe('enabled');
    await registry.disable('shop');
    writePlugin(directory, 'shop', codeOf('four', commonJs));
    expect(await registry.upgrade('shop')).toMatchObject({ state: 'disabled', applied: 'live' });
    await registry.enable('shop');
    expect((await get('/shop')).body).toBe('four');
  });

  it('tries a plugin again that failed at the start, with the code that is there now', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'shop', { 'index.mjs': 'throw new Error("not yet")' });
    const { registry, get } = await bootApp({ directories: [directory] }, { platform });
    expect(registry.get('shop').state).toBe('failed');
    writePlugin(directory, 'shop', codeOf('mended', false));
    expect(await registry.enable('shop')).toMatchObject({ applied: 'live' });
    expect((await get('/shop')).body).toBe('mended');
  });

  it('answers on-reload when former ES modules would take more memory than allowed', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'shop', codeOf('one', false));
    const { registry, get } = await bootApp({ directories: [directory], codeBudget: 100 }, { platform });
    writePlugin(directory, 'shop', codeOf('two', false));
    const change = await registry.upgrade('shop');
    expect(change).toMatchObject({ applied: 'on-reload' });
    expect(change.reason).toContain('codeBudget');
    expect((await get('/shop')).body).toBe('one');
  });

  it('destroys a generation only when no request is open that began under it', async () => {
    const alive: boolean[] = [];
    let release = nothing;
    let destroyed = 0;
    @Controller('slow')
    class Slow implements OnModuleDestroy {
      #isAlive = true;
      onModuleDestroy() {
        this.#isAlive = false;
        destroyed += 1;
      }
      @Get()
      async wait() {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        alive.push(this.#isAlive);
        return 'done';
      }
    }
    const plugin = definePlugin({
      name: 'slow',
      author,
      version,
      state: 'disabled',
      register: () => ({ controllers: [Slow] }),
    });
    const { registry, url, get } = await bootApp({ directories: [], plugins: [plugin] }, { platform });
    await registry.enable('slow');
    const asked = request(`${url}/slow`).end();
    const answered = once(asked, 'response');
    await vi.waitFor(() => expect(release).not.toBe(nothing));
    let isDone = false;
    const unloading = registry.unload('slow').then(() => (isDone = true));
    await vi.waitFor(() => expect(registry.get('slow').state).toBe('disabled'));
    expect((await get('/slow')).status).toBe(404);
    expect(destroyed).toBe(0);
    expect(isDone).toBe(false);
    // Another change need not wait for the requests of this one.
    await registry.enable('slow');
    release();
    const [response] = (await answered) as [NodeJS.ReadableStream & { statusCode: number }];
    response.resume();
    expect(response.statusCode).toBe(200);
    await unloading;
    expect(alive).toEqual([true]);
    expect(destroyed).toBe(1);
  });

  it('lets a module that two late plugins import live as long as one of them', async () => {
    let destroyed = 0;
    @Controller('shared')
    class SharedController implements OnModuleDestroy {
      onModuleDestroy() {
        destroyed += 1;
      }
      @Get()
      get() {
        return 'shared';
      }
    }
    @Module({ controllers: [SharedController] })
    class SharedModule {}
    const plugins = ['one', 'two'].map((name) =>
      definePlugin({ name, author, version, state: 'disabled', register: () => ({ imports: [SharedModule] }) }),
    );
    const { registry, get } = await bootApp({ directories: [], plugins }, { platform });
    await registry.enable('one');
    await registry.enable('two');
    await registry.unload('one');
    expect((await get('/shared')).body).toBe('shared');
    expect(destroyed).toBe(0);
    await registry.unload('two');
    expect((await get('/shared')).status).toBe(404);
    expect(destroyed).toBe(1);
  });

  it('replaces dependents along with what they are built upon, and only then', async () => {
    let made = 0;
    @Injectable()
    class Counter {
      readonly number = (made += 1);
    }
    const base = definePlugin({
      name: 'base',
      author,
      version,
      register: () => ({ providers: [Counter], exports: [Counter] }),
    });
    const top = definePlugin({
      name: 'top',
      author,
      version,
      dependsOn: { base: '*' },
      register: () => ({
        providers: [{ provide: 'n', inject: [Counter], useFactory: (c: Counter) => c.number }],
        controllers: [numbers()],
      }),
    });
    const { registry, get } = await bootApp({ directories: [], plugins: [base, top] }, { platform });
    expect((await get('/number')).body).toBe('1');
    await expect(registry.upgrade('base')).rejects.toMatchObject({ code: 'HAS_DEPENDENTS' });
    expect(await registry.upgrade('base', { cascade: true })).toMatchObject({ applied: 'live', affected: ['top'] });
    expect((await get('/number')).body).toBe('2');
    await registry.disable('base', { cascade: true });
    await registry.unload('base');
    await registry.enable('top', { cascade: true });
    expect((await get('/number')).body).toBe('3');
  });
});

describe.each(PLATFORMS)(
  'where modules cannot be taken out of the container, as with NestJS 12.0, on %s',
  (platform) => {
    beforeEach(() => {
      const { prototype } = DependenciesScanner;
      const removal = Object.getOwnPropertyDescriptor(prototype, 'removeModules');
      Reflect.deleteProperty(prototype, 'removeModules');
      onTestFinished(() => {
        if (removal) Object.defineProperty(prototype, 'removeModules', removal);
      });
    });
    const waits = { applied: 'on-reload', reason: expect.stringContaining('there is no removeModules()') as string };

    it('switches what was there at the start; loading, replacing and unloading wait for the next one, and say why', async () => {
      const directory = newDirectory();
      writePlugin(directory, 'shop', codeOf('one', false));
      writePlugin(directory, 'late', {
        'index.mjs': entry({ name: 'late' }, `{ routes: { path: '/late', handler: () => 'late' } }`),
        DISABLED: '',
      });
      const { registry, get, log } = await bootApp({ directories: [directory], watch: false }, { platform });
      expect(await registry.disable('shop')).toMatchObject({ applied: 'live' });
      expect((await get('/shop')).status).toBe(404);
      expect(await registry.enable('shop')).toMatchObject({ applied: 'live' });

      expect(registry.preview('enable', 'late')).toMatchObject(waits);
      expect(await registry.enable('late')).toMatchObject({ ...waits, state: 'enabled' });
      expect((await get('/late')).status).toBe(404);
      writePlugin(directory, 'shop', codeOf('two', false));
      expect(await registry.upgrade('shop')).toMatchObject({ ...waits, state: 'enabled' });
      expect((await get('/shop')).body).toBe('one');
      expect(await registry.unload('shop')).toMatchObject({ ...waits, state: 'disabled' });
      expect((await get('/shop')).status).toBe(404); // it is off all the same
      expect(await registry.upgrade('shop')).toMatchObject({ ...waits, state: 'disabled' });
      expect(await registry.enable('shop')).toMatchObject({ applied: 'live' });
      expect((await get('/shop')).body).toBe('one');
      expect(log.filter((line) => line.includes('there is no removeModules()'))).toHaveLength(1);

      const next = await bootApp({ directories: [directory], watch: false }, { platform });
      expect((await next.get('/late')).body).toBe('late');
    });

    it('leaves a folder that is dropped into a plugin directory for the next start', async () => {
      const directory = newDirectory();
      const { registry, get, log } = await bootApp({ directories: [directory], watch: true }, { platform });
      writePlugin(directory, 'shop', codeOf('one', false));
      const told = 'shop is enabled by its folder, from the next start on';
      await vi.waitFor(() => expect(log.join('\n')).toContain(told), { timeout: 5000, interval: 20 });
      expect(registry.get('shop').state).toBe('disabled');
      expect((await get('/shop')).status).toBe(404);
    });

    it('leaves a plugin that failed at the start as it is', async () => {
      const directory = newDirectory();
      writePlugin(directory, 'shop', { 'index.mjs': 'throw new Error("not yet")' });
      const { registry, get } = await bootApp({ directories: [directory], watch: false }, { platform });
      writePlugin(directory, 'shop', codeOf('mended', false));
      expect(await registry.enable('shop')).toMatchObject({ applied: 'unchanged' });
      expect(registry.get('shop').state).toBe('failed');
      expect((await get('/shop')).status).toBe(404);
    });
  },
);

function nothing(): void {
  return undefined;
}

function numbers() {
  @Controller('number')
  class Numbers {
    constructor(readonly number: number) {}
    @Get()
    get() {
      return String(this.number);
    }
  }
  Reflect.defineMetadata('self:paramtypes', [{ index: 0, param: 'n' }], Numbers);
  Reflect.defineMetadata('design:paramtypes', [Number], Numbers);
  return Numbers;
}

function boom(): never {
  throw new Error('boom');
}

@Injectable()
class Failing implements OnModuleInit {
  onModuleInit() {
    boom();
  }
}

@Controller()
class Uploads {
  @Post('upload')
  upload(@Body() body: unknown) {
    return { body };
  }
}

@Module({})
class WithThrowingMiddleware implements NestModule {
  configure(consumer: MiddlewareConsumer) {
    consumer.apply(throwing).forRoutes('throwing');
  }
}

function throwing(): never {
  throw new Error('thrown');
}

@WebSocketGateway()
class Gateway {}

@Module({ providers: [Gateway] })
class WithGateway {}

@Controller()
class Patterns {
  @MessagePattern('sum')
  sum() {
    return 1;
  }
}
