import { symlinkSync } from 'node:fs';
import path from 'node:path';

import {
  Catch,
  Controller,
  forwardRef,
  Get,
  Global,
  HttpException,
  Inject,
  Injectable,
  Module,
  RequestMapping,
  Scope,
  type ArgumentsHost,
  type CanActivate,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  type MiddlewareConsumer,
  type NestInterceptor,
  type PipeTransform,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import {
  definePlugin,
  PluginKitModule,
  type Contributions,
  type FailedPlugin,
  type PluginDefinition,
} from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, failures, HostController, PLATFORMS, type AppSpec, type RunningApp } from './support/boot-app.js';
import { entry, newDirectory, writePlugin } from './support/plugin-folders.js';

const TIMEOUT = 300;

type Next = () => void;
/** What a response of either platform can do. */
interface Response {
  status(code: number): { send(body: string): void };
}
type Platform = (typeof PLATFORMS)[number];

function plugin(name: string, contributions: Contributions, more: Partial<PluginDefinition> = {}): PluginDefinition {
  return definePlugin({ name, author: 'Ada', version: '1.0.0', ...more, register: () => contributions });
}

/** Starts an application with a good plugin beside these, and sees that neither it nor the application takes harm. */
async function bootBeside(others: readonly PluginDefinition[], spec: AppSpec): Promise<RunningApp> {
  const good = plugin('good', { routes: { path: '/good', handler: () => 'good' } });
  const running = await bootApp({ directories: [], timeout: TIMEOUT, plugins: [...others, good] }, spec);
  const { get, registry } = running;
  expect(await get('/host')).toMatchObject({ status: 200, body: 'host' });
  expect(await get('/host/7')).toMatchObject({ status: 200, body: 'host 7' });
  expect(await get('/good')).toMatchObject({ status: 200, body: 'good' });
  expect((await get('/nothing-here')).status).toBe(404);
  expect(registry.get('good').state).toBe('enabled');
  return running;
}

/** The same with one plugin `bad`. */
async function bootWith(contributions: Contributions, platform: Platform, spec: AppSpec = {}): Promise<RunningApp> {
  return bootBeside([plugin('bad', contributions)], { platform, ...spec });
}

/** The same, and the plugin fails with this code and this message. */
async function expectFailure(
  contributions: Contributions,
  platform: Platform,
  code: string,
  message = /./,
): Promise<RunningApp> {
  const running = await bootWith(contributions, platform);
  expect(failures(running.registry)).toEqual({ bad: code });
  expect((running.registry.get('bad') as FailedPlugin).error.message).toMatch(message);
  return running;
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

const NEVER: Provider = { provide: 'NEVER', useFactory: never };
/** What fails its plugin only when everything is loaded. */
const FAILS: Provider = {
  provide: 'FAILS',
  useFactory: () => ({ onModuleInit: () => Promise.reject(new Error('no')) }),
};

/** An object with a hook that does this. */
class HasInit {
  readonly #run: () => unknown;
  constructor(run: () => unknown) {
    this.#run = run;
  }
  onModuleInit(): unknown {
    return this.#run();
  }
}

class HasNothing {}

/** A controller with the one route `GET /:path`. */
function controllerAt(at: string): Type {
  @Controller(at)
  class PluginController {
    @Get()
    list(): string {
      return `at ${at}`;
    }
  }
  return PluginController;
}

/** A module whose `configure()` applies this middleware to all routes. */
function moduleApplying(...middleware: unknown[]): Type {
  @Module({})
  class Applies {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(...(middleware as Type[])).forRoutes('{*path}');
    }
  }
  return Applies;
}

