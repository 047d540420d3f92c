import { PluginView, type PluginKitOptions, type ViewFilter, type ViewContext } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp } from '../support/boot-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

type Filters = Record<string, ViewFilter> | (ViewFilter | readonly [string, ViewFilter])[];

const plugin = (name: string, returned: { viewFilters?: Filters; viewContext?: ViewContext }) => ({
  name,
  author: 'Ada',
  version: '1.0.0',
  register: () => returned,
});

async function start(
  plugins: NonNullable<PluginKitOptions['plugins']>,
  pages: Record<string, string>,
  options: PluginKitOptions = {},
) {
  const views = newDirectory();
  writePlugin(views, '.', pages);
  const running = await bootApp({
    directories: [],
    live: true,
    plugins,
    ...options,
    views: { folders: [views], ...options.views },
  });
  const warnings = () => running.registry.report().notices.map(({ text }) => text);
  return { ...running, view: running.app.get(PluginView), warnings };
}

const upper = (value: string): string => value.toUpperCase();

describe('a filter', () => {
  it('comes by name, as a function with a name, or as a pair', async () => {
    function twice(value: string): string {
      return value + value;
    }
    const { view } = await start(
      [
        plugin('a', { viewFilters: { shout: upper } }),
        plugin('b', { viewFilters: [twice, ['cut', (value: string, to: number) => value.slice(0, to)]] }),
      ],
      { 'page.njk': '{{ "ab" | shout }} {{ "ab" | twice }} {{ "abcd" | cut(3) }}' },
    );
    expect(view.render('page')).toBe('AB abab abc');
  });

  it('whose name is taken is a warning that names both, and the first keeps it', async () => {
    const { view, warnings, log } = await start(
      [
        plugin('a', { viewFilters: { shout: upper } }),
        plugin('b', { viewFilters: { shout: () => 'b', upper: () => 'b', own: () => 'b' } }),
      ],
      { 'page.njk': '{{ "ab" | shout }} {{ "ab" | upper }} {{ "ab" | own }}' },
      { views: { filters: { own: () => 'host' } } },
    );
    expect(view.render('page')).toBe('AB AB host');
    expect(warnings()).toEqual([
      'The view filter "shout" of the plugin "b" is not used: the plugin "a" has one of that name. Rename it.',
      'The view filter "upper" of the plugin "b" is not used: the template engine has one of that name. Rename it.',
      'The view filter "own" of the plugin "b" is not used: the application has one of that name. Rename it.',
    ]);
    expect(log.filter((line) => line.startsWith('warn The view filter'))).toHaveLength(3);
  });

  it('of a plugin that is off passes the value through', async () => {
    const { view, registry } = await start([plugin('a', { viewFilters: { shout: upper } })], {
      'page.njk': '{{ "<ab>" | shout }}',
    });
    expect(view.render('page')).toBe('&lt;AB&gt;');
    await registry.disable('a');
    expect(view.render('page')).toBe('&lt;ab&gt;');
    await registry.enable('a');
    expect(view.render('page')).toBe('&lt;AB&gt;');
  });

  it('passes the value through as well where its plugin was off at the start, and the log tells', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'off', {
      'index.js': entry({ name: 'off' }, `{ viewFilters: { shout: String } }`),
      DISABLED: '',
    });
    const { view, log } = await start([], { 'page.njk': '{{ "ab" | shout }}' }, { directories: [directory] });
    expect(view.render('page')).toBe('ab');
    expect(view.render('page')).toBe('ab');
    expect(log.filter((line) => line.includes('"shout"'))).toHaveLength(1);
  });

  it('that nobody can have is an error', async () => {
    const { view } = await start([plugin('a', {})], { 'page.njk': '{{ "ab" | shuot }}' });
    expect(() => view.render('page')).toThrow('there is no filter "shuot"');
  });

  it('that throws is named in the error', async () => {
    const { view } = await start(
      [
        plugin('a', {
          viewFilters: {
            shout: () => {
              throw new Error('no');
            },
          },
        }),
      ],
      { 'page.njk': '{{ "ab" | shout }}' },
    );
    expect(() => view.render('page')).toThrow('the view filter "shout" of the plugin "a" failed: no');
  });

  it.each([
    ['7', 'must be an object of functions'],
    ['{ a: 1 }', '"a" is a number'],
    ['[1]', 'entry 1 is a number'],
    ['[() => 1]', 'without a name'],
    ['[["a", 1]]', '"a" is a number'],
    ['[["a b", String]]', '"a b"'],
    ['[["a", String], ["a", String]]', 'twice'],
  ])('of the wrong shape fails its plugin: %s', async (source, message) => {
    const directory = newDirectory();
    writePlugin(directory, 'wrong', { 'index.js': entry({ name: 'wrong' }, `{ viewFilters: ${source} }`) });
    const { registry } = await start([], {}, { directories: [directory] });
    const failed = registry.get('wrong');
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'EXTENSION_INVALID', field: 'viewFilters' } });
    expect(failed.state === 'failed' && failed.error.message).toContain(message);
  });
});

