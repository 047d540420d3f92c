import { existsSync } from 'node:fs';
import { hostname } from 'node:os';

import { startTimeOf } from './process-start-time.js';

/** Names this process for ever: its machine, its number, and when it began, since numbers come again. */
export function ownIdentity(): string {
  return `${hostname()}:${process.pid}:${startTimeOf(process.pid) ?? ''}`;
}

/**
 * Whether a process has ended, for sure.
 * @param identity as {@link ownIdentity} made it; what stands behind another colon is not looked at
 * @returns false where it cannot be known: on another machine, or by its number alone
 */
export function isGone(identity: string): boolean {
  const [host, pid, startTime] = identity.split(':');
  if (host !== hostname()) return false;
  if (existsSync('/proc/self/stat')) return startTimeOf(Number(pid)) !== startTime;
  return !isAlive(Number(pid));
}

/** Whether a process runs on this machine, so that nothing else can know more of it than this one. */
export function isOfThisMachine(identity: string): boolean {
  return identity.split(':')[0] === hostname();
}

/** Without /proc. Signal 0 is none: it only asks. */
function isAlive(pid: number): boolean {
  try {
    return pid > 1 && process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
