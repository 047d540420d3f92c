import { PluginView, type PluginKitOptions } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, failures, PLATFORMS } from './support/boot-app.js';

type Definition = NonNullable<PluginKitOptions['plugins']>[number];
type Returned = Awaited<ReturnType<Definition['register']>>;

function plugin(name: string, returned: Returned, more: Partial<Definition> = {}): Definition {
  return { name, author: 'Ada', version: '1.0.0', ...more, register: () => returned };
}

/** A plugin with items for `list`, and one route. */
const shop = (): Definition =>
  plugin('shop', {
    extensions: { list: [{ label: 'shop' }] },
    routes: { path: '/shop', handler: () => 'shop' },
  });

/** One that transforms the list of another. */
function labelling(name: string, target = 'shop'): Definition {
  return plugin(name, { transforms: { [target]: { extensions: labelled(name) } } });
}

function labelled(name: string): (value: object) => never {
  return (value) => {
    const { list } = value as { list: { label: string }[] };
    return { list: list.map(({ label }) => ({ label: `${label} ${name}` })) } as never;
  };
}

/** Transforms that no type would let pass. */
function wild(name: string, target: string, transforms: Record<string, unknown>): Definition {
  return plugin(name, { transforms: { [target]: transforms } });
}

const notices = (registry: { report(): { notices: readonly { text: string }[] } }): string[] =>
  registry.report().notices.map(({ text }) => text);