describe.each(PLATFORMS)('on %s, a plugin that is late', (platform) => {
  it('leaves no nested module behind: neither its guards, routes and hooks nor its middleware', async () => {
    @Module({
      controllers: [controllerAt('nested')],
      providers: [{ provide: APP_GUARD, useValue: { canActivate: () => false } }],
    })
    class Inner {
      onModuleInit(): never {
        throw new Error('nobody waits for this');
      }
      configure(): never {
        throw new Error('nobody asks for this');
      }
    }
    @Module({ imports: [Inner], providers: [NEVER] })
    class Outer {}

    const { get } = await expectFailure({ module: Outer }, platform, 'MODULE_TIMEOUT');

    expect((await get('/nested')).status).toBe(404);
  });

  it('may be so for a guard or a controller of a nested module that is never made', async () => {
    @Module({ providers: [{ provide: APP_GUARD, useFactory: never }] })
    class Guarded {}
    @Controller('nested')
    class Waits {
      constructor(@Inject('NEVER') readonly nothing: unknown) {}
      @Get()
      list(): string {
        return 'never';
      }
    }
    @Module({ controllers: [Waits], providers: [NEVER] })
    class Controlled {}

    const { get, registry } = await bootBeside(
      [plugin('guarded', { imports: [Guarded] }), plugin('controlled', { imports: [Controlled] })],
      { platform },
    );

    expect(failures(registry)).toEqual({ guarded: 'MODULE_TIMEOUT', controlled: 'MODULE_TIMEOUT' });
    expect((await get('/nested')).status).toBe(404);
  });

  it('blocks the routes of its nested modules for nobody', async () => {
    @Module({ controllers: [controllerAt('wanted')] })
    class Inner {}
    const late = plugin('late', { imports: [Inner], providers: [NEVER] });
    const other = plugin('other', { routes: { path: '/wanted', handler: () => 'other' } });

    const { get, registry } = await bootBeside([late, other], { platform });

    expect(failures(registry)).toEqual({ late: 'MODULE_TIMEOUT' });
    expect(await get('/wanted')).toMatchObject({ status: 200, body: 'other' });
  });
});

describe.each(PLATFORMS)('on %s, a @Global() module', (platform) => {
  function failingGlobal(): Type {
    @Global()
    @Module({ providers: [{ provide: 'GLOBAL', useValue: 'global' }], exports: ['GLOBAL'] })
    class FailingGlobal {
      onModuleInit(): never {
        throw new Error('the global module says no');
      }
    }
    return FailingGlobal;
  }

  it.each<[string, (module: Type) => Contributions, string]>([
    ['that is the module of its plugin', (module) => ({ module }), 'MODULE_FAILED'],
    ['that its plugin imports', (module) => ({ imports: [module] }), 'MODULE_FAILED'],
    ['of a plugin that is late', (module) => ({ imports: [module], providers: [NEVER] }), 'MODULE_TIMEOUT'],
  ])('%s takes no other plugin along when it fails', async (_where, contributions, code) => {
    await expectFailure(contributions(failingGlobal()), platform, code);
  });
});

