import { performance } from 'node:perf_hooks';

import { describeThrown } from '../plugin/printable.js';

/** However busy the process is with other things, nothing gets more than this many times its limit. */
const MOST_PATIENCE = 5;

/** What {@link withTimeLimit} throws when the time is up. One for all: an error with a stack would be made for nothing most of the time. */
export const TIME_IS_UP = Symbol('nestjs-pluginkit:time-is-up');

/**
 * Waits for work, but no longer than a limit. Time in which the process computes does not count against it: when a thousand
 * plugins are imported side by side, each would otherwise be charged for the other 999.
 * The timer keeps the process alive: while something never settles, Node.js would otherwise leave with code 0 or 13.
 * @param limit in ms
 * @throws TIME_IS_UP when the time is up; the work itself cannot be stopped
 */
export async function withTimeLimit<T>(work: () => T | Promise<T>, limit: number): Promise<T> {
  const result = work();
  if (!isThenable(result)) return result;
  let timer: NodeJS.Timeout | undefined;
  try {
    const timeIsUp = new Promise<never>((_, reject) => {
      const begun = performance.now();
      const idleBefore = performance.eventLoopUtilization().idle;
      const check = (): void => {
        const left = limit - (performance.eventLoopUtilization().idle - idleBefore);
        // eslint-disable-next-line typescript/prefer-promise-reject-errors -- see TIME_IS_UP
        if (left <= limit / 10 || performance.now() - begun > limit * MOST_PATIENCE) reject(TIME_IS_UP);
        else timer = setTimeout(check, left);
      };
      timer = setTimeout(check, limit);
    });
    return await Promise.race([result, timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}

function isThenable(value: unknown): boolean {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && 'then' in value;
}

/** What an error tells of work that threw or took too long: one that took too long has no cause. */
export function faultOf(
  thrown: unknown,
  limit: number,
): { code: 'MODULE_FAILED' | 'MODULE_TIMEOUT'; told: string; cause?: unknown } {
  return thrown === TIME_IS_UP
    ? { code: 'MODULE_TIMEOUT', told: `it took longer than ${limit} ms` }
    : { code: 'MODULE_FAILED', told: describeThrown(thrown), cause: thrown };
}
