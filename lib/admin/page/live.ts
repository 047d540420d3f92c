import type { AdminEvents } from '#lib/admin/api.js';

import { asApiError, request, type ApiError } from './client.js';
import { readEvents } from './event-stream.js';

/** How the page hears of changes. */
export type Connection = { is: 'connecting' } | { is: 'live' } | { is: 'lost'; error: ApiError; retryAt: number };

/** What is told to whoever listens. */
export interface Listener {
  heard<Name extends keyof AdminEvents>(name: Name, data: AdminEvents[Name]): void;
  connection(now: Connection): void;
}

const SILENCE = 45_000;
const LONGEST_WAIT = 30_000;

/** Hears of changes for as long as the page is open, and connects again whenever the connection is lost. */
export class LiveEvents {
  #lastId: string | undefined;
  #attempt = 0;
  #abort = new AbortController();
  #wake: () => void = () => undefined;
  #isRunning = false;

  constructor(private readonly listener: Listener) {}

  /** Connects now, whatever it was waiting for. */
  connect(): void {
    this.#wake();
    if (this.#isRunning) return;
    this.#isRunning = true;
    addEventListener('online', () => this.#wake());
    addEventListener('offline', () => this.#abort.abort());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.#wake());
    void this.#run();
  }

  async #run(): Promise<void> {
    for (;;) {
      const error = await this.#listen().then(
        () => asApiError(new Error('')),
        (thrown: unknown) => asApiError(thrown),
      );
      const wait = error.retryAfter === undefined ? this.#backOff() : error.retryAfter * 1000;
      this.#attempt += 1;
      this.listener.connection({ is: 'lost', error, retryAt: Date.now() + wait });
      await this.#sleep(wait);
    }
  }

  /** Until the stream ends or breaks. */
  async #listen(): Promise<void> {
    this.#abort = new AbortController();
    this.listener.connection({ is: 'connecting' });
    const guard = this.#startSilenceGuard();
    try {
      const { body } = await request('events', {
        headers: {
          accept: 'text/event-stream',
          ...(this.#lastId !== undefined && { 'last-event-id': this.#lastId }),
        },
        signal: this.#abort.signal,
      });
      if (!body) return;
      this.listener.connection({ is: 'live' });
      for await (const { id, event, data } of readEvents(body, () => guard.restart())) {
        this.#attempt = 0;
        this.#lastId = id ?? this.#lastId;
        if (data) this.listener.heard(event as keyof AdminEvents, JSON.parse(data) as never); // the name decides on the shape
      }
    } finally {
      guard.stop();
    }
  }

  /** A connection that died without a word is noticed by the heart-beats that stay away. */
  #startSilenceGuard(): { restart(): void; stop(): void } {
    const abort = (): void => this.#abort.abort();
    let timer = setTimeout(abort, SILENCE);
    return {
      restart: () => {
        clearTimeout(timer);
        timer = setTimeout(abort, SILENCE);
      },
      stop: () => clearTimeout(timer),
    };
  }

  /** Longer from time to time, and not the same for all pages that lost their server at one moment. */
  #backOff(): number {
    return Math.min(LONGEST_WAIT, 500 * 2 ** this.#attempt) * (0.75 + Math.random() / 2);
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
