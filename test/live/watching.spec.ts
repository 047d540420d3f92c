import fs, { rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { bootApp, PLATFORMS } from '../support/boot-app.js';
import { startChild } from '../support/child-app.js';
import { LOADS_LIVE } from '../support/loads-live.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

const shop = { 'index.mjs': entry({ name: 'shop' }, `{ routes: { path: '/shop', handler: () => 'shop' } }`) };

describe.each(PLATFORMS)('on %s', (platform) => {
  it('takes the marker that another process writes, within a second', async () => {
    const directory = newDirectory();
    const folder = writePlugin(directory, 'shop', shop);
    const { get, registry, log } = await bootApp({ directories: [directory], watch: true }, { platform });
    writeFileSync(path.join(folder, 'DISABLED'), '');
    await vi.waitFor(async () => expect((await get('/shop')).status).toBe(404), { timeout: 5000, interval: 20 });
    expect(registry.get('shop').state).toBe('disabled');
    rmSync(path.join(folder, 'DISABLED'));
    await vi.waitFor(async () => expect((await get('/shop')).body).toBe('shop'), { timeout: 5000, interval: 20 });
    expect(log.join('\n')).toContain('shop is disabled by its folder');
  });
});

describe.each(LOADS_LIVE)('on %s', (platform) => {
  it('loads a plugin that was off at the start when another process takes its marker away', async () => {
    const directory = newDirectory();
    const folder = writePlugin(directory, 'shop', { ...shop, DISABLED: '' });
    const { get } = await bootApp({ directories: [directory], watch: true }, { platform });
    expect((await get('/shop')).status).toBe(404);
    rmSync(path.join(folder, 'DISABLED'));
    await vi.waitFor(async () => expect((await get('/shop')).body).toBe('shop'), { timeout: 5000, interval: 20 });
  });

  it('takes in a folder that is dropped into a plugin directory', async () => {
    const directory = newDirectory();
    const { get, registry } = await bootApp({ directories: [directory], watch: true }, { platform });
    expect((await get('/shop')).status).toBe(404);
    writePlugin(directory, 'shop', shop);
    await vi.waitFor(async () => expect((await get('/shop')).body).toBe('shop'), { timeout: 5000, interval: 20 });
    writePlugin(directory, 'broken', { 'index.mjs': 'throw new Error("broken")' });
    await vi.waitFor(() => expect(registry.get('broken').state).toBe('failed'), { timeout: 5000, interval: 20 });
    expect((await get('/shop')).body).toBe('shop');
  });

  it('finds a plugin that has come since when it is asked to enable it', async () => {
    const directory = newDirectory();
    const { get, registry } = await bootApp({ directories: [directory] }, { platform });
    await expect(registry.enable('shop')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    writePlugin(directory, 'shop', shop);
    await registry.enable('shop');
    expect((await get('/shop')).body).toBe('shop');
  });
});

describe('where files cannot be watched', () => {
  it.each([
    ['ENOSPC', /^warn Marker files are not watched: .*ENOSPC.*, raise fs\.inotify\.max_user_watches /],
    ['EMFILE', /^warn Marker files are not watched: .*EMFILE.*, raise fs\.inotify\.max_user_instances /],
  ])('says once that it is so and what helps, serves, and switches by the registry: %s', async (code, line) => {
    const directories = ['shop', 'mail', 'forum'].map((name) => {
      const directory = newDirectory();
      writePlugin(directory, name, {
        'index.mjs': entry({ name }, `{ routes: { path: '/${name}', handler: () => '${name}' } }`),
      });
      return directory;
    });
    refuseWatches(code);
    const { get, registry, log } = await bootApp({ directories, watch: true });
    const told = (): string[] => log.filter((each) => each.includes('not watched'));
    await vi.waitFor(() => expect(told()).not.toEqual([]), { timeout: 5000, interval: 20 });
    expect((await get('/shop')).body).toBe('shop');
    await registry.disable('shop');
    expect((await get('/shop')).status).toBe(404);
    await registry.enable('shop');
    expect((await get('/shop')).body).toBe('shop');
    expect(told()).toEqual([expect.stringMatching(line)]);
  });

  it('says so once, and the process goes on, when several directories cannot even be looked at', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'shop', shop);
    const directories = [directory, ...['a', 'b', 'c'].map((letter) => path.join(directory, letter.repeat(300)))];
    const child = startChild(directory, { platform: 'express', options: { directories, watch: true } });
    expect(await child.told()).toMatchObject({ up: 200, plugins: { shop: 'enabled' } });
    await child.said('not watched');
    expect(await child.ask('disable', 'shop')).toMatchObject({ applied: 'live', state: 'disabled' });
    const { code, out, err } = await child.close();
    expect(code).toBe(0);
    expect((out + err).match(/not watched: .*ENAMETOOLONG/g)).toHaveLength(1);
  });
});

/** From now on, until the test ends, the system has no more watches to give. */
function refuseWatches(code: string): void {
  const watch = vi.spyOn(fs, 'watch').mockImplementation((place) => {
    throw Object.assign(new Error(`${code}: no more of them, watch '${String(place)}'`), { code });
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    watch.mockRestore();
    syncBuiltinESMExports();
  });
}
