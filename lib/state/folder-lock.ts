import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const LOCK = '.pluginkit.lock';
/** How long to wait for another process, in ms. Its work takes one or two. */
const PATIENCE = 5000;

/**
 * Runs something while no other process does so in the same folder.
 * A lock is stale only when its owner is known to be gone: by process number and start time, never by age,
 * since a busy process is not a dead one.
 * @throws Error when another process keeps the lock for five seconds; the file system's error when none can be made
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = path.join(folder, LOCK);
  const mine = `${lock}.${randomUUID()}`;
  const owner = `${hostname()}:${process.pid}:${startTimeOf(process.pid) ?? ''}`;
  try {
    // Written elsewhere and then linked: a lock is never seen without its owner's name in it.
    await writeFile(mine, owner, { flag: 'wx' });
    await take(lock, mine);
    try {
      return await work();
    } finally {
      await rm(lock, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

async function take(lock: string, mine: string): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      await link(mine, lock);
      return;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const owner = await readFile(lock, 'utf8').catch(() => undefined);
    if (owner === undefined) continue; // released in between
    if (isGone(owner)) await breakLock(lock, owner);
    else if (performance.now() > deadline)
      throw new Error(`another process (${owner}) holds ${lock}; if it is gone, delete that file`);
    else await pause(1 + Math.random() * 4);
  }
}

/** Moves the lock away, and back again if it turns out to be another one by now. */
async function breakLock(lock: string, stale: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, aside);
  } catch {
    return; // another process was quicker
  }
  if ((await readFile(aside, 'utf8').catch(() => stale)) !== stale) await link(aside, lock).catch(() => undefined);
  await rm(aside, { force: true });
}

/** Where it cannot be known (another machine, no /proc), the owner counts as alive. */
function isGone(owner: string): boolean {
  const [host, pid, startTime] = owner.split(':');
  if (host !== hostname() || !existsSync('/proc/self/stat')) return false;
  return startTimeOf(Number(pid)) !== startTime;
}

/** When a process began, in clock ticks since the machine did: with its number, it names one process for ever. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the last bracket: a process may be called `a) R 1 (b`.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
