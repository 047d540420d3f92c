import { createHash, randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { isGone, ownIdentity } from './process-identity.js';

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
  // The last part makes it one of a kind: a lock that looks like this one is this one.
  const owner = `${ownIdentity()}:${randomUUID()}`;
  try {
    // Written elsewhere and then linked: a lock is never seen without its owner's name in it.
    await writeFile(mine, owner, { flag: 'wx' });
    await take(lock, mine, owner);
    try {
      return await work();
    } finally {
      if ((await ownerOf(lock)) === owner) await rm(lock, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

async function take(lock: string, mine: string, owner: string): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    if (await linked(mine, lock)) return;
    const holder = await ownerOf(lock);
    if (holder === undefined) continue; // released in between
    if (isGone(holder) && (await takeOver(lock, mine, holder))) {
      await sweep(lock, owner);
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
async function takeOver(lock: string, mine: string, dead: string): Promise<boolean> {
  for (let name = dead; ;) {
    const claim = `${lock}.${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
    if (await linked(mine, claim)) {
      const isStill = (await ownerOf(lock)) === dead;
      if (isStill)
        await rename(claim, lock); // at once, and the claim is gone with it
      else await rm(claim, { force: true });
      return isStill;
    }
    const claimant = await ownerOf(claim);
    if (claimant === undefined || !isGone(claimant)) return false;
    name += claimant;
  }
}

/** Deletes what dead processes left lying beside the lock. */
async function sweep(lock: string, owner: string): Promise<void> {
  const folder = path.dirname(lock);
  const left = (await readdir(folder)).filter((name) => name.startsWith(`${LOCK}.`));
  for (const name of left) {
    const holder = await ownerOf(path.join(folder, name));
    if (holder !== undefined && holder !== owner && isGone(holder)) await rm(path.join(folder, name), { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function ownerOf(lock: string): Promise<string | undefined> {
  return readFile(lock, 'utf8').catch(() => undefined);
}
