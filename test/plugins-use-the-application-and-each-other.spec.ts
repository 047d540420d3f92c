import { Controller, Get, Global, Inject, Injectable, Module } from '@nestjs/common';
import { definePlugin, PluginRegistry, type FailedPlugin } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, failures, PLATFORMS } from './support/boot-app.js';

const PRICE = Symbol('price');

@Injectable()
class Users {
  readonly names = ['ada'];
}

@Module({ providers: [Users, { provide: PRICE, useFactory: () => Promise.resolve(7) }], exports: [Users, PRICE] })
class UsersModule {}

@Module({ providers: [{ provide: 'SECRET', useValue: 's' }] })
class PrivateModule {}

const metadata = { author: 'Ada', version: '1.0.0' };

@Injectable()
class Cart {
  constructor(readonly users: Users) {}
}

@Controller('cart')
class CartController {
  constructor(
    private readonly cart: Cart,
    @Inject(PRICE) private readonly price: number,
    private readonly registry: PluginRegistry,
  ) {}

  @Get()
  show(): object {
    return {
      users: this.cart.users.names,
      price: this.price,
      plugins: this.registry.enabled().map(({ name }) => name),
    };
  }
}

@Controller('checkout')
class CheckoutController {
  constructor(
    private readonly cart: Cart,
    @Inject('DISCOUNT') private readonly discount: number,
  ) {}

  @Get()
  show(): object {
    return { users: this.cart.users.names, discount: this.discount };
  }
}

@Module({ controllers: [CheckoutController] })
class CheckoutModule {}

const cart = definePlugin({
  ...metadata,
  name: 'cart',
  register: () => ({
    controllers: [CartController],
    providers: [Cart, { provide: 'DISCOUNT', useValue: 3 }],
    exports: [Cart, 'DISCOUNT'],
  }),
});
const checkout = definePlugin({
  ...metadata,
  name: 'checkout',
  dependsOn: { cart: '^1.0.0' },
  register: () => ({ module: CheckoutModule }),
});

describe.each(PLATFORMS)('on %s, a plugin', (platform) => {
  it('injects by class and token what shared modules and the plugins it depends on export', async () => {
    const { get } = await bootApp(
      { plugins: [checkout, cart], directories: [], share: [UsersModule] },
      { platform, imports: [UsersModule] },
    );

    expect(JSON.parse((await get('/cart')).body)).toEqual({ users: ['ada'], price: 7, plugins: ['cart', 'checkout'] });
    expect(JSON.parse((await get('/checkout')).body)).toEqual({ users: ['ada'], discount: 3 });
  });

  it('that injects what nobody gave it fails alone, with the reason and the cure', async () => {
    const needy = definePlugin({ ...metadata, name: 'needy', register: () => ({ controllers: [CartController] }) });
    const independent = definePlugin({
      ...metadata,
      name: 'independent',
      register: () => ({ routes: { path: '/independent', handler: () => 'fine' } }),
    });

    const { get, registry } = await bootApp(
      { plugins: [needy, cart, independent], directories: [], share: [UsersModule] },
      { platform, imports: [UsersModule] },
    );

    expect(failures(registry)).toEqual({ needy: 'MODULE_FAILED' });
    const { error } = registry.get('needy') as FailedPlugin;
    expect(error.message).toMatch(/CartController.*Cart.*NeedyPlugin/);
    expect(error.hint).toMatch(/Export.*"share".*"dependsOn"/);
    expect(error.cause).toBeInstanceOf(Error);
    expect((await get('/independent')).body).toBe('fine');
    expect((await get('/cart')).status).toBe(200);
  });

  it('sees neither what a shared module keeps to itself, nor a plugin it does not depend on', async () => {
    const nosy = definePlugin({
      ...metadata,
      name: 'nosy',
      register: () => ({ providers: [{ provide: 'A', inject: ['SECRET'], useFactory: (given: unknown) => given }] }),
    });
    const sneaky = definePlugin({
      ...metadata,
      name: 'sneaky',
      register: () => ({ providers: [{ provide: 'A', inject: [Cart], useFactory: (given: unknown) => given }] }),
    });

    const { registry } = await bootApp(
      { plugins: [nosy, sneaky, cart], directories: [], share: [PrivateModule, UsersModule] },
      { platform, imports: [PrivateModule, UsersModule] },
    );

    expect(failures(registry)).toEqual({ nosy: 'MODULE_FAILED', sneaky: 'MODULE_FAILED' });
  });

  it('fails with the plugin that it depends on, and says so', async () => {
    const broken = definePlugin({
      ...metadata,
      name: 'cart',
      register: () => ({ providers: [{ provide: 'A', useFactory: () => Promise.reject(new Error('no cart today')) }] }),
    });

    const { registry } = await bootApp({ plugins: [checkout, broken], directories: [] }, { platform });

    expect(failures(registry)).toEqual({ cart: 'MODULE_FAILED', checkout: 'DEPENDENCY_FAILED' });
    expect((registry.get('checkout') as FailedPlugin).error.cause).toBe((registry.get('cart') as FailedPlugin).error);
  });
});

