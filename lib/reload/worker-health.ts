import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { TIME_IS_UP, withTimeLimit } from '../loading/time-limit.js';
import { describeThrown } from '../plugin/printable.js';

/**
 * Tells whether a worker of `pluginkit serve` is fit to take requests. It is not while this returns or resolves to `false`, throws, or rejects:
 * the error tells why. All else says that it is fit.
 */
export type HealthCheck = () => unknown;

/** How long one answer may take, and how long it is until the next time. In ms. */
const ANSWER_LIMIT = 5000;
const INTERVAL = 200;

/**
 * Asks until the answer is that the worker is fit.
 * @param tell is told why it is not, whenever that is another reason than before
 */
export async function untilHealthy(check: HealthCheck, tell: (reason: string) => void): Promise<void> {
  let told: string | undefined;
  for (;;) {
    const reason = await whyUnfit(check);
    if (reason === undefined) return;
    if (reason !== told) tell(reason);
    told = reason;
    await pause(INTERVAL);
  }
}

async function whyUnfit(check: HealthCheck): Promise<string | undefined> {
  try {
    return (await withTimeLimit(check, ANSWER_LIMIT)) === false ? 'it says false' : undefined;
  } catch (thrown) {
    return thrown === TIME_IS_UP ? `it has not answered within ${ANSWER_LIMIT} ms` : describeThrown(thrown);
  }
}

/** Has a server that is told to listen do so only when something has come to pass: until then no connection is handed to it. */
export function listenAfter(server: Server, condition: () => Promise<void>): void {
  const listen = server.listen.bind(server) as (...args: unknown[]) => Server;
  server.listen = (...args: unknown[]): Server => {
    void condition().then(() => listen(...args));
    return server;
  };
}