describe.each(PLATFORMS)('on %s, enhancers for the whole application', (platform) => {
  const canActivate = (context: ExecutionContext): boolean =>
    !context.switchToHttp().getRequest<{ url: string }>().url.endsWith('9');
  function guardOf(scope: Scope): Type<CanActivate> {
    @Injectable({ scope })
    class Guard implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        return canActivate(context);
      }
    }
    return Guard;
  }

  const guards: [string, () => Provider][] = [
    ['a class', () => ({ provide: APP_GUARD, useClass: guardOf(Scope.DEFAULT) })],
    ['made for each request', () => ({ provide: APP_GUARD, useClass: guardOf(Scope.REQUEST) })],
    ['transient', () => ({ provide: APP_GUARD, useClass: guardOf(Scope.TRANSIENT) })],
    [
      'a function with the method on it',
      () => ({ provide: APP_GUARD, useValue: Object.assign(() => undefined, { canActivate }) }),
    ],
    ['frozen', () => ({ provide: APP_GUARD, useValue: Object.freeze({ canActivate }) })],
  ];

  it.each(guards)('a guard that is %s guards, and steps aside when its plugin fails', async (_kind, guard) => {
    const good = await bootWith({ providers: [guard()] }, platform);
    expect(failures(good.registry)).toEqual({});
    expect((await good.get('/host/9')).status).toBe(403);

    const failed = await expectFailure({ providers: [guard(), FAILS] }, platform, 'MODULE_FAILED');
    expect(await failed.get('/host/9')).toMatchObject({ status: 200, body: 'host 9' });
  });

  it.each([Scope.DEFAULT, Scope.REQUEST])(
    'interceptors and pipes of scope %s step aside when their plugin fails',
    async (scope) => {
      @Injectable({ scope })
      class Refuses implements NestInterceptor, PipeTransform {
        intercept(): never {
          throw new Error('the interceptor says no');
        }
        transform(): never {
          throw new Error('the pipe says no');
        }
      }
      await expectFailure(
        {
          providers: [{ provide: APP_INTERCEPTOR, useClass: Refuses }, { provide: APP_PIPE, useClass: Refuses }, FAILS],
        },
        platform,
        'MODULE_FAILED',
      );
    },
  );

  it('a filter catches what @Catch() names, and nothing any more when its plugin fails', async () => {
    @Catch(HttpException)
    class Catches implements ExceptionFilter {
      catch(_thrown: unknown, host: ArgumentsHost): void {
        host.switchToHttp().getResponse<Response>().status(418).send('caught');
      }
    }
    @Controller('throws')
    class Throws {
      @Get('http')
      http(): never {
        throw new HttpException('conflict', 409);
      }
      @Get('other')
      other(): never {
        throw new TypeError('a fault');
      }
    }
    const filter: Provider = { provide: APP_FILTER, useClass: Catches };
    const spec: AppSpec = { platform, controllers: [HostController, Throws], nest: { logger: false } };

    const good = await bootApp({ directories: [], plugins: [plugin('bad', { providers: [filter] })] }, spec);
    expect(await good.get('/throws/http')).toMatchObject({ status: 418, body: 'caught' });
    expect((await good.get('/throws/other')).status).toBe(500);

    const failed = await bootWith({ providers: [filter, FAILS] }, platform, spec);
    expect(failures(failed.registry)).toEqual({ bad: 'MODULE_FAILED' });
    expect((await failed.get('/throws/http')).status).toBe(409);
  });

  it('a frozen filter of a good plugin catches', async () => {
    const filter = Object.freeze({
      catch: (_thrown: unknown, host: ArgumentsHost) =>
        host.switchToHttp().getResponse<Response>().status(404).send('mine'),
    });

    const { get, registry } = await bootWith({ providers: [{ provide: APP_FILTER, useValue: filter }] }, platform);

    expect(failures(registry)).toEqual({});
    expect(await get('/nothing')).toMatchObject({ status: 404, body: 'mine' });
  });

  it.each([
    [APP_GUARD, 'canActivate'],
    [APP_INTERCEPTOR, 'intercept'],
    [APP_PIPE, 'transform'],
    [APP_FILTER, 'catch'],
  ])('what is no %s, as it has no %s(), fails its plugin', async (provide, method) => {
    const { registry } = await expectFailure(
      { providers: [{ provide, useValue: {} }] },
      platform,
      'MODULE_FAILED',
      new RegExp(`${provide} has no method ${method}`),
    );
    expect((registry.get('bad') as FailedPlugin).error.hint).toContain(`${method}()`);
  });

  it('a filter without a prototype fails its plugin', async () => {
    const filter: unknown = Object.assign(Object.create(null) as object, { catch: () => undefined });
    await expectFailure({ providers: [{ provide: APP_FILTER, useValue: filter }] }, platform, 'MODULE_FAILED');
  });
});

describe.each(PLATFORMS)('on %s, a lifecycle hook', (platform) => {
  const throwing = (): never => {
    throw new Error('the hook says no');
  };

  it.each<[string, () => unknown, RegExp]>([
    ['of a frozen object that throws', () => Object.freeze(new HasInit(throwing)), /onModuleInit.*HasInit.*frozen/],
    ['of a frozen object that never settles', () => Object.freeze(new HasInit(never)), /HasInit.*frozen/],
    ['of a sealed object', () => Object.seal(new HasInit(throwing)), /onModuleInit.*HasInit/],
    [
      'that cannot be redefined',
      () => Object.defineProperty(new HasNothing(), 'onModuleInit', { value: throwing }),
      /onModuleInit.*HasNothing/,
    ],
    [
      'that throws when it is looked at',
      () => Object.defineProperty(new HasNothing(), 'onModuleInit', { get: throwing }),
      /the hook says no/,
    ],
    [
      'of a function',
      () => Object.assign(() => undefined, { onModuleInit: throwing }),
      /onModuleInit threw: the hook says no/,
    ],
  ])('%s fails its plugin', async (_which, make, message) => {
    await expectFailure({ providers: [{ provide: 'HAS_HOOK', useFactory: make }] }, platform, 'MODULE_FAILED', message);
  });

  it('that is a static method of a class given as a value has the time limit of every other', async () => {
    class Static {
      static onModuleInit(): Promise<never> {
        return never();
      }
    }
    await expectFailure({ providers: [{ provide: 'S', useValue: Static }] }, platform, 'MODULE_TIMEOUT');
  });

  it.each([
    ['onModuleInit', 'throws', throwing, 'MODULE_FAILED', /onModuleInit of its middleware failed: the hook says no/],
    ['onModuleInit', 'never settles', never, 'MODULE_TIMEOUT', /onModuleInit of its middleware.* 300 ms/],
    ['onApplicationBootstrap', 'throws', throwing, 'MODULE_FAILED', /onApplicationBootstrap of its middleware/],
    ['onApplicationBootstrap', 'never settles', never, 'MODULE_TIMEOUT', /onApplicationBootstrap of its middleware/],
  ])('%s of a middleware class that %s fails its plugin', async (hook, _how, run, code, message) => {
    class Middleware {
      use(_request: unknown, _response: unknown, next: Next): void {
        next();
      }
    }
    Object.defineProperty(Middleware.prototype, hook, { value: run, configurable: true, writable: true });

    await expectFailure({ module: moduleApplying(Middleware) }, platform, code, message);
  });
});

