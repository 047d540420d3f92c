import { Refusal } from './refusal.js';

/** How many failures are too many. */
export interface ThrottleOptions {
  /** Failures of one account from one peer after which both wait. @default 5 */
  failures?: number;
  /** How long they wait, and how long a failure is remembered, in seconds. @default 60 */
  seconds?: number;
  /** The most accounts and peers that are remembered; the oldest are forgotten first. @default 10000 */
  entries?: number;
}

/** A peer that tries many accounts may fail so many times as often as with one. */
const ACCOUNTS_OF_A_PEER = 4;

interface Count {
  failures: number;
  /** When it is forgotten, in ms. */
  until: number;
}

/** Counts failed attempts for each account and peer, in a table that does not grow without end. */
export class Throttle {
  readonly #counts = new Map<string, Count>();
  readonly #turns = new Map<string, Promise<void>>();
  readonly #most: number;
  readonly #milliseconds: number;
  readonly #entries: number;

  constructor({ failures = 5, seconds = 60, entries = 10_000 }: ThrottleOptions = {}) {
    this.#most = failures;
    this.#milliseconds = seconds * 1000;
    this.#entries = entries;
  }

  /** How many accounts and peers are remembered. */
  get size(): number {
    return this.#counts.size;
  }

  /**
   * Runs an attempt; those of one peer one after the other, so that a thousand at once are not a thousand guesses.
   * @param attempt throws when the secret is wrong
   * @throws Refusal 429 after too many failures, even if the secret is right
   */
  async attempt<T>(account: string, peer: string, attempt: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(peer);
    const turn = (before ?? Promise.resolve()).then(() => this.#attempt(account, peer, attempt));
    const done = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(peer, done);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(peer) === done) this.#turns.delete(peer);
    }
  }

  async #attempt<T>(account: string, peer: string, attempt: () => Promise<T>): Promise<T> {
    const keys = { both: JSON.stringify([peer, account.slice(0, 256)]), peer };
    this.#refuse(keys.both, this.#most);
    this.#refuse(keys.peer, this.#most * ACCOUNTS_OF_A_PEER);
    try {
      const result = await attempt();
      this.#counts.delete(keys.both);
      return result;
    } catch (error) {
      if (error instanceof Error && 'status' in error && error.status === 401)
        for (const key of [keys.both, keys.peer]) this.#fail(key);
      throw error;
    }
  }

  #refuse(key: string, most: number): void {
    const count = this.#counts.get(key);
    if (!count || count.failures < most) return;
    const seconds = Math.ceil((count.until - Date.now()) / 1000);
    if (seconds <= 0) {
      this.#counts.delete(key);
      return;
    }
    throw new Refusal(429, 'TOO_MANY_FAILURES', 'Too many failed attempts.', {
      hint: `Wait ${seconds} s.`,
      headers: { 'Retry-After': String(seconds) },
    });
  }

  #fail(key: string): void {
    const now = Date.now();
    const count = this.#counts.get(key);
    const failures = count && count.until > now ? count.failures + 1 : 1;
    this.#counts.delete(key); // a Map keeps the order of insertion: the newest goes to its end
    this.#counts.set(key, { failures, until: now + this.#milliseconds });
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= this.#entries) break;
      this.#counts.delete(oldest);
    }
  }
}
