import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Scope,
  type CanActivate,
  type MiddlewareConsumer,
  type NestMiddleware,
  type NestModule,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, NestFactory, REQUEST } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { Interval, ScheduleModule } from '@nestjs/schedule';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import {
  definePlugin,
  PluginKitModule,
  PluginRegistry,
  type Contributions,
  type FailedPlugin,
  type PluginDefinition,
} from 'nestjs-pluginkit';
import { map, type Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

import { bootApp, failures, HostController, PLATFORMS } from './support/boot-app.js';

function plugin(name: string, contributions: Contributions, more: Partial<PluginDefinition> = {}): PluginDefinition {
  return definePlugin({ name, author: 'Ada', version: '1.0.0', ...more, register: () => contributions });
}

/** A provider that writes down when which hook ran. */
function recorder(who: string, log: string[]): Type {
  @Injectable()
  class Recorder implements OnModuleInit {
    onModuleInit(): void {
      log.push(`${who} init`);
    }
    onApplicationBootstrap(): void {
      log.push(`${who} bootstrap`);
    }
    onModuleDestroy(): void {
      log.push(`${who} destroy`);
    }
    beforeApplicationShutdown(signal?: string): void {
      log.push(`${who} before-shutdown ${String(signal)}`);
    }
    onApplicationShutdown(signal?: string): void {
      log.push(`${who} end ${String(signal)}`);
    }
  }
  return Recorder;
}

describe.each(PLATFORMS)('on %s', (platform) => {
  it('lifecycle hooks run behind those of shared modules and dependencies, before those of the root module, and in reverse at the end', async () => {
    const log: string[] = [];
    @Module({ providers: [recorder('shared', log)] })
    class SharedModule {}
    @Module({ providers: [recorder('inner', log)] })
    class InnerModule {}

    const { app } = await bootApp(
      {
        directories: [],
        share: [SharedModule],
        plugins: [
          plugin('a', { imports: [InnerModule], providers: [recorder('a', log)] }, { dependsOn: { b: '*' } }),
          plugin('b', { providers: [recorder('b', log)] }),
        ],
      },
      { platform, imports: [SharedModule], providers: [recorder('root', log)] },
    );
    expect(log).toEqual([
      'shared init',
      'b init',
      'inner init',
      'a init',
      'root init',
      'shared bootstrap',
      'b bootstrap',
      'inner bootstrap',
      'a bootstrap',
      'root bootstrap',
    ]);

    log.length = 0;
    await app.close();
    for (const hook of ['destroy', 'before-shutdown undefined', 'end undefined'])
      expect(log.filter((line) => line.endsWith(hook))).toEqual(
        ['root', 'a', 'inner', 'b', 'shared'].map((who) => `${who} ${hook}`),
      );
  });

  it('middleware applies, behind that of the application, also for routes of the application', async () => {
    const log: string[] = [];
    const middleware = (who: string): Type<NestMiddleware> => {
      @Injectable()
      class Middleware implements NestMiddleware {
        use(_request: unknown, _response: unknown, next: () => void): void {
          log.push(who);
          next();
        }
      }
      return Middleware;
    };
    const withMiddleware = (who: string): Type => {
      @Module({})
      class MiddlewareModule implements NestModule {
        configure(consumer: MiddlewareConsumer): void {
          consumer
            .apply(middleware(who), (_request: unknown, _response: unknown, next: () => void) => {
              log.push(`${who} function`);
              next();
            })
            .forRoutes('{*path}');
        }
      }
      return MiddlewareModule;
    };
    const { get } = await bootApp(
      {
        directories: [],
        plugins: [plugin('b', { module: withMiddleware('b') }), plugin('a', { imports: [withMiddleware('a')] })],
      },
      { platform, imports: [withMiddleware('application')] },
    );

    await get('/host');

    expect(log).toEqual(['application', 'application function', 'a', 'a function', 'b', 'b function']);
  });

  it('guards, interceptors, pipes and filters under APP_* hold for the whole application, and not when their plugin fails', async () => {
    class Refused extends Error {}
    const guard: CanActivate = {
      canActivate(context) {
        if (context.switchToHttp().getRequest<{ url: string }>().url.includes('9')) throw new Refused();
        return true;
      },
    };
    const interceptor = {
      intercept: (_context: unknown, next: { handle(): Observable<unknown> }) =>
        next.handle().pipe(map((value) => `[${String(value)}]`)),
    };
    const pipe = { transform: (value: unknown) => (typeof value === 'string' ? `${value}!` : value) };
    const filter = {
      catch: (
        _thrown: unknown,
        host: { switchToHttp(): { getResponse(): { status(code: number): { send(body: string): void } } } },
      ) => host.switchToHttp().getResponse().status(418).send('caught'),
    };
    const enhancers: Contributions = {
      providers: [
        { provide: APP_GUARD, useValue: guard },
        { provide: APP_INTERCEPTOR, useValue: interceptor },
        { provide: APP_PIPE, useValue: pipe },
        { provide: APP_FILTER, useValue: filter },
      ],
    };
    const fails = { provide: 'FAILS', useValue: { onModuleInit: () => Promise.reject(new Error('no')) } };

    const good = await bootApp({ directories: [], plugins: [plugin('good', enhancers)] }, { platform });
    expect((await good.get('/host/1')).body).toBe('[host 1!]');
    expect(await good.get('/host/9')).toMatchObject({ status: 418, body: 'caught' });

    const failed = await bootApp(
      { directories: [], plugins: [plugin('bad', { providers: [...(enhancers.providers ?? []), fails] })] },
      { platform },
    );
    expect(failures(failed.registry)).toEqual({ bad: 'MODULE_FAILED' });
    expect((await failed.get('/host/9')).body).toBe('host 9');
  });

  it('a guard of the whole application that is made for each request is made, and asked', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequestGuard implements CanActivate {
      constructor(@Inject(REQUEST) private readonly request: { url: string }) {}
      canActivate(): boolean {
        return !this.request.url.includes('9');
      }
    }
    const byFactory = {
      provide: APP_GUARD,
      scope: Scope.REQUEST,
      inject: [REQUEST],
      useFactory: (request: { url: string }): CanActivate => ({ canActivate: () => !request.url.includes('8') }),
    };
    const { get } = await bootApp(
      {
        directories: [],
        plugins: [plugin('strict', { providers: [{ provide: APP_GUARD, useClass: PerRequestGuard }, byFactory] })],
      },
      { platform },
    );

    expect((await get('/host/1')).body).toBe('host 1');
    expect((await get('/host/9')).status).toBe(403);
    expect((await get('/host/8')).status).toBe(403);
  });

  it('a guard of the whole application that injects what is made for each request, without being so itself, fails its plugin', async () => {
    @Injectable()
    class Confused implements CanActivate {
      constructor(@Inject(REQUEST) private readonly request: object) {}
      canActivate(): boolean {
        return Object.keys(this.request).length === 0;
      }
    }
    const { get, registry } = await bootApp(
      { directories: [], plugins: [plugin('confused', { providers: [{ provide: APP_GUARD, useClass: Confused }] })] },
      { platform },
    );

    expect(failures(registry)).toEqual({ confused: 'MODULE_FAILED' });
    expect((registry.get('confused') as FailedPlugin).error.message).toContain('Scope.REQUEST');
    expect((await get('/host')).body).toBe('host');
  });

  it('middleware of a plugin that fails steps aside, and a configure() that throws fails its plugin alone', async () => {
    const log: string[] = [];
    @Module({ providers: [{ provide: 'FAILS', useValue: { onModuleInit: () => Promise.reject(new Error('no')) } }] })
    class Fails {
      configure(consumer: MiddlewareConsumer): void {
        consumer
          .apply((_request: unknown, _response: unknown, next: () => void) => {
            log.push('never');
            next();
          })
          .forRoutes('{*path}');
      }
    }
    @Module({})
    class Throws {
      configure(): never {
        throw new Error('configure says no');
      }
    }
    const { get, registry } = await bootApp(
      { directories: [], plugins: [plugin('fails', { module: Fails }), plugin('throws', { module: Throws })] },
      { platform },
    );

    expect((await get('/host')).body).toBe('host');
    expect(log).toEqual([]);
    expect((registry.get('throws') as FailedPlugin).error.message).toContain('configure says no');
  });

  it('intervals, event listeners and Swagger see it', async () => {
    const seen = { ticks: 0, events: [] as unknown[] };
    @Injectable()
    class Jobs {
      @Interval(5)
      tick(): void {
        seen.ticks++;
      }
      @OnEvent('order.placed')
      placed(order: unknown): void {
        seen.events.push(order);
      }
    }
    @Controller('orders')
    class OrdersController {
      @Get(':id')
      show(): string {
        return 'order';
      }
    }
    let paths: string[] = [];
    const { app } = await bootApp(
      {
        directories: [],
        plugins: [
          plugin('orders', {
            providers: [Jobs],
            controllers: [OrdersController],
            prefix: '/shop',
            routes: { path: '/plain', handler: () => '' },
          }),
        ],
      },
      {
        platform,
        imports: [ScheduleModule.forRoot(), EventEmitterModule.forRoot()],
        prepare: (created) => {
          paths = Object.keys(SwaggerModule.createDocument(created, new DocumentBuilder().build()).paths);
        },
      },
    );

    app.get(EventEmitter2).emit('order.placed', 7);
    expect(seen.events).toEqual([7]);
    await vi.waitFor(() => expect(seen.ticks).toBeGreaterThan(1));
    expect(paths).toEqual(expect.arrayContaining(['/host', '/shop/orders/{id}', '/shop/plain']));
  });
});

