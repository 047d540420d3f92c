import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** What came of many requests over connections that are kept open. */
export interface Asked {
  readonly answered: number;
  /** Requests without an answer, or with another one than 200: nothing is tried again. */
  readonly failed: readonly string[];
}

/** A little time between requests, so that the servers that are to be tested get theirs. In ms. */
const BREATH = 10;

/** Sends one request after the other over each of some connections, until it is told to stop. */
export function keepAsking(url: string, connections = 16): { stop(): Promise<Asked> } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const state = { isOver: false, answered: 0 };
  const failed: string[] = [];
  const ask = (): Promise<void> =>
    new Promise((resolve) => {
      get(url, { agent }, (response) => {
        response.resume();
        response.once('end', () => {
          if (response.statusCode === 200) state.answered += 1;
          else failed.push(String(response.statusCode));
          resolve();
        });
        response.once('aborted', () => failed.push('aborted'));
        response.once('close', resolve);
      }).once('error', (error: NodeJS.ErrnoException) => {
        failed.push(error.code ?? error.message);
        resolve();
      });
    });
  const askers = Array.from({ length: connections }, async () => {
    while (!state.isOver) {
      await ask();
      await pause(BREATH);
    }
  });
  return {
    stop: async () => {
      state.isOver = true;
      await Promise.all(askers);
      agent.destroy();
      return { answered: state.answered, failed };
    },
  };
}