describe('transforms', () => {
  it.each(PLATFORMS)('change what another plugin contributes, in load order, on %s', async (platform) => {
    const { registry, get } = await bootApp(
      {
        directories: [],
        plugins: [
          labelling('b'),
          labelling('a'),
          shop(),
          plugin('z', {
            transforms: {
              SHOP: { routes: (route: object) => ({ ...route, path: '/store' }) as never, prefix: () => '/never' },
            },
          }),
        ],
      },
      { platform },
    );

    expect(failures(registry)).toEqual({});
    expect(registry.extensions('list')).toEqual([{ label: 'shop a b' }]);
    expect((await get('/store')).body).toBe('shop');
    expect((await get('/shop')).status).toBe(404);
    expect(notices(registry)).toEqual([]);
  });

  it('is handed a copy: what the other plugin returned stays as it is', async () => {
    const item = { label: 'shop' };
    const list = [item];
    const value = { useful: true };
    const { registry } = await bootApp({
      plugins: [
        plugin('a', {
          transforms: {
            shop: {
              extensions: (given: { list?: { label: string }[] }) => {
                given.list?.push({ label: 'more' });
                if (given.list?.[0]) given.list[0].label = 'changed';
                return given;
              },
              providers: (given: unknown[]) => {
                given.push({ provide: 'more', useValue: 1 });
                return given;
              },
            } as never,
          },
        }),
        plugin('shop', { extensions: { list }, providers: [{ provide: 'value', useValue: value }] }),
      ],
    });

    expect(registry.extensions('list')).toEqual([{ label: 'changed' }, { label: 'more' }]);
    expect(list).toEqual([{ label: 'shop' }]);
    expect(list[0]).toBe(item);
  });

  it.each([
    ['a key that there is not', { slotz: (value: unknown) => value }, 'slotz'],
    ['its own key', { transforms: (value: unknown) => value }, 'transforms'],
    ['no function', { extensions: {} }, 'a function for extensions'],
    ['another type', { extensions: () => [] }, 'given an object and returned a list'],
    ['nothing', { extensions: () => undefined }, 'returned undefined'],
    ['a promise', { extensions: (value: unknown) => Promise.resolve(value) }, 'returned a promise'],
    ['what the key does not take', { routes: () => ({ path: 1 }) }, 'needs a path'],
    [
      'an error',
      {
        extensions: () => {
          throw new Error('no labels left');
        },
      },
      'no labels left',
    ],
  ])('fails the plugin whose transform gives %s, and leaves the other one as it was', async (_, transforms, told) => {
    const { registry, get } = await bootApp({
      plugins: [shop(), wild('a', 'shop', { ...transforms, prefix: (value: unknown) => value }), labelling('b')],
    });

    expect(failures(registry)).toEqual({ a: 'EXTENSION_INVALID' });
    const { error } = registry.get('a') as unknown as { error: { message: string; field: string; hint: string } };
    expect(error.message).toContain(told);
    expect(error).toMatchObject({ field: 'transforms', hint: expect.any(String) });
    expect(registry.extensions('list')).toEqual([{ label: 'shop b' }]);
    expect((await get('/shop')).body).toBe('shop');
  });

  it('makes none of the transforms of a plugin when one of them fails', async () => {
    const { registry } = await bootApp({
      plugins: [
        shop(),
        plugin('other', { extensions: { list: { label: 'other' } } }),
        plugin('a', {
          transforms: {
            shop: { extensions: labelled('a') },
            other: { extensions: () => 'wrong' as never },
          },
        }),
      ],
    });

    expect(registry.extensions('list')).toEqual([{ label: 'other' }, { label: 'shop' }]);
  });

  it('does nothing of a plugin that depends on one that failed', async () => {
    const { registry } = await bootApp({
      plugins: [shop(), wild('a', 'shop', { extensions: () => 1 }), { ...labelling('b'), dependsOn: { a: '*' } }],
    });

    expect(failures(registry)).toEqual({ a: 'EXTENSION_INVALID', b: 'DEPENDENCY_FAILED' });
    expect(registry.extensions('list')).toEqual([{ label: 'shop' }]);
  });

  it('notes a plugin that is not there, or not on, in the report', async () => {
    const { registry, log } = await bootApp({
      directories: [],
      plugins: [labelling('a', 'ghost'), labelling('b'), { ...shop(), state: 'disabled' }],
    });

    expect(failures(registry)).toEqual({});
    expect(notices(registry)).toEqual([
      'a transforms what ghost contributes: there is no such plugin.',
      'b transforms what shop contributes: it is disabled.',
    ]);
    expect(log).toContain('warn a transforms what ghost contributes: there is no such plugin.');
  });

  it('does nothing from or to a plugin that is off', async () => {
    const { registry } = await bootApp({ plugins: [{ ...labelling('a'), state: 'disabled' }, shop()] });

    expect(registry.extensions('list')).toEqual([{ label: 'shop' }]);
  });

  it('comes and goes with its plugin while the application runs', async () => {
    const { registry } = await bootApp({ plugins: [labelling('a'), labelling('b'), shop()], live: true });

    expect(await registry.disable('a')).toMatchObject({ applied: 'live' });
    expect(registry.extensions('list')).toEqual([{ label: 'shop b' }]);
    await registry.disable('b');
    expect(registry.extensions('list')).toEqual([{ label: 'shop' }]);
    await registry.enable('a');
    expect(registry.extensions('list')).toEqual([{ label: 'shop a' }]);
    await registry.disable('shop');
    expect(registry.extensions('list')).toEqual([]);
    await registry.enable('shop');
    await registry.enable('b');
    expect(registry.extensions('list')).toEqual([{ label: 'shop a b' }]);
  });

  it.each(PLATFORMS)(
    'changes pages, hooks and answers to errors, and takes that back, at once, on %s',
    async (platform) => {
      const { registry, get, app } = await bootApp(
        {
          directories: [],
          live: true,
          plugins: [
            plugin('shop', {
              slots: { shelf: 'apples' },
              viewContext: { price: 1 },
              viewFilters: { euro: (value: number) => `${value} EUR` },
              hooks: { afterRequest: (ctx) => ctx.response?.headers.set('x-shop', 'open') },
              errorHandlers: { 404: () => 'sold out' },
            }),
            plugin('sale', {
              transforms: {
                shop: {
                  slots: (slots) => ({ ...slots, shelf: '{{ price | euro }}' }),
                  viewContext: (values: object) => ({ ...values, price: 0.5 }),
                  hooks: () => ({ afterRequest: (ctx) => ctx.response?.headers.set('x-shop', 'sale') }),
                  errorHandlers: () => ({ 404: () => 'sold out, of course' }),
                },
              },
            }),
          ],
        },
        { platform },
      );
      const seen = async (): Promise<unknown[]> => {
        const { headers, body } = await get('/nothing');
        return [app.get(PluginView).emitSlot('shelf'), headers.get('x-shop'), body];
      };

      expect(await seen()).toEqual(['0.5 EUR', 'sale', 'sold out, of course']);
      expect(await registry.disable('sale')).toMatchObject({ applied: 'live' });
      expect(await seen()).toEqual(['apples', 'open', 'sold out']);
      await registry.enable('sale');
      expect(await seen()).toEqual(['0.5 EUR', 'sale', 'sold out, of course']);
    },
  );

  it('fails the plugin whose transform names a template that the other one has not', async () => {
    const { registry, app } = await bootApp({
      plugins: [
        plugin('shop', { slots: { shelf: 'apples' } }),
        plugin('sale', { transforms: { shop: { slots: () => ({ shelf: 'sale.html' }) } } }),
      ],
    });

    expect(failures(registry)).toEqual({ sale: 'EXTENSION_INVALID' });
    expect(app.get(PluginView).emitSlot('shelf')).toBe('apples');
  });

  it('waits for the next start where the other plugin was built with it', async () => {
    const { registry, get } = await bootApp({
      plugins: [
        shop(),
        plugin('a', { transforms: { shop: { routes: (route: object) => ({ ...route, path: '/store' }) as never } } }),
      ],
      live: true,
    });

    expect(registry.preview('disable', 'a')).toMatchObject({
      applied: 'on-reload',
      reason: 'a transforms the routes of shop, which is built with that',
    });
    expect((await get('/store')).body).toBe('shop');
    expect(registry.preview('disable', 'shop')).toMatchObject({ applied: 'live' });
  });
});
