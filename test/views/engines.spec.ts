import { cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { PluginEvents, PluginView, type PluginKitOptions, type ViewEngine } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp } from '../support/boot-app.js';
import { entry, newDirectory, newDirectoryOutside, writePlugin } from '../support/plugin-folders.js';

async function start(files: Record<string, string>, options: PluginKitOptions) {
  const root = newDirectory();
  writePlugin(root, '.', files);
  const running = await bootApp({
    directories: [path.join(root, 'plugins')],
    live: true,
    config: { site: 'S&S' },
    ...options,
    views: { folders: [path.join(root, 'views')], ...options.views },
  });
  const events = running.app.get(PluginEvents);
  for (const value of [['a', Buffer.from('b'), null], undefined, '', 7]) events.on('seen', () => value);
  events.on('seen', () => '<b>seen</b>', { position: 'first' });
  events.on('seen', (...args: unknown[]) => args.length);
  return { ...running, root, view: running.app.get(PluginView) };
}

describe('templates of Flask-PluginKit', () => {
  it('run with its functions, its words and True and False', async () => {
    const { view } = await start(
      {
        'views/index.html':
          '{{ emit_tep("s", typ="fil", who="x") }}|{{ emit_tep("s", "cod", who="x") }}|{{ emit_tep("s", typ="none", who="x")|safe }}|' +
          '{{ emit_assets("shop", "a.css", _raw=True)|truncate(14, True, "") }}|{{ emit_assets("shop", filename="a.txt") }}|{{ emit_config("site") }}|{{ emit_dcp("seen", 1, two=2) }}',
        'plugins/shop/index.js': entry({ name: 'shop' }, `{ slots: { s: 'shop.html' } }`),
        'plugins/shop/templates/shop.html': 'file {{ who }}',
        'plugins/shop/static/a.css': '',
        'plugins/code/index.js': entry({ name: 'code' }, `{ slots: { s: 'code {{ who }}' } }`),
      },
      {},
    );
    expect(view.render('index.html')).toBe(
      'file x|code x|file xcode x|/assets/shop/a|/assets/shop/a.txt|S&amp;S|<b>seen</b>ab72',
    );
    expect(view.emitEvent('seen')).toBe('<b>seen</b>ab70');
  });

  it('use the functions in macros of other files', async () => {
    const { view } = await start(
      {
        'views/index.html': '{% import "macros.html" as m %}{{ m.bar() }}',
        'views/macros.html': '{% macro bar() %}<nav>{{ emit_tep("s") }}</nav>{% endmacro %}',
        'plugins/code/index.js': entry({ name: 'code' }, `{ slots: { s: '<i>code</i>' } }`),
      },
      {},
    );
    expect(view.render('index.html')).toBe('<nav><i>code</i></nav>');
  });
});

describe('eta', () => {
  const files = {
    'views/index.eta':
      '<% layout("layout") %><%= it.q %>|<%= it.emit_tep("s", { who: it.q }) %>|<%= it.filters.shout(it.q) %>|<%= it.now %>|<%= it.emit_config("site") %>|<%= it.emit_assets("shop", "a.css") %>|<%= it.emit_dcp("seen") %>',
    'views/layout.eta': '<main><%~ it.body %></main>',
    'views/nosy.eta': '<%~ include("../plugins/shop/index.js") %>',
    'plugins/shop/index.js': entry(
      { name: 'shop' },
      `{ slots: { s: 'parts/side.eta' }, viewFilters: { shout: (s) => s.toUpperCase() }, viewContext: { now: 'NOW' } }`,
    ),
    'plugins/shop/templates/parts/side.eta': '<p><%= it.who %><%~ include("./part", { who: "!" }) %></p>',
    'plugins/shop/templates/parts/part.eta': '<%= it.who %>',
    'plugins/shop/static/a.css': 'a{}',
    'plugins/code/index.js': entry({ name: 'code' }, `{ slots: { s: '<u><%= it.who %></u>' } }`),
    'plugins/bad/index.js': entry({ name: 'bad' }, `{ slots: { s: '<% throw new Error("bad") %>' } }`),
  };

  it('renders the same', async () => {
    const { view, registry, log } = await start(files, { views: { engine: 'eta' } });
    expect(view.render('index', { q: '<i>' })).toMatch(
      /^<main>&lt;i&gt;\|<p>&lt;i&gt;!<\/p><u>&lt;i&gt;<\/u>\|&lt;I&gt;\|NOW\|S&amp;S\|<link rel="stylesheet" href="\/assets\/shop\/a\.css\?v=[\w-]{16}">\|<b>seen<\/b>ab70<\/main>$/,
    );
    expect(log.join('\n')).toContain('error bad: its part of the slot "s" was left out: bad');
    await registry.disable('shop');
    expect(view.render('index', { q: '<i>' })).toBe(
      '<main>&lt;i&gt;|<u>&lt;i&gt;</u>|&lt;i&gt;|undefined|S&amp;S||<b>seen</b>ab70</main>',
    );
    expect(() => view.render('nosy')).toThrow('template not found');
  });
});

