import { symlinkSync } from 'node:fs';
import path from 'node:path';

import { Controller, Get, Param, Query, Render, Res } from '@nestjs/common';
import { PluginView, type PluginKitOptions } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, PLATFORMS } from '../support/boot-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

@Controller()
class PagesController {
  constructor(private readonly view: PluginView) {}

  @Get('page')
  @Render('index.njk')
  page(@Query('q') q = ''): object {
    return { q };
  }

  @Get('short')
  @Render('index')
  short(): object {
    return { q: 'short' };
  }

  @Get('gone')
  @Render('gone.njk')
  gone(): object {
    return {};
  }

  @Get('broken')
  @Render('broken.njk')
  broken(): object {
    return {};
  }

  @Get('text')
  text(@Query('q') q = ''): string {
    return this.view.render('index.njk', { q });
  }

  @Get('any/:name')
  any(@Param('name') name: string): string {
    return this.view.render(name);
  }

  @Get('slow')
  async slow(@Res({ passthrough: true }) _response: unknown): Promise<string> {
    begin();
    await gate;
    return this.view.emitSlot('sidebar', { who: 'slow' });
  }

  @Get('slow-page')
  @Render('index.njk')
  async slowPage(): Promise<object> {
    begin();
    await gate;
    return { q: 'slow' };
  }
}

let begin: () => void = () => undefined;
let gate: Promise<void> = Promise.resolve();

function files() {
  const root = newDirectory();
  writePlugin(root, 'views', {
    'index.njk':
      '{% extends "layout.njk" %}{% block body %}<h1>{{ q }}</h1>{{ emit_tep("sidebar", who=q) }}|{{ q | shout }}|{{ now }}|{{ emit_config("site") }}|{{ emit_config("constructor") }}{% endblock %}',
    'layout.njk': '<html>{% block body %}{% endblock %}</html>',
    'broken.njk': '{{ nothing() }}',
    'sub/over.njk': 'host over',
  });
  writePlugin(root, 'plugins/shop', {
    'index.js': entry(
      { name: 'shop' },
      `{ slots: { sidebar: 'shop/side.njk' }, viewFilters: { shout: (s) => String(s).toUpperCase() }, viewContext: { now: 'NOW', q: 'not this' } }`,
    ),
    'templates/shop/side.njk': '<p>shop:{{ who }}{% include "./part.njk" %}</p>',
    'templates/shop/part.njk': '!',
    'templates/own.njk': 'shop own',
    'templates/layout.njk': 'EVIL {% block body %}{% endblock %}',
  });
  writePlugin(root, 'plugins/blog', {
    'index.js': entry({ name: 'blog' }, `{ slots: { sidebar: 'side.njk' } }`),
    'templates/side.njk': '<p>blog:{{ who }}{% include "./part.njk" %}</p>',
    'templates/part.njk': '?',
    'templates/own.njk': 'blog own',
    'templates/sub/over.njk': 'blog over',
    'templates/nosy.njk': '{% include "../../../views/layout.njk" %}',
    'templates/nosier.njk': '{% include "/etc/hostname" %}',
  });
  const options: PluginKitOptions = {
    directories: [path.join(root, 'plugins')],
    live: true,
    views: { folders: [path.join(root, 'views')] },
    config: { site: '<S>' },
  };
  return { root, options };
}

const WITH_BOTH =
  '<html><h1>&lt;i&gt;</h1><p>blog:&lt;i&gt;?</p><p>shop:&lt;i&gt;!</p>|&lt;I&gt;|NOW|&lt;S&gt;|</html>';
const WITHOUT_SHOP = '<html><h1>&lt;i&gt;</h1><p>blog:&lt;i&gt;?</p>|&lt;i&gt;||&lt;S&gt;|</html>';