describe.each(PLATFORMS)('on %s, middleware', (platform) => {
  it('whose dependency nobody gives fails its plugin', async () => {
    @Injectable()
    class Needs {
      constructor(@Inject('NOBODY_GIVES_THIS') readonly nothing: unknown) {}
      use(_request: unknown, _response: unknown, next: Next): void {
        next();
      }
    }
    await expectFailure({ module: moduleApplying(Needs) }, platform, 'MODULE_FAILED', /middleware Needs.*position 1/);
  });

  it('whose constructor throws fails its plugin', async () => {
    class Throws {
      constructor() {
        throw new Error('the constructor says no');
      }
      use(_request: unknown, _response: unknown, next: Next): void {
        next();
      }
    }
    await expectFailure({ module: moduleApplying(Throws) }, platform, 'MODULE_FAILED', /the constructor says no/);
  });

  it('that gets its dependencies and has use() as an arrow function works', async () => {
    @Injectable()
    class Arrow {
      constructor(@Inject('MARK') readonly mark: string) {}
      use = (_request: unknown, response: { setHeader(name: string, value: string): void }, next: Next): void => {
        response.setHeader('x-mark', this.mark);
        next();
      };
    }
    @Module({ providers: [{ provide: 'MARK', useValue: 'marked' }] })
    class Applies {
      configure(consumer: MiddlewareConsumer): void {
        consumer.apply(Arrow).forRoutes('{*path}');
      }
    }

    const { get, registry } = await bootWith({ module: Applies }, platform);

    expect(failures(registry)).toEqual({});
    expect((await get('/host')).headers.get('x-mark')).toBe('marked');
  });

  it.each<[string, unknown, RegExp]>([
    ['a class without use()', class NoUse {}, /NoUse.*no method use/],
    ['an object', {}, /a class or a function/],
    ['nothing', undefined, /a class or a function/],
  ])('that is %s fails its plugin', async (_what, middleware, message) => {
    await expectFailure({ module: moduleApplying(middleware) }, platform, 'MODULE_FAILED', message);
  });

  it.each(['bad(((', ':::x'])('for the path %s, which the platform refuses, fails its plugin', async (where) => {
    @Module({})
    class Applies {
      configure(consumer: MiddlewareConsumer): void {
        consumer.apply((_request: unknown, _response: unknown, next: Next) => next()).forRoutes(where);
      }
    }
    await expectFailure({ module: Applies }, platform, 'MODULE_FAILED');
  });
});

describe.each(PLATFORMS)('on %s, configure() of a module', (platform) => {
  it('that is no function fails its plugin', async () => {
    @Module({})
    class IsNumber {
      configure = 5;
    }
    await expectFailure({ module: IsNumber }, platform, 'MODULE_FAILED', /configure\(\).*no function/);
  });

  it('that throws when it is looked at fails its plugin', async () => {
    @Module({})
    class Getter {
      get configure(): never {
        throw new Error('the getter says no');
      }
    }
    await expectFailure({ module: Getter }, platform, 'MODULE_FAILED', /the getter says no/);
  });

  it('of a frozen module fails its plugin, even where that fails for something else before', async () => {
    const frozenModule = (controllers: Type[]): Type => {
      @Module({ controllers })
      class Frozen {
        constructor() {
          Object.freeze(this);
        }
        configure(): never {
          throw new Error('configure says no');
        }
      }
      return Frozen;
    };
    await expectFailure({ module: frozenModule([]) }, platform, 'MODULE_FAILED');
    await expectFailure({ module: frozenModule([controllerAt('host')]) }, platform, 'MODULE_FAILED');
  });

  it('that never settles has the time limit of every other', async () => {
    @Module({})
    class Waits {
      configure(): Promise<never> {
        return never();
      }
    }
    await expectFailure({ module: Waits }, platform, 'MODULE_TIMEOUT', /configure\(\).* 300 ms/);
  });
});

