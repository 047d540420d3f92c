import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { bootApp } from '../support/boot-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

const shop = { 'index.mjs': entry({ name: 'shop' }, `{ routes: { path: '/shop', handler: () => 'shop' } }`) };
const marks = (folder: string): string[] =>
  ['ENABLED', 'DISABLED'].filter((each) => existsSync(path.join(folder, each)));

it.each([
  ['disable', 'disabled'],
  ['enable', 'enabled'],
])('a crash between the marker and the application is healed by the next start: %s', async (verb, state) => {
  const directory = newDirectory();
  const before = verb === 'enable' ? { DISABLED: '' } : {};
  const folder = writePlugin(directory, 'shop', { ...shop, ...before });
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, '../support/crash-after-marker.js'), directory, verb],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  expect(marks(folder)).toEqual([state.toUpperCase()]);

  const { registry, get } = await bootApp({ directories: [directory] });
  expect(registry.get('shop').state).toBe(state);
  expect((await get('/shop')).status).toBe(state === 'enabled' ? 200 : 404);
});

/** A file system of 64 KiB, where this machine lets us have one. */
function smallDisk(): string | undefined {
  const place = mkdtempSync(path.join(tmpdir(), 'pluginkit-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,nr_inodes=64', 'tmpfs', place], { stdio: 'ignore' });
    return place;
  } catch {
    rmSync(place, { recursive: true });
    return undefined;
  }
}

const probe = smallDisk();
// eslint-disable-next-line vitest/no-conditional-tests -- where no file system can be mounted, there is nothing to test on
if (probe !== undefined) {
  execFileSync('umount', [probe]);
  rmSync(probe, { recursive: true });

  it.each([
    ['full', (disk: string) => fill(path.join(disk, 'ballast'))],
    ['read-only', (disk: string) => execFileSync('mount', ['-o', 'remount,ro', disk])],
  ])('on a disk that is %s nothing changes', async (_what, spoil) => {
    const disk = smallDisk() ?? '';
    onTestFinished(() => {
      execFileSync('umount', ['-l', disk]);
      rmSync(disk, { recursive: true, force: true });
    });
    const directory = path.join(disk, 'plugins');
    mkdirSync(directory);
    const folder = writePlugin(directory, 'shop', shop);
    const off = writePlugin(directory, 'off', { 'index.mjs': entry({ name: 'off' }), DISABLED: '' });
    const { registry, get } = await bootApp({ directories: [directory] });
    spoil(disk);
    await expect(registry.disable('shop')).rejects.toMatchObject({ code: 'STATE_WRITE_FAILED', plugin: 'shop' });
    await expect(registry.enable('off')).rejects.toMatchObject({ code: 'STATE_WRITE_FAILED', plugin: 'off' });
    expect((await get('/shop')).body).toBe('shop');
    expect([registry.get('shop').state, registry.get('off').state]).toEqual(['enabled', 'disabled']);
    expect([marks(folder), marks(off)]).toEqual([[], ['DISABLED']]);
  });
}

function fill(file: string): void {
  try {
    for (;;) appendFileSync(file, Buffer.alloc(1024));
  } catch {
    // no space is left
  }
  try {
    for (let n = 0; ; n += 1) appendFileSync(`${file}${n}`, ''); // nor one for another name
  } catch {
    // none
  }
}