describe.each(PLATFORMS)('on %s', (platform) => {
  const boot = (options: PluginKitOptions) => bootApp(options, { platform, controllers: [PagesController] });

  it('renders @Render() with the plugins that are on, the templates of the application first', async () => {
    const { options } = files();
    const { get, registry } = await boot(options);
    const page = await get('/page?q=%3Ci%3E');
    expect(page.body).toBe(WITH_BOTH);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect((await get('/text?q=%3Ci%3E')).body).toBe(WITH_BOTH);

    await registry.disable('shop');
    expect((await get('/page?q=%3Ci%3E')).body).toBe(WITHOUT_SHOP);
    await registry.disable('blog');
    expect((await get('/page?q=%3Ci%3E')).body).toBe('<html><h1>&lt;i&gt;</h1>|&lt;i&gt;||&lt;S&gt;|</html>');
    await registry.enable('shop');
    await registry.enable('blog');
    expect((await get('/page?q=%3Ci%3E')).body).toBe(WITH_BOTH);
  });

  it('finds a template without its ending', async () => {
    const { get } = await boot(files().options);
    expect((await get('/short')).body).toContain('<h1>short</h1>');
  });

  it('answers 500 where a template is missing or throws, and goes on', async () => {
    const { get } = await boot(files().options);
    expect((await get('/gone')).status).toBe(500);
    expect((await get('/broken')).status).toBe(500);
    expect((await get('/page')).status).toBe(200);
  });

  it('looks in the folders of plugins in load order, behind those of the application', async () => {
    const { options } = files();
    const { app, registry } = await boot(options);
    const view = app.get(PluginView);
    expect(view.render('own.njk')).toBe('blog own');
    expect(view.render('shop:own.njk')).toBe('shop own');
    expect(view.render('sub/over.njk')).toBe('host over');
    await registry.disable('blog');
    expect(view.render('own.njk')).toBe('shop own');
    expect(() => view.render('side.njk')).toThrow('There is no template "side.njk"');
  });

  it.each([
    'nosy.njk',
    'nosier.njk',
    '../plugins/shop/index.js',
    '..%2f..%2fpackage.json',
    '/etc/hostname',
    'link.njk',
    'shop:../index.js',
    'a\0b.njk',
    '.',
    '',
  ])('shows nothing outside of the folders of templates: %j', async (name) => {
    const { root, options } = files();
    symlinkSync('/etc/hostname', path.join(root, 'views/link.njk'));
    const { app } = await boot(options);
    const view = app.get(PluginView);
    expect(() => view.render(name)).toThrow(Error);
    expect(() => view.render(decodeURIComponent(name))).toThrow(Error);
  });

  it('shows a request that is under way the plugins that were on when it began', async () => {
    const { get, registry } = await boot(files().options);
    for (const [url, has] of [
      ['/slow', 'shop:slow'],
      ['/slow-page', 'shop:slow'],
    ] as const) {
      let open: () => void = () => undefined;
      const begun = new Promise<void>((resolve) => (begin = resolve));
      gate = new Promise((resolve) => (open = resolve));
      const answer = get(url);
      await begun;
      await registry.disable('shop');
      open();
      expect((await answer).body).toContain(has);
      expect((await get(url)).body).not.toContain('shop');
      await registry.enable('shop');
    }
  });

  it('gives a function under viewContext the request of @Render(), and undefined where there is none', async () => {
    const { root, options } = files();
    writePlugin(root, 'plugins/asks', {
      'index.js': entry(
        { name: 'asks' },
        `{ viewContext: (req) => ({ asked: req ? req.url : 'nothing' }), slots: { sidebar: '[{{ asked }}]' } }`,
      ),
    });
    const { get, app } = await boot(options);
    expect((await get('/page?q=1')).body).toContain('[/page?q=1]');
    expect((await get('/text')).body).toContain('[nothing]');
    expect(app.get(PluginView).emitSlot('sidebar')).toContain('[nothing]');
  });

  it('has values of the handler win over those of plugins', async () => {
    const { root, options } = files();
    writePlugin(root, 'plugins/loud', { 'index.js': entry({ name: 'loud' }, `{ viewContext: { q: 'plugin' } }`) });
    const { get } = await boot(options);
    expect((await get('/page?q=handler')).body).toContain('<h1>handler</h1>');
  });
});

it('leaves the view engine of the application alone, on Express', async () => {
  @Controller()
  class Own {
    @Get('own')
    @Render('own.txt')
    own(): object {
      return { who: 'own' };
    }
    @Get('kit')
    @Render('index.njk')
    kit(): object {
      return { q: 'kit' };
    }
  }
  const { root, options } = files();
  writePlugin(root, 'views', { 'own.txt': '' });
  const { get } = await bootApp(options, {
    controllers: [Own],
    prepare: (app) => {
      const express = app.getHttpAdapter().getInstance() as {
        engine(name: string, render: unknown): void;
        set(name: string, value: unknown): void;
      };
      express.set('views', path.join(root, 'views'));
      express.set('view engine', 'txt');
      express.engine('txt', (_file: string, values: { who: string }, done: (error: unknown, html: string) => void) =>
        done(null, `engine of ${values.who}`),
      );
    },
  });
  expect((await get('/own')).body).toBe('engine of own');
  expect((await get('/kit')).body).toContain('<h1>kit</h1>');
});

it('leaves the view engine of the application alone, on Fastify', async () => {
  const { options } = files();
  const { get } = await bootApp(options, {
    platform: 'fastify',
    controllers: [PagesController],
    prepare: (app) => {
      const plugin = Object.assign(
        (fastify: { decorateReply(name: string, value: unknown): void }, _options: object, done: () => void) => {
          fastify.decorateReply('view', function (this: { send(text: string): unknown }, name: string) {
            return this.send(`engine of ${name}`);
          });
          done();
        },
        { [Symbol.for('skip-override')]: true },
      );
      (app.getHttpAdapter().getInstance() as { register(plugin: unknown): void }).register(plugin);
    },
  });
  expect((await get('/page')).body).toBe('engine of index.njk');
});

it('takes the folder that setBaseViewsDir() was told, on Express', async () => {
  const { root, options } = files();
  const { views: _views, ...rest } = options;
  const { get } = await bootApp(rest, {
    controllers: [PagesController],
    prepare: (app) =>
      (app as unknown as { setBaseViewsDir(folder: string): void }).setBaseViewsDir(path.join(root, 'views')),
  });
  expect((await get('/page?q=%3Ci%3E')).body).toBe(WITH_BOTH);
});
