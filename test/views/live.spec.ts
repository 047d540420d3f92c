import { PluginView } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, PLATFORMS } from '../support/boot-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

describe.each(PLATFORMS)('on %s', (platform) => {
  it('a plugin that was off when the application started brings slots, filters and files when it is enabled', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'late', {
      'index.js': entry(
        { name: 'late' },
        `{ slots: { side: 'late.html' }, viewFilters: { shout: (s) => s.toUpperCase() } }`,
      ),
      'templates/late.html': '{{ "late" | shout }}',
      'static/a.css': 'late',
      DISABLED: '',
    });
    const { app, registry, get } = await bootApp({ directories: [directory], live: true }, { platform });
    const view = app.get(PluginView);
    expect(view.emitSlot('side')).toBe('');
    expect((await get('/assets/late/a.css')).status).toBe(404);

    expect(await registry.enable('late')).toMatchObject({ applied: 'live' });
    expect(view.emitSlot('side')).toBe('LATE');
    expect(await get('/assets/late/a.css')).toMatchObject({ status: 200, body: 'late' });
    expect(registry.get('late')).toMatchObject({ contributions: { slots: 1, viewFilters: 1, assets: 1 } });

    await registry.disable('late');
    expect(view.emitSlot('side')).toBe('');
    expect((await get('/assets/late/a.css')).status).toBe(404);
  });

  it('a plugin that is upgraded brings its new templates', async () => {
    const directory = newDirectory();
    const version = (number: string) => ({
      'index.js': entry({ name: 'news', version: number }, `{ slots: { side: 'news.html' } }`),
      'templates/news.html': `news ${number}`,
    });
    writePlugin(directory, 'news', version('1.0.0'));
    const { app, registry } = await bootApp({ directories: [directory], live: true }, { platform });
    const view = app.get(PluginView);
    expect(view.emitSlot('side')).toBe('news 1.0.0');
    writePlugin(directory, 'news', version('2.0.0'));
    expect(await registry.upgrade('news')).toMatchObject({ applied: 'live' });
    expect(view.emitSlot('side')).toBe('news 2.0.0');
    await registry.unload('news');
    expect(view.emitSlot('side')).toBe('');
  });

  it('a plugin whose template is missing when it is enabled stays out', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'late', {
      'index.js': entry({ name: 'late' }, `{ slots: { side: 'late.html' } }`),
      DISABLED: '',
    });
    const { app, registry } = await bootApp({ directories: [directory], live: true }, { platform });
    await expect(registry.enable('late')).rejects.toMatchObject({ code: 'TEMPLATE_NOT_FOUND', plugin: 'late' });
    expect(app.get(PluginView).emitSlot('side')).toBe('');
  });
});
