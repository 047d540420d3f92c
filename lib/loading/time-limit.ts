import { performance } from 'node:perf_hooks';

/** However busy the process is with other things, nothing gets more than this many times its limit. */
const MOST_PATIENCE = 5;

/**
 * Waits for work, but no longer than a limit. Time in which the process computes does not count against it: when a thousand
 * plugins are imported side by side, each would otherwise be charged for the other 999.
 * The timer keeps the process alive: while something never settles, Node.js would otherwise leave with code 0 or 13.
 * @param limit in ms
 * @throws what `late` returns, when the time is up; the work itself cannot be stopped
 */
export async function withTimeLimit<T>(work: () => T | Promise<T>, limit: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const timeIsUp = new Promise<never>((_, reject) => {
      const begun = performance.now();
      const idleBefore = performance.eventLoopUtilization().idle;
      const check = (): void => {
        const left = limit - (performance.eventLoopUtilization().idle - idleBefore);
        if (left <= limit / 10 || performance.now() - begun > limit * MOST_PATIENCE) reject(late());
        else timer = setTimeout(check, left);
      };
      timer = setTimeout(check, limit);
    });
    return await Promise.race([work(), timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}