it('hooks of plugins run side by side, each for as long as the time limit', async () => {
  const never = { provide: 'NEVER', useValue: { onModuleInit: () => new Promise(() => undefined) } };
  const plugins = Array.from({ length: 6 }, (_, number) => plugin(`never-${number}`, { providers: [never] }));
  const follower = plugin('follower', {}, { dependsOn: { 'never-0': '*' } });

  const { registry } = await bootApp({ directories: [], plugins: [...plugins, follower], timeout: 200 });

  expect(new Set(Object.values(failures(registry)))).toEqual(new Set(['MODULE_TIMEOUT', 'DEPENDENCY_FAILED']));
  expect(registry.report().milliseconds.start).toBeLessThan(200 * 4);
});

it('a hook that a plugin hands on for a service of the application stays the application’s', async () => {
  let calls = 0;
  @Injectable()
  class Service {
    onModuleInit(): void {
      calls++;
    }
  }
  @Module({ providers: [Service], exports: [Service] })
  class ServiceModule {}
  const alias = plugin('alias', {
    providers: [{ provide: 'SAME', inject: [Service], useFactory: (service: Service) => service }],
  });

  const { app } = await bootApp(
    { directories: [], plugins: [alias], share: [ServiceModule] },
    { imports: [ServiceModule] },
  );

  expect(calls).toBeGreaterThan(0);
  expect(app.get(Service).onModuleInit).toBeTypeOf('function');
});