describe("an engine of one's own", () => {
  it('needs a name, endings and two methods', async () => {
    const setups: number[] = [];
    const engine: ViewEngine = {
      name: 'plain',
      extensions: ['.txt'],
      filterNames: ['upper'],
      markSafe: (html) => html,
      createEnvironment: ({ find, functions, filter }) => {
        setups.push(1);
        return {
          render: (name, context) =>
            `${find(name)?.text ?? ''}${String(context['q'])}${String(functions['emit_tep']?.('s'))}${String(filter('shout')?.('a' as never))}`,
          renderText: ({ text }) => text.toUpperCase(),
        };
      },
    };
    const { view, registry } = await start(
      {
        'views/page.txt': 'page ',
        'plugins/a/index.js': entry(
          { name: 'a' },
          `{ slots: { s: ' slot ' }, viewFilters: { shout: (s) => s + '!', upper: String } }`,
        ),
      },
      { views: { engine } },
    );
    expect(view.render('page', { q: 1 })).toBe('page 1 SLOT a!');
    expect(view.render('page', { q: 2 })).toBe('page 2 SLOT a!');
    expect(setups).toHaveLength(1);
    expect(
      registry
        .report()
        .notices.map(({ text }) => text)
        .join(''),
    ).toContain('the template engine has one of that name');
    await registry.disable('a');
    expect(view.render('page', { q: 1 })).toBe('page 1a');
    expect(setups).toHaveLength(2);
  });
});

describe('a package that is not installed', () => {
  it('is told with the cure, when it is needed', async () => {
    const elsewhere = newDirectoryOutside();
    writeFileSync(path.join(elsewhere, 'package.json'), '{ "type": "module" }');
    for (const room of ['plugin', 'discovery', 'state', 'loading', 'extensions', 'views'])
      cpSync(path.join('dist', room), path.join(elsewhere, 'dist', room), { recursive: true });
    const { loadEngine } = (await import(pathToFileURL(path.join(elsewhere, 'dist/views/load-engine.js')).href)) as {
      loadEngine: (name: string) => unknown;
    };
    for (const name of ['nunjucks', 'eta'])
      expect(() => loadEngine(name)).toThrow(
        `Pages are rendered by ${name}, which is not installed. Run "npm install ${name}", or name another engine in the option "views.engine".`,
      );
  });
});

describe('templates', () => {
  it('are kept until plugins change, or are read each time where the application wants it', async () => {
    for (const [cache, expected] of [
      [true, 'old'],
      [false, 'new'],
    ] as const) {
      const { view, root, registry } = await start(
        { 'views/page.njk': 'old', 'plugins/a/index.js': entry({ name: 'a' }) },
        { views: { cache } },
      );
      expect(view.render('page')).toBe('old');
      writeFileSync(path.join(root, 'views/page.njk'), 'new');
      expect(view.render('page')).toBe(expected);
      await registry.disable('a');
      expect(view.render('page')).toBe('new');
    }
  });

  it('of a slot that has gone leave out that piece only', async () => {
    const { view, root, log } = await start(
      {
        'plugins/a/index.js': entry({ name: 'a' }, `{ slots: { s: 'a.html' } }`),
        'plugins/a/templates/a.html': 'a',
        'plugins/b/index.js': entry({ name: 'b' }, `{ slots: { s: 'b' } }`),
      },
      {},
    );
    mkdirSync(path.join(root, 'away'));
    renameSync(path.join(root, 'plugins/a/templates/a.html'), path.join(root, 'away/a.html'));
    expect(view.emitSlot('s')).toBe('b');
    expect(log.join('\n')).toContain('error a: its part of the slot "s" was left out');
  });

  it('may be called what objects have', async () => {
    const { view } = await start({ 'views/constructor': 'text', 'views/page.njk': '{% include "constructor" %}' }, {});
    expect(view.render('page')).toBe('text');
    expect(view.render('constructor')).toBe('text');
  });

  it('in a folder that is not there are a warning', async () => {
    const { registry, root } = await start({}, {});
    expect(registry.report().notices.map(({ text }) => text)).toContain(
      `The folder of views ${path.join(root, 'views')} does not exist.`,
    );
  });

  it('tell in the log of the start how much a plugin brings', async () => {
    const { log, registry } = await start(
      {
        'plugins/a/index.js': entry(
          { name: 'a' },
          `{ slots: { s: 'a', t: 'b' }, viewFilters: { shout: String }, viewContext: { a: 1, b: 2 } }`,
        ),
        'plugins/a/static/a.css': '',
      },
      {},
    );
    expect(registry.get('a')).toMatchObject({ contributions: { slots: 2, viewFilters: 1, viewContext: 2, assets: 1 } });
    expect(log.join('\n')).toContain('a 1.0.0 enabled (2 slots, 1 view filter, 2 view context, assets)');
  });
});
