import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it, vi } from 'vitest';

import { bootApp, PLATFORMS } from '../support/boot-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

function directoryOfTwo(): string {
  const directory = newDirectory();
  for (const name of ['one', 'two'])
    writePlugin(directory, name, {
      'index.js': entry(
        { name },
        `{ routes: { path: '/${name}', handler: () => '${name}' } }`,
        `globalThis.ran = true;`,
      ),
    });
  return directory;
}

const inline = { name: 'inline', author: 'Ada', version: '1.0.0', register: () => ({}) };

describe.each(PLATFORMS)('row 76: in safe mode, on %s,', (platform) => {
  it('the application runs and no plugin does, by the environment', async () => {
    vi.stubEnv('PLUGINKIT_SAFE_MODE', '1');
    const { registry, get, log } = await bootApp({ directories: [directoryOfTwo()], plugins: [inline] }, { platform });
    expect((await get('/host')).body).toBe('host');
    expect((await get('/one')).status).toBe(404);
    expect(registry.all().map(({ name, state }) => [name, state])).toEqual([
      ['inline', 'disabled'],
      ['one', 'disabled'],
      ['two', 'disabled'],
    ]);
    expect(registry.get('one')).toMatchObject({ reason: 'safe mode' });
    expect(Reflect.has(globalThis, 'ran')).toBe(false);
    expect(log.filter((line) => line.startsWith('warn'))).toEqual([
      'warn Safe mode (PLUGINKIT_SAFE_MODE is set): no plugin runs. Take that away and start again to have them back.',
    ]);
  });

  it('the application runs and no plugin does, by a file in the first plugin directory', async () => {
    const directory = directoryOfTwo();
    writeFileSync(path.join(directory, 'SAFE_MODE'), '');
    const { registry } = await bootApp({ directories: [directory] }, { platform });
    expect(registry.report()).toMatchObject({ enabled: 0, disabled: 2, failed: 0 });
    expect(registry.report().plugins[0]).toMatchObject({ name: 'one', state: 'disabled', reason: 'safe mode' });
    rmSync(path.join(directory, 'SAFE_MODE'));
    const again = await bootApp({ directories: [directory] }, { platform });
    expect((await again.get('/one')).body).toBe('one');
    Reflect.deleteProperty(globalThis, 'ran');
  });

  it('plugins are switched for the next start', async () => {
    vi.stubEnv('PLUGINKIT_SAFE_MODE', '1');
    const directory = directoryOfTwo();
    const { registry } = await bootApp({ directories: [directory], live: true }, { platform });
    const reason = 'the application runs in safe mode';
    expect(await registry.disable('one')).toMatchObject({ applied: 'on-reload', state: 'disabled', reason });
    expect(existsSync(path.join(directory, 'one', 'DISABLED'))).toBe(true);
    expect(await registry.enable('two')).toMatchObject({ applied: 'on-reload', state: 'enabled', reason });
    expect(existsSync(path.join(directory, 'two', 'ENABLED'))).toBe(true);
    expect(await registry.enable('two')).toMatchObject({ applied: 'unchanged' });
  });
});

it.each(['0', 'false', ''])('PLUGINKIT_SAFE_MODE=%s is no safe mode', async (value) => {
  vi.stubEnv('PLUGINKIT_SAFE_MODE', value);
  const { registry } = await bootApp({ directories: [directoryOfTwo()] });
  expect(registry.enabled()).toHaveLength(2);
  Reflect.deleteProperty(globalThis, 'ran');
});