it('a value with hooks is started in each application that it is provided in', async () => {
  let calls = 0;
  const value = { onModuleInit: () => calls++ };
  for (let application = 1; application <= 2; application++) {
    const { app } = await bootApp({
      directories: [],
      plugins: [plugin('shared', { providers: [{ provide: 'VALUE', useValue: value }] })],
    });
    await app.close();
    expect(calls).toBe(application);
  }
});

it('a hook of stopping that throws or never settles stops nobody else', async () => {
  const log: string[] = [];
  const { app, log: lines } = await bootApp({
    directories: [],
    timeout: 200,
    plugins: [
      plugin('throws', {
        providers: [
          {
            provide: 'X',
            useValue: {
              onModuleDestroy: () => {
                throw new Error('not now');
              },
            },
          },
        ],
      }),
      plugin('hangs', {
        providers: [{ provide: 'X', useValue: { onModuleDestroy: () => new Promise(() => undefined) } }],
      }),
      plugin('good', { providers: [recorder('good', log)] }),
    ],
  });
  log.length = 0;

  await app.close();

  expect(log).toContain('good destroy');
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/error throws: onModuleDestroy failed: not now/),
      expect.stringMatching(/error hangs: onModuleDestroy failed: .*200 ms/),
    ]),
  );
});

it('works in an application without HTTP, and in a testing module', async () => {
  const log: string[] = [];
  const kit = () =>
    PluginKitModule.forRoot({
      directories: [],
      plugins: [
        plugin('jobs', { providers: [recorder('jobs', log)], routes: { path: '/jobs', handler: () => 'jobs' } }),
      ],
    });

  @Module({ imports: [kit()] })
  class Worker {}
  const context = await NestFactory.createApplicationContext(Worker, { logger: false });
  expect(context.get(PluginRegistry).enabled()).toHaveLength(1);
  await context.close();
  expect(log).toEqual([
    'jobs init',
    'jobs bootstrap',
    'jobs destroy',
    'jobs before-shutdown undefined',
    'jobs end undefined',
  ]);

  const testing = await Test.createTestingModule({ imports: [kit()], controllers: [HostController] }).compile();
  const app = testing.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  expect(await (await fetch(`${await app.getUrl()}/jobs`)).text()).toBe('jobs');
  await app.close();
});
