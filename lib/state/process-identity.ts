import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';

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

/** When a process began, in clock ticks since the machine did. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the last bracket: a process may be called `a) R 1 (b`.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Without /proc. Signal 0 is none: it only asks. */
function isAlive(pid: number): boolean {
  try {
    return pid > 1 && process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
