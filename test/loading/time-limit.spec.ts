import { setTimeout as pause } from 'node:timers/promises';

import { TIME_IS_UP, withTimeLimit } from '#lib/loading/time-limit.js';
import { describe, expect, it } from 'vitest';

describe('a time limit', () => {
  it('gives what the work gives, and what it throws', async () => {
    await expect(withTimeLimit(() => 7, 100)).resolves.toBe(7);
    await expect(withTimeLimit(() => Promise.reject(new Error('own')), 100)).rejects.toThrow('own');
    await expect(
      withTimeLimit(() => {
        throw new Error('sync');
      }, 100),
    ).rejects.toThrow('sync');
  });

  it('ends the waiting for work that never settles', async () => {
    await expect(withTimeLimit(() => new Promise(() => {}), 50)).rejects.toBe(TIME_IS_UP);
  });

  it('does not charge work for the time in which the process computes', async () => {
    const slow = withTimeLimit(() => pause(120, 'done'), 100);
    const hog = (async (): Promise<void> => {
      for (let round = 0; round < 10; round++) {
        const end = performance.now() + 30;
        while (performance.now() < end);
        await pause(1);
      }
    })();

    // 300 ms of computing for others: without them 120 ms would have been too long for 100.
    await expect(slow).resolves.toBe('done');
    await hog;
  });
});
