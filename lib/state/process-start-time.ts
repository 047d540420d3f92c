import { readFileSync } from 'node:fs';

/** When a process began, in clock ticks since the machine did: with its number, it names one process for ever. */
export function startTimeOf(pid: number, proc = '/proc'): string | undefined {
  try {
    const stat = readFileSync(`${proc}/${pid}/stat`, 'utf8');
    // Behind the last bracket: a process may be called `a) R 1 (b`.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
