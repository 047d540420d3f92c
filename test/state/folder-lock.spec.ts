import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { withFolderLock } from '#lib/state/folder-lock.js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { newDirectory } from '../support/plugin-folders.js';

/** A folder with a lock that a process left behind when it was killed. */
function folderWithDeadLock(): string {
  const folder = newDirectory();
  writeFileSync(path.join(folder, '.pluginkit.lock'), `${hostname()}:999999999:1`);
  return folder;
}

/** Has the next rename() take its time, before it does anything and behind it, as on a busy machine. */
function slowDownNextRename(ms: number): void {
  const { rename } = fsPromises;
  const spy = vi.spyOn(fsPromises, 'rename').mockImplementationOnce(async (from, to) => {
    await pause(ms);
    await rename(from, to);
    await pause(ms);
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    spy.mockRestore();
    syncBuiltinESMExports();
  });
}

/** Takes the lock of a folder, and writes down whatever shows that it was not alone. */
function takers(folder: string): { take(name: string, ms: number): Promise<void>; wrong: string[]; done: string[] } {
  const inside = new Set<string>();
  const wrong: string[] = [];
  const done: string[] = [];
  const check = (): void => {
    if (inside.size > 1) wrong.push(`inside at the same time: ${[...inside].join(', ')}`);
    if (inside.size > 0 && !existsSync(path.join(folder, '.pluginkit.lock')))
      wrong.push(`${[...inside].join(', ')} inside without a lock`);
  };
  return {
    wrong,
    done,
    take: async (name, ms) => {
      await withFolderLock(folder, async () => {
        inside.add(name);
        check();
        await pause(ms);
        check();
        inside.delete(name);
        check();
      });
      check(); // the one who leaves takes only a lock of its own away
      done.push(name);
    },
  };
}

describe('the lock of a folder', () => {
  it('is held by one at a time, also when its owner is dead and one of those who notice is slow', async () => {
    const folder = folderWithDeadLock();
    const { take, wrong, done } = takers(folder);
    slowDownNextRename(100);

    const one = take('one', 10);
    await pause(20);
    const two = take('two', 300);
    await pause(110);
    const three = take('three', 600);
    await Promise.all([one, two, three]);

    expect(wrong).toEqual([]);
    expect(done).toHaveLength(3);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is held by one at a time when many find it dead at once', async () => {
    const folder = folderWithDeadLock();
    const { take, wrong, done } = takers(folder);

    await Promise.all(Array.from({ length: 12 }, (_, number) => take(`taker ${number}`, 5)));

    expect(wrong).toEqual([]);
    expect(done).toHaveLength(12);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is given back when the work under it throws', async () => {
    const folder = newDirectory();

    await expect(withFolderLock(folder, () => Promise.reject(new Error('no')))).rejects.toThrow('no');

    expect(readdirSync(folder)).toEqual([]);
    expect(await withFolderLock(folder, () => Promise.resolve('mine'))).toBe('mine');
  });
});