describe.each(PLATFORMS)('on %s, a controller', (platform) => {
  it('without @Controller() in the module of a plugin, or below it, fails the plugin', async () => {
    class Bare {
      list(): string {
        return '';
      }
    }
    @Module({ controllers: [Bare] })
    class Inner {}
    @Module({ imports: [Inner] })
    class Outer {}

    await expectFailure({ module: Inner }, platform, 'MODULE_FAILED', /Bare/);
    await expectFailure({ module: Outer }, platform, 'MODULE_FAILED', /Bare/);
  });

  it.each(['', 'good'])('at /%s with a method that is text fails its plugin and takes no request', async (at) => {
    @Controller(at)
    class TextMethod {
      @RequestMapping({ path: '', method: 'GET' as never })
      list(): string {
        return 'bad';
      }
    }

    const { get } = await expectFailure(
      { controllers: [TextMethod] },
      platform,
      'MODULE_FAILED',
      /TextMethod.list has no HTTP method/,
    );

    expect((await get('/')).status).toBe(404);
  });

  it('whose handler is bound in the constructor serves, and does not when its plugin fails', async () => {
    const bound = (): Type => {
      @Controller('bound')
      class Bound {
        constructor() {
          this.list = this.list.bind(this);
        }
        @Get()
        list(): string {
          return 'bound';
        }
      }
      return Bound;
    };

    const good = await bootWith({ controllers: [bound()] }, platform);
    expect(await good.get('/bound')).toMatchObject({ status: 200, body: 'bound' });

    const failed = await expectFailure({ controllers: [bound()], providers: [FAILS] }, platform, 'MODULE_FAILED');
    expect((await failed.get('/bound')).status).toBe(404);
  });

  it('that is frozen fails its plugin and is not served', async () => {
    @Controller('frozen')
    class Frozen {
      constructor() {
        Object.freeze(this);
      }
      @Get()
      list(): string {
        return 'frozen';
      }
    }

    const { get } = await expectFailure({ controllers: [Frozen] }, platform, 'MODULE_FAILED', /Frozen is frozen/);

    expect((await get('/frozen')).status).toBe(404);
  });

  it('of a plugin that its dependency dooms claims no routes', async () => {
    const conflicting = plugin('a1', { controllers: [controllerAt('host')] });
    const doomed = plugin('a2', { controllers: [controllerAt('wanted')] }, { dependsOn: { a1: '*' } });
    const other = plugin('b', { routes: { path: '/wanted', handler: () => 'b' } });

    const { get, registry } = await bootBeside([conflicting, doomed, other], { platform });

    expect(failures(registry)).toEqual({ a1: 'ROUTE_CONFLICT', a2: 'DEPENDENCY_FAILED' });
    expect(await get('/wanted')).toMatchObject({ status: 200, body: 'b' });
  });
});