describe('a module that several plugins import', () => {
  let instances = 0;
  @Injectable()
  class Client {
    readonly number = ++instances;
  }
  @Module({ providers: [Client], exports: [Client] })
  class ClientModule {}
  @Module({ imports: [ClientModule], exports: [ClientModule] })
  class SdkModule {}

  const user = (name: string, extra: object = {}) =>
    definePlugin({
      ...metadata,
      name,
      register: () => ({
        imports: name === 'b' ? [ClientModule] : [SdkModule],
        providers: [{ provide: 'IT', inject: [Client], useFactory: ({ number }: Client) => number }],
        routes: { path: `/${name}`, handler: () => 'fine' },
        ...extra,
      }),
    });

  it('is made once, and survives one of them that fails or never settles', async () => {
    instances = 0;
    const failing = user('a', { providers: [{ provide: 'X', useFactory: () => Promise.reject(new Error('no')) }] });
    const hanging = user('d', { providers: [{ provide: 'X', useFactory: () => new Promise(() => undefined) }] });

    const { get, registry } = await bootApp({
      plugins: [failing, user('b'), user('c'), hanging],
      directories: [],
      timeout: 300,
    });

    expect(failures(registry)).toEqual({ a: 'MODULE_FAILED', d: 'MODULE_TIMEOUT' });
    expect((await get('/b')).body).toBe('fine');
    expect((await get('/c')).body).toBe('fine');
    expect(instances).toBe(1);
  });

  it('is started before a plugin that uses it, also when that is the last one of them still going', async () => {
    const log: string[] = [];
    @Injectable()
    class Connection {
      async onModuleInit(): Promise<void> {
        await new Promise(setImmediate);
        log.push('connected');
      }
    }
    @Module({ providers: [Connection], exports: [Connection] })
    class ConnectionModule {}
    @Injectable()
    class Reader {
      onModuleInit(): void {
        log.push('reads');
      }
    }
    const failing = { provide: 'X', useFactory: () => Promise.reject(new Error('no')) };

    const { registry } = await bootApp({
      plugins: [
        user('a', { imports: [ConnectionModule], providers: [failing] }),
        user('c', { imports: [ConnectionModule], providers: [Reader] }),
      ],
      directories: [],
    });

    expect(failures(registry)).toEqual({ a: 'MODULE_FAILED' });
    expect(log).toEqual(['connected', 'reads']);
  });

  it('that cannot be built fails those that import it, and nobody else', async () => {
    @Module({ providers: [{ provide: 'X', useFactory: () => Promise.reject(new Error('sdk says no')) }] })
    class BadModule {}
    const { get, registry } = await bootApp({
      plugins: [user('a', { imports: [BadModule] }), user('c', { imports: [BadModule] }), user('b')],
      directories: [],
    });

    expect(failures(registry)).toEqual({ a: 'MODULE_FAILED', c: 'MODULE_FAILED' });
    expect((registry.get('c') as FailedPlugin).error.message).toContain('sdk says no');
    expect((await get('/b')).body).toBe('fine');
  });
});

it('the registry can be injected anywhere in the application, and tells when plugins are loaded', async () => {
  @Injectable()
  class Dashboard {
    seen: string[] = [];
    constructor(readonly registry: PluginRegistry) {}
    async onModuleInit(): Promise<void> {
      await this.registry.ready;
      this.seen = this.registry.enabled().map(({ name }) => name);
    }
  }
  @Global()
  @Module({ providers: [Dashboard], exports: [Dashboard] })
  class DashboardModule {}

  const { app } = await bootApp(
    { plugins: [cart], directories: [], share: [UsersModule] },
    { imports: [UsersModule, DashboardModule] },
  );

  expect(app.get(Dashboard).seen).toEqual(['cart']);
});
