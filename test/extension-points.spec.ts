import { Controller, Get, Injectable, Module, Scope } from '@nestjs/common';
import { createExtensionPoint, Extension, ordered, type PluginKitOptions } from 'nestjs-pluginkit';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

import { bootApp, failures, PLATFORMS } from './support/boot-app.js';
import { entry, fixture, newDirectory, writePlugin } from './support/plugin-folders.js';

type Definition = NonNullable<PluginKitOptions['plugins']>[number];
type Returned = Awaited<ReturnType<Definition['register']>>;

interface MenuItem {
  readonly label: string;
}

const menuItems = createExtensionPoint<MenuItem>('test.menu');

function plugin(name: string, returned: Returned): Definition {
  return { name, author: 'Ada', version: '1.0.0', register: () => returned };
}

function items(name: string, ...given: unknown[]): Definition {
  return plugin(name, { extensions: { 'test.menu': given } });
}

async function labels(...plugins: Definition[]): Promise<string[]> {
  const { registry } = await bootApp({ plugins });
  expect(failures(registry)).toEqual({});
  return registry.extensions(menuItems).map((each) => (typeof each === 'string' ? each : each.label));
}

describe('extension points of an application', () => {
  it.each(PLATFORMS)('give what enabled plugins contribute, in load order, live, on %s', async (platform) => {
    const { registry } = await bootApp(
      { plugins: [items('b', { label: 'b1' }, { label: 'b2' }), items('a', { label: 'a' })], live: true },
      { platform },
    );

    const before = registry.extensions(menuItems);
    expect(before.map(({ label }) => label)).toEqual(['a', 'b1', 'b2']);
    expect(Object.isFrozen(before)).toBe(true);
    expect(registry.extensions('test.menu')).toBe(before);
    await registry.disable('a');
    expect(registry.extensions(menuItems).map(({ label }) => label)).toEqual(['b1', 'b2']);
    expect(before).toHaveLength(3);
    await registry.enable('a');
    expect(registry.extensions(menuItems)).toEqual(before);
    expect(registry.extensions(createExtensionPoint('nobody'))).toEqual([]);
  });

  it('are contributed to by classes, which are instances with all that they inject', async () => {
    @Injectable()
    class Prices {
      readonly currency = 'EUR';
    }
    @Extension(menuItems)
    @Injectable()
    class ShopItem {
      constructor(private readonly prices: Prices) {}
      get label(): string {
        return `Shop in ${this.prices.currency}`;
      }
    }
    Reflect.defineMetadata('design:paramtypes', [Prices], ShopItem);
    class Child extends ShopItem {}
    Reflect.defineMetadata('design:paramtypes', [Prices], Child);
    @Extension('test.menu')
    @Extension('test.other', { order: 1 })
    @Controller('two')
    class TwoPoints {
      readonly label = 'Two';
      @Get()
      get(): string {
        return this.label;
      }
    }
    @Extension(menuItems)
    @Injectable()
    class Inner {
      readonly label = 'Inner';
    }
    @Module({ providers: [Inner, { provide: 'alias', useExisting: Inner }] })
    class InnerModule {}
    const { registry } = await bootApp({
      plugins: [
        plugin('shop', { providers: [Prices, ShopItem, { provide: 'child', useClass: Child }] }),
        plugin('two', { controllers: [TwoPoints] }),
        plugin('inner', { module: InnerModule }),
        plugin('factory', { providers: [{ provide: 'made', useFactory: () => new Inner() }] }),
      ],
      live: true,
    });

    expect(failures(registry)).toEqual({});
    const shown = (): string[] => registry.extensions(menuItems).map(({ label }) => label);
    expect(shown()).toEqual(['Inner', 'Inner', 'Shop in EUR', 'Two']);
    expect(registry.extensions('test.other')).toEqual([expect.any(TwoPoints)]);
    expect(registry.report().plugins.find(({ name }) => name === 'two')?.contributions).toMatchObject({
      extensions: 2,
    });
    await registry.disable('shop');
    expect(shown()).toEqual(['Inner', 'Inner', 'Two']);
  });

  it('show what a module of several plugins contributes once, as long as one of them is on', async () => {
    @Extension(menuItems)
    @Injectable()
    class Shared {
      readonly label = 'shared';
    }
    @Module({ providers: [Shared] })
    class SharedModule {}
    const { registry } = await bootApp({
      plugins: [plugin('a', { imports: [SharedModule] }), plugin('b', { imports: [SharedModule] })],
      live: true,
    });

    expect(registry.extensions(menuItems)).toHaveLength(1);
    await registry.disable('a');
    expect(registry.extensions(menuItems)).toHaveLength(1);
    await registry.disable('b');
    expect(registry.extensions(menuItems)).toEqual([]);
  });

  it('refuse a class that is made for each request: it fails its plugin', async () => {
    @Extension(menuItems)
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      readonly label = 'never';
    }
    const { registry } = await bootApp({
      plugins: [plugin('a', { providers: [PerRequest] }), items('b', { label: 'b' })],
    });

    expect(failures(registry)).toEqual({ a: 'EXTENSION_INVALID' });
    expect(registry.extensions(menuItems)).toEqual([{ label: 'b' }]);
  });

  it('take classes of plugins in folders, in JavaScript without decorators too', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'plain', {
      'index.mjs': entry(
        { name: 'plain' },
        '{ providers: [Item] }',
        `import { Extension } from 'nestjs-pluginkit';\nclass Item { label = 'plain'; }\nExtension('test.menu')(Item);`,
      ),
    });
    const { registry } = await bootApp({ directories: [directory] });

    expect(registry.extensions(menuItems)).toMatchObject([{ label: 'plain' }]);
  });

  it('sort by number, then in load order', async () => {
    expect(
      await labels(
        items('a', { label: 'a10', order: 10 }, { label: 'a' }),
        items('b', ordered({ label: 'b-1' }, { order: -1 }), { label: 'b2', order: 2 }),
        items('c', { label: 'c' }),
      ),
    ).toEqual(['b-1', 'a', 'c', 'b2', 'a10']);
  });

  it('put a value before or behind all those of a plugin that it names, whatever their numbers', async () => {
    @Extension(menuItems, { before: ['B', 'ghost'] })
    @Injectable()
    class Last {
      readonly label = 'z';
    }
    expect(
      await labels(
        items('a', ordered('a', { after: 'c', order: -5 })),
        items('b', { label: 'b1' }, { label: 'b2', order: -10 }),
        items('c', { label: 'c', after: ['nobody'] }),
        plugin('z', { providers: [Last] }),
      ),
    ).toEqual(['c', 'a', 'z', 'b2', 'b1']);
  });

  it('settle wishes that contradict each other the same way each time, and note it', async () => {
    const plugins = [
      items('a', { label: 'a', after: 'b' }),
      items('b', { label: 'b', after: 'c' }),
      items('c', { label: 'c', after: 'a' }),
      items('d', { label: 'd', before: 'a' }),
    ];
    expect(await labels(...plugins)).toEqual(['d', 'a', 'c', 'b']);
    expect(await labels(...plugins.toReversed())).toEqual(['d', 'a', 'c', 'b']);
    const { registry, log } = await bootApp({ directories: [], plugins });
    const [notice] = registry.report().notices.map(({ text }) => text);
    expect(notice).toMatch(/^Extension point "test\.menu": a -> c -> b -> a cannot all/);
    expect(log.some((line) => line.startsWith('warn Extension point "test.menu"'))).toBe(true);
  });

  it('leave alone what a value calls before, after or order for reasons of its own', async () => {
    const value = { label: 'a', order: 'first', before: 12, after: () => 'noon' };
    const { registry } = await bootApp({ plugins: [items('a', value), items('b', null, undefined, 0, '')] });

    expect(registry.extensions('test.menu')).toEqual([value, null, undefined, 0, '']);
    expect(registry.extensions('test.menu')[0]).toBe(value);
  });

  it('order thousands of values with wishes of their own quickly', async () => {
    const plugins = Array.from({ length: 1000 }, (_, i) => items(`p${i}`, { label: `${i}`, after: `p${i + 1}` }));
    const { registry } = await bootApp({ plugins });
    const begun = performance.now();
    const shown = registry.extensions(menuItems).map(({ label }) => Number(label));

    expect(performance.now() - begun).toBeLessThan(500);
    expect(shown).toEqual(Array.from({ length: 1000 }, (_, i) => 999 - i));
  });

  it('are named by a text, and places are numbers and names', () => {
    expect(() => createExtensionPoint('')).toThrow(TypeError);
    expect(() => Extension(undefined as never)).toThrow(TypeError);
    expect(() => Extension('x', { order: 'first' as never })).toThrow('"order" must be a number');
    expect(() => ordered(1, { before: 5 as never })).toThrow('"before" must be');
  });
});

describe('the types of extension points, transforms and events', () => {
  it('let pass what is right, and nothing that is wrong', () => {
    const file = fixture('types/extension-points.ts');
    const program = ts.createProgram([file], {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      strict: true,
      exactOptionalPropertyTypes: true,
      experimentalDecorators: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
    });
    const complaints = ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ messageText, start, file: source }) =>
          `${source?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      );

    // An expected error that does not come is a complaint as well.
    expect(complaints).toEqual([]);
    expect(program.getSourceFile(file)?.text.match(/@ts-expect-error/g)?.length).toBeGreaterThan(12);
  });
});
