import { describe, expect, it } from 'vitest';

import { Crashes } from '#lib/supervisor/crashes.js';

const MINUTE = 60_000;

function crashesAt(): { crashes: Crashes; pass(milliseconds: number): void } {
  let now = 0;
  return { crashes: new Crashes(() => now), pass: (milliseconds) => (now += milliseconds) };
}

describe('row 71: the deaths of workers', () => {
  it('make the next start wait 1, 2, 4 … 30 s, and 1 s again after five quiet minutes', () => {
    const { crashes, pass } = crashesAt();
    pass(6 * MINUTE);
    const delays = Array.from({ length: 7 }, () => {
      crashes.note();
      return crashes.nextDelay();
    });
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(crashes.areTooMany).toBe(false);

    pass(5 * MINUTE);
    expect(crashes.nextDelay()).toBe(0);
    crashes.note();
    expect(crashes.nextDelay()).toBe(1000);
  });

  it('are too many when there are three within the first five minutes', () => {
    const { crashes, pass } = crashesAt();
    for (const expected of [false, false, true]) {
      pass(MINUTE);
      crashes.note();
      expect(crashes.areTooMany).toBe(expected);
    }
    pass(3 * MINUTE);
    expect(crashes.areTooMany).toBe(false);
  });
});
