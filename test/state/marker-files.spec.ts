import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';

import { decideState } from '#lib/state/decide-state.js';
import { MarkerFiles } from '#lib/state/marker-files.js';
import { describe, expect, it } from 'vitest';

import { newDirectory } from '../support/plugin-folders.js';

const markers = new MarkerFiles();

describe('the state of a plugin', () => {
  it('is told by DISABLED before ENABLED, by the metadata where there is neither, and is enabled otherwise', () => {
    const folder = newDirectory();
    expect(markers.read(folder)).toBeUndefined();
    writeFileSync(path.join(folder, 'ENABLED'), '');
    expect(markers.read(folder)).toBe('enabled');
    writeFileSync(path.join(folder, 'DISABLED'), 'since Tuesday');
    expect(markers.read(folder)).toBe('disabled');

    expect(decideState('enabled', 'disabled')).toBe('enabled');
    expect(decideState('disabled', 'enabled')).toBe('disabled');
    expect(decideState(undefined, 'disabled')).toBe('disabled');
    expect(decideState(undefined)).toBe('enabled');
  });

  it('is disabled by whatever bears the name, be it a folder or a link to nowhere', () => {
    const [asFolder, asLink] = [newDirectory(), newDirectory()];
    mkdirSync(path.join(asFolder, 'DISABLED'));
    symlinkSync('/nowhere/at/all', path.join(asLink, 'DISABLED'));

    expect([markers.read(asFolder), markers.read(asLink)]).toEqual(['disabled', 'disabled']);
  });
});

describe('writing the state', () => {
  it('leaves exactly the one marker, and nothing beside it', async () => {
    const folder = newDirectory();
    await markers.write(folder, 'disabled');
    expect(readdirSync(folder)).toEqual(['DISABLED']);
    await markers.write(folder, 'disabled');
    expect(readdirSync(folder)).toEqual(['DISABLED']);
    await markers.write(folder, 'enabled');
    expect(readdirSync(folder)).toEqual(['ENABLED']);
  });

  it('heals a folder in which a crash left both', async () => {
    const folder = newDirectory();
    for (const name of ['ENABLED', 'DISABLED']) writeFileSync(path.join(folder, name), '');
    await markers.write(folder, 'enabled');
    expect(readdirSync(folder)).toEqual(['ENABLED']);
  });

  it('changes nothing when the old marker cannot be removed', async () => {
    const folder = newDirectory();
    mkdirSync(path.join(folder, 'DISABLED/full'), { recursive: true });

    await expect(markers.write(folder, 'enabled')).rejects.toThrow(/ENOTEMPTY/);

    expect(readdirSync(folder)).toEqual(['DISABLED']);
  });

  it('rejects with the reason when the folder is gone', async () => {
    const folder = newDirectory();
    chmodSync(folder, 0o755);
    rmSync(folder, { recursive: true });
    await expect(markers.write(folder, 'enabled')).rejects.toThrow(/ENOENT/);
  });

  it('takes over a lock whose owner is gone, and waits for one whose owner lives', async () => {
    const folder = newDirectory();
    const lock = path.join(folder, '.pluginkit.lock');
    writeFileSync(lock, `${hostname()}:999999999:1`);
    await markers.write(folder, 'disabled');
    expect(readdirSync(folder)).toEqual(['DISABLED']);

    writeFileSync(lock, 'another-machine:1:1');
    const write = markers.write(folder, 'enabled');
    setTimeout(() => rmSync(lock), 60);
    await write;
    expect(readdirSync(folder)).toEqual(['ENABLED']);
  });

  it(
    'by several processes at once, one of which is killed, leaves exactly one marker',
    { timeout: 30_000 },
    async () => {
      const folder = newDirectory();
      const children = ['enabled', 'disabled', 'enabled', 'disabled'].map((state) =>
        fork(path.join(import.meta.dirname, '../support/toggle-markers.js'), [folder, state], {
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        }),
      );
      const [victim, ...others] = children;
      // Each tells when it has toggled a while; the kill comes at any moment of the victim's work.
      await Promise.all(children.map((child) => once(child, 'message')));
      victim?.kill('SIGKILL');
      let sawNone = false;
      const looking = setInterval(() => {
        const names = readdirSync(folder);
        sawNone ||= !names.includes('ENABLED') && !names.includes('DISABLED');
      }, 0);
      for (const child of others) child.send('stop');
      const codes = await Promise.all(others.map(async (child) => (await once(child, 'exit'))[0] as number));
      clearInterval(looking);

      expect(codes).toEqual([0, 0, 0]);
      expect(sawNone).toBe(false);
      await markers.write(folder, 'enabled'); // whatever the killed one left behind does not stand in the way
      expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual(['ENABLED']);
      expect(existsSync(path.join(folder, '.pluginkit.lock'))).toBe(false);
    },
  );
});