describe('viewContext', () => {
  it('is there in every template; of two the later one wins, with a warning that names both', async () => {
    const { view, warnings } = await start(
      [
        plugin('a', { viewContext: { who: 'a', a: 1 } }),
        plugin('b', { viewContext: { who: 'b', call: () => 'called' } }),
      ],
      { 'page.njk': '{{ who }} {{ a }} {{ call() }}' },
    );
    expect(view.render('page')).toBe('b 1 called');
    expect(view.render('page', { who: 'host' })).toBe('host 1 called');
    expect(warnings()).toEqual([
      'The viewContext of the plugin "b" replaces "who" of the plugin "a". Rename one of the two.',
    ]);
  });

  it('of a function warns once, when it shows', async () => {
    const { view, log } = await start(
      [plugin('a', { viewContext: () => ({ who: 'a' }) }), plugin('b', { viewContext: () => ({ who: 'b' }) })],
      { 'page.njk': '{{ who }}' },
    );
    expect(view.render('page')).toBe('b');
    expect(view.render('page')).toBe('b');
    expect(log.filter((line) => line.includes('replaces "who"'))).toHaveLength(1);
  });

  it('cannot take the functions of templates', async () => {
    const { view, warnings } = await start(
      [plugin('a', { viewContext: { emit_config: () => 'taken' } })],
      { 'page.njk': '{{ emit_config("x") }}' },
      { config: { x: 'config' } },
    );
    expect(view.render('page')).toBe('config');
    expect(warnings()[0]).toContain('"emit_config"');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no values');
      },
      'no values',
    ],
    ['returns nothing', () => undefined as never, 'must return an object'],
    ['returns a promise', (() => Promise.reject(new Error('late'))) as never, 'at once'],
  ])('that %s is left out and logged, and the page is rendered', async (_what, viewContext, message) => {
    const { view, log } = await start([plugin('a', { viewContext }), plugin('b', { viewContext: { who: 'b' } })], {
      'page.njk': '{{ who }}',
    });
    expect(view.render('page')).toBe('b');
    expect(log.find((line) => line.startsWith('error The viewContext of the plugin "a" was left out'))).toContain(
      message,
    );
  });

  it('is asked once for a page with many slots', async () => {
    let asked = 0;
    const { view } = await start(
      [
        plugin('a', { viewContext: () => ({ n: ++asked }) }),
        { ...plugin('b', {}), register: () => ({ slots: { s: '{{ n }}' } }) },
      ],
      {
        'page.njk': '{{ n }}{{ emit_tep("s") }}{{ emit_tep("s") }}',
      },
    );
    expect(view.render('page')).toBe('111');
  });

  it.each(['7', '[]', '"text"'])('of the wrong shape fails its plugin: %s', async (source) => {
    const directory = newDirectory();
    writePlugin(directory, 'wrong', { 'index.js': entry({ name: 'wrong' }, `{ viewContext: ${source} }`) });
    const { registry } = await start([], {}, { directories: [directory] });
    expect(registry.get('wrong')).toMatchObject({
      state: 'failed',
      error: { code: 'EXTENSION_INVALID', field: 'viewContext' },
    });
  });
});
