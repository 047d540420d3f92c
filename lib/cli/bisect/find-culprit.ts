/** Which of a row is the culprit, and how many runs it took to know. */
export interface Culprit<T> {
  /** Undefined where all together do no harm. */
  readonly culprit: T | undefined;
  readonly runs: number;
}

/**
 * Finds the first of a row with which a test fails, by halves: at most ⌈log2(n)⌉ + 1 runs.
 * @param row each behind those that it needs, so that every beginning of it can stand by itself
 * @param fails whether the test fails with these alone
 */
export async function findCulprit<T>(
  row: readonly T[],
  fails: (some: readonly T[]) => Promise<boolean>,
): Promise<Culprit<T>> {
  if (row.length === 0 || !(await fails(row))) return { culprit: undefined, runs: row.length === 0 ? 0 : 1 };
  let runs = 1;
  let passing = 0; // with so many it passes: with none, as far as is known
  let failing = row.length;
  while (failing - passing > 1) {
    const half = Math.floor((passing + failing) / 2);
    runs++;
    if (await fails(row.slice(0, half))) failing = half;
    else passing = half;
  }
  return { culprit: row[failing - 1], runs };
}
