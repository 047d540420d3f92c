import { createHash, randomUUID } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { isGone, ownIdentity } from './process-identity.js';

const LOCK = '.pluginkit.lock';
/** How long to wait for another process, in ms. Its work takes one or two. */
const PATIENCE = 5000;

/**
 * Runs something while no other process does so in the same folder. Each of its calls of the file system takes some microseconds, and ten
 * times as long by way of a promise; it waits only where another process has the lock.
 * A lock is stale only when its owner is known to be gone: by process number and start time, never by age,
 * since a busy process is not a dead one.
 * @throws Error when another process keeps the lock for five seconds; the file system's error when none can be made
 */
export async function withFolderLock<T>(folder: string, work: () => T | Promise<T>): Promise<T> {
  const lock = path.join(folder, LOCK);
  const mine = `${lock}.${randomUUID()}`;
  // The last part makes it one of a kind: a lock that looks like this one is this one.
  const owner = `${ownIdentity()}:${randomUUID()}`;
  try {
    // Written elsewhere and then linked: a lock is never seen without its owner's name in it.
    writeFileSync(mine, owner, { flag: 'wx' });
    if (!linked(mine, lock)) await take(lock, mine, owner);
    try {
      return await work();
    } finally {
      if (ownerOf(lock) === owner) removeFile(lock);
    }
  } finally {
    removeFile(mine);
  }
}

async function take(lock: string, mine: string, owner: string): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    if (linked(mine, lock)) return;
    const holder = ownerOf(lock);
    if (holder === undefined) continue; // released in between
    if (isGone(holder) && takeOver(lock, mine, holder)) {
      sweep(lock, owner);
      return;
    }
    if (performance.now() > deadline)
      throw new Error(`another process (${holder}) holds ${lock}; if it is gone, delete that file`);
    await pause(1 + Math.random() * 4);
  }
}

/**
 * Replaces the lock of a dead owner by one's own. Only one process may: the one whose claim on that very owner is the first.
 * Where the claimant has died as well, the claim is on both of them.
 */
function takeOver(lock: string, mine: string, dead: string): boolean {
  for (let name = dead; ;) {
    const claim = `${lock}.${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
    if (linked(mine, claim)) {
      const isStill = ownerOf(lock) === dead;
      if (isStill)
        renameSync(claim, lock); // at once, and the claim is gone with it
      else removeFile(claim);
      return isStill;
    }
    const claimant = ownerOf(claim);
    if (claimant === undefined || !isGone(claimant)) return false;
    name += claimant;
  }
}

/** Deletes what dead processes left lying beside the lock. */
function sweep(lock: string, owner: string): void {
  const folder = path.dirname(lock);
  for (const name of readdirSync(folder).filter((each) => each.startsWith(`${LOCK}.`))) {
    const holder = ownerOf(path.join(folder, name));
    if (holder !== undefined && holder !== owner && isGone(holder)) removeFile(path.join(folder, name));
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function ownerOf(lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return undefined;
  }
}

/** Deletes a file, if it is there. `rmSync()` looks at it before, and tries again. */
export function removeFile(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
