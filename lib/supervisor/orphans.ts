import { readFileSync } from 'node:fs';

/**
 * How many processes have ended that nobody can take away: as process 1 of a container, the primary is given the orphans of
 * all others, and Node.js waits only for children that it has started itself. See shell-init.ts for where that can be mended.
 */
export function countEndedOrphans(isOurs: (pid: number) => boolean): number {
  if (process.pid !== 1) return 0;
  try {
    const children = readFileSync('/proc/1/task/1/children', 'utf8').trim().split(' ').filter(Boolean).map(Number);
    return children.filter((pid) => !isOurs(pid) && hasEnded(pid)).length;
  } catch {
    return 0; // nobody can tell
  }
}

function hasEnded(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}