describe.each(PLATFORMS)('on %s, imports', (platform) => {
  /** A module with the list of imports that a compiler would refuse. */
  function moduleImporting(imports: unknown): Type {
    @Module({})
    class Imports {}
    Reflect.defineMetadata('imports', imports, Imports);
    return Imports;
  }
  function dynamic(more: object): DynamicModule {
    return Object.defineProperties(
      { module: moduleImporting([]) },
      Object.getOwnPropertyDescriptors(more),
    ) as DynamicModule;
  }
  const throws = (): never => {
    throw new Error('the reference says no');
  };

  it.each<[string, () => Contributions, RegExp]>([
    ['a module with a text among its imports', () => ({ module: moduleImporting(['x']) }), /module/],
    ['a module with a number among its imports', () => ({ module: moduleImporting([5]) }), /module/],
    ['a module whose imports are no list', () => ({ module: moduleImporting(5) }), /no list/],
    ['a dynamic module without a module', () => ({ module: moduleImporting([{ module: undefined }]) }), /module/],
    ['a dynamic module with a number as imports', () => ({ module: dynamic({ imports: 5 }) }), /./],
    ['a dynamic module with a number as controllers', () => ({ module: dynamic({ controllers: 5 }) }), /./],
    ['an import that has a number as imports', () => ({ imports: [dynamic({ imports: 5 })] }), /no list/],
    [
      'a dynamic module whose imports throw when they are looked at',
      () => ({
        module: dynamic({
          get imports(): never {
            return throws();
          },
        }),
      }),
      /the reference says no/,
    ],
    ['forwardRef() that throws', () => ({ imports: [forwardRef(throws)] }), /the reference says no/],
    ['forwardRef() that gives a text', () => ({ imports: [forwardRef(() => 'x')] }), /module/],
  ])('that are odd fail their plugin: %s', async (_what, contributions, message) => {
    await expectFailure(contributions(), platform, 'MODULE_FAILED', message);
  });

  it.each<[string, () => Contributions]>([
    ['itself', () => ({ imports: [PluginKitModule] })],
    ['with options', () => ({ imports: [PluginKitModule.forRoot({ directories: [] })] })],
    ['below a module', () => ({ module: moduleImporting([PluginKitModule.forRoot({ directories: [] })]) })],
  ])('of a plugin do not take PluginKitModule: %s', async (_how, contributions) => {
    const { registry } = await expectFailure(contributions(), platform, 'EXTENSION_INVALID', /PluginKitModule/);
    expect((registry.get('bad') as FailedPlugin).error.field).toBe('imports');
  });
});

describe.each(PLATFORMS)('on %s, the prefix of a plugin', (platform) => {
  it.each<[string, (module: Type) => Contributions, Record<string, string>]>([
    ['imports', (module) => ({ imports: [module] }), {}],
    // For Nest that is another module of the same class, and it would have the same routes.
    ['imports by a dynamic module', (module) => ({ imports: [{ module }] }), { bad: 'ROUTE_CONFLICT' }],
    ['has for its own', (module) => ({ module }), {}],
  ])('does not move the routes of a module of the application that it %s', async (_how, contributions, failed) => {
    @Module({ controllers: [controllerAt('shared')] })
    class Shared {}

    const { get, registry } = await bootWith({ prefix: '/below', ...contributions(Shared) }, platform, {
      imports: [Shared],
    });

    expect(failures(registry)).toEqual(failed);
    expect(await get('/shared')).toMatchObject({ status: 200, body: 'at shared' });
  });

  it('moves the module of its own below it, also where the application has the same class', async () => {
    @Module({ controllers: [controllerAt('shared')] })
    class Shared {}

    const { get, registry } = await bootWith({ prefix: '/below', module: Shared }, platform, { imports: [Shared] });

    expect(failures(registry)).toEqual({});
    expect((await get('/shared')).status).toBe(200);
    expect((await get('/below/shared')).status).toBe(200);
  });
});

describe('a plugin folder', () => {
  it('whose package.json is a link that leads nowhere is a failed plugin', async () => {
    const directory = newDirectory();
    const folder = writePlugin(directory, 'bad', { 'index.mjs': entry({ name: 'bad' }) });
    symlinkSync('/nowhere/at/all', path.join(folder, 'package.json'));

    const { registry, get } = await bootApp({ directories: [directory] });

    expect(failures(registry)).toEqual({ bad: 'METADATA_INVALID' });
    expect((await get('/host')).body).toBe('host');
  });

  it('of CommonJS may set exports.default alone, without __esModule', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'plain', {
      'index.cjs': `exports.default = { name: 'plain', author: 'Ada', version: '1.0.0',
        register: () => ({ routes: { path: '/plain', handler: () => 'plain' } }) };`,
    });

    const { registry, get } = await bootApp({ directories: [directory] });

    expect(failures(registry)).toEqual({});
    expect(await get('/plain')).toMatchObject({ status: 200, body: 'plain' });
  });

  it('that exports metadata and register by name may export a name as well', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'named', {
      'index.mjs': entry(
        { name: 'named' },
        `{ routes: { path: '/named', handler: () => 'named' } }`,
        `export const name = 'another';`,
      ),
    });

    const { registry, get } = await bootApp({ directories: [directory] });

    expect(failures(registry)).toEqual({});
    expect(registry.enabled().map(({ name }) => name)).toEqual(['named']);
    expect(await get('/named')).toMatchObject({ status: 200, body: 'named' });
  });
});
