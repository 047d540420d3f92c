import { expect, it } from 'vitest';

import { untilHealthy } from '#lib/reload/worker-health.js';

it('asks for the health until it is well, and tells each new reason, also that there was no answer within 5 s', async () => {
  const answers = [
    (): boolean => false,
    (): boolean => false,
    (): never => {
      throw new Error('the cache\nis cold');
    },
    (): Promise<never> => Promise.reject(new Error('the database is away')),
    (): Promise<void> => new Promise(() => undefined),
    (): Promise<object> => Promise.resolve({ status: 'ok' }),
  ];
  const reasons: string[] = [];

  await untilHealthy(
    () => answers.shift()?.(),
    (reason) => reasons.push(reason),
  );

  expect(answers).toEqual([]);
  expect(reasons).toEqual([
    'it says false',
    'the cache is cold',
    'the database is away',
    'it has not answered within 5000 ms',
  ]);
});
