import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it, vi } from 'vitest';

import { bootApp, PLATFORMS } from '../support/boot-app.js';
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

it('says once that it cannot watch, and goes on', async () => {
  const directory = newDirectory();
  writePlugin(directory, 'shop', shop);
  const file = path.join(directory, 'file');
  writeFileSync(file, '');
  const { get, log } = await bootApp({ directories: [directory, path.join(file, 'below-a-file')], watch: true });
  expect((await get('/shop')).body).toBe('shop');
  expect(log.filter((line) => line.includes('not watched')).length).toBeLessThanOrEqual(1);
});
