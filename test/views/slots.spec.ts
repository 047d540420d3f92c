import { symlinkSync } from 'node:fs';
import path from 'node:path';

import { PluginView, type PluginKitOptions } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, failures } from '../support/boot-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

const inline = (name: string, slots: Record<string, unknown>, state: 'enabled' | 'disabled' = 'enabled') =>
  ({ name, author: 'Ada', version: '1.0.0', state, register: () => ({ slots }) }) as NonNullable<
    PluginKitOptions['plugins']
  >[number];

async function viewOf(options: PluginKitOptions) {
  const running = await bootApp({ directories: [], live: true, ...options });
  return { ...running, view: running.app.get(PluginView) };
}

describe('a slot', () => {
  it('has files first, then inline templates, each by order, then as their plugins are loaded', async () => {
    const directory = newDirectory();
    const files = { 'templates/side.html': '<file-{{ n }}>', 'index.js': '' };
    writePlugin(directory, 'b', {
      ...files,
      'index.js': entry({ name: 'b' }, `{ slots: { side: 'side.html' } }`),
      'templates/side.html': 'b-file ',
    });
    writePlugin(directory, 'a', {
      ...files,
      'index.js': entry({ name: 'a' }, `{ slots: { side: { template: 'side.html', order: 10 } } }`),
      'templates/side.html': 'a-file ',
    });
    writePlugin(directory, 'c', {
      'index.js': entry({ name: 'c' }, `{ slots: { side: { template: 'side.html', order: 2 } } }`),
      'templates/side.html': 'c-file ',
    });
    const { view } = await viewOf({
      directories: [directory],
      plugins: [
        inline('z', { side: { html: 'z ', order: -1 } }),
        inline('y', { side: 'y ' }),
        inline('x', { side: 'x ' }),
      ],
    });
    expect(view.emitSlot('side')).toBe('b-file c-file a-file z x y ');
    expect(view.emitSlot('side', {}, 'file')).toBe('b-file c-file a-file ');
    expect(view.emitSlot('side', {}, 'inline')).toBe('z x y ');
  });

  it('is empty where no plugin knows it, whatever it is called', async () => {
    const { view } = await viewOf({ plugins: [inline('a', { side: 'x' })] });
    expect(view.emitSlot('other')).toBe('');
    expect(view.emitSlot('__proto__')).toBe('');
    expect(view.emitSlot('constructor')).toBe('');
  });

  it('escapes the values it is given, and no "@" in an inline template cuts it', async () => {
    const { view } = await viewOf({ plugins: [inline('a', { side: 'mail me@example.org {{ who }}' })] });
    expect(view.emitSlot('side', { who: '<b>"&\'' })).toBe('mail me@example.org &lt;b&gt;&quot;&amp;&#39;');
  });

  it('leaves out the piece of a plugin that throws, and tells whose it is', async () => {
    const { view, log } = await viewOf({
      plugins: [
        inline('good', { side: 'good' }),
        inline('bad', { side: '{{ boom() }}' }),
        inline('worse', { side: '{% if %}' }),
      ],
    });
    expect(
      view.emitSlot('side', {
        boom: () => {
          throw new Error('broken\nheart');
        },
      }),
    ).toBe('good');
    expect(log.join('\n')).toMatch(/error bad: its part of the slot "side" was left out: .*broken heart/);
    expect(log.join('\n')).toMatch(/error worse: its part of the slot "side" was left out/);
  });

  it('does not go round in circles', async () => {
    const { view } = await viewOf({
      plugins: [inline('a', { side: 'a{{ emit_tep("side") }}' }), inline('b', { side: 'b{{ emit_tep("side") }}' })],
    });
    expect(view.emitSlot('side')).toBe('abba');
  });

  it('has only the pieces of plugins that are on, from one call to the next', async () => {
    const { view, registry } = await viewOf({ plugins: [inline('a', { side: 'a' }), inline('b', { side: 'b' })] });
    expect(view.emitSlot('side')).toBe('ab');
    await registry.disable('a');
    expect(view.emitSlot('side')).toBe('b');
    await registry.enable('a');
    expect(view.emitSlot('side')).toBe('ab');
  });

  it('is rendered with a thousand plugins in less than 50 ms', async () => {
    const plugins = Array.from({ length: 1000 }, (_, n) => inline(`p${n}`, { side: `<li>${n} {{ who }}</li>` }));
    const { view } = await viewOf({ plugins });
    const html = view.emitSlot('side', { who: 'x' });
    expect(html.match(/<li>/g)).toHaveLength(1000);
    const times = Array.from({ length: 5 }, () => {
      const begun = performance.now();
      view.emitSlot('side', { who: 'y' });
      return performance.now() - begun;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });

  it.each([
    ['no object', '7', 'slots must be an object'],
    ['a list', '[]', 'slots must be an object'],
    ['a number for a slot', '{ side: 7 }', 'that of "side" is a number'],
    ['neither file nor template', '{ side: { order: 1 } }', 'has neither'],
    ['both', '{ side: { template: "a.html", html: "b" } }', 'has both'],
    ['an order that is no number', '{ side: { html: "b", order: "10" } }', 'needs an order that is a number'],
    ['an unknown key', '{ side: { html: "b", oder: 1 } }', '"oder"'],
  ])('of the wrong shape fails the plugin: %s', async (_what, slots, message) => {
    const directory = newDirectory();
    writePlugin(directory, 'wrong', { 'index.js': entry({ name: 'wrong' }, `{ slots: ${slots} }`) });
    const { registry } = await viewOf({ directories: [directory] });
    const plugin = registry.get('wrong');
    expect(plugin).toMatchObject({ state: 'failed', error: { code: 'EXTENSION_INVALID', field: 'slots' } });
    expect(plugin.state === 'failed' && plugin.error.message).toContain(message);
  });

  it('names every template file that is missing', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'gone', {
      'index.js': entry({ name: 'gone' }, `{ slots: { head: 'head.html', side: { template: 'no/side.txt' } } }`),
    });
    const { registry } = await viewOf({ directories: [directory], plugins: [inline('value', { side: 'a.html' })] });
    expect(failures(registry)).toEqual({ gone: 'TEMPLATE_NOT_FOUND', value: 'TEMPLATE_NOT_FOUND' });
    const plugin = registry.get('gone');
    expect(plugin.state === 'failed' && plugin.error).toMatchObject({
      field: 'slots',
      file: path.join(directory, 'gone/templates'),
    });
    expect(plugin.state === 'failed' && plugin.error.message).toContain(
      '"head.html" for "head", "no/side.txt" for "side"',
    );
  });

  it.each([
    '../secret.html',
    '/etc/hosts.html',
    'a/../../secret.html',
    'link.html',
    'C:\\secret.html',
    '..\\secret.html',
  ])('does not show a file outside of the templates of its plugin: %s', async (name) => {
    const directory = newDirectory();
    const folder = writePlugin(directory, 'nosy', {
      'index.js': entry({ name: 'nosy' }, `{ slots: { side: ${JSON.stringify(name)} } }`),
      'templates/a/ok.html': '',
      'secret.html': 'secret',
    });
    symlinkSync('../secret.html', path.join(folder, 'templates/link.html'));
    const { registry } = await viewOf({ directories: [directory] });
    expect(failures(registry)).toEqual({ nosy: 'PATH_ESCAPE' });
  });

  it.each(['templates', 'static'])('does not follow a folder %s that leads out of the plugin', async (name) => {
    const directory = newDirectory();
    const elsewhere = newDirectory();
    const folder = writePlugin(directory, 'nosy', { 'index.js': entry({ name: 'nosy' }) });
    symlinkSync(elsewhere, path.join(folder, name));
    const { registry } = await viewOf({ directories: [directory] });
    expect(failures(registry)).toEqual({ nosy: 'PATH_ESCAPE' });
  });
});
