import { randomUUID } from 'node:crypto';

import type { ReloadTicket } from '../reload/reload-ticket.js';

/** Tells how far a reload has come. */
export type Tell = (step: Pick<ReloadTicket, 'phase' | 'workers' | 'error'>) => void;

/** One reload runs, at most one waits: whoever asks meanwhile is given the one that waits, since it sees all that is on disk by then. */
export class ReloadQueue {
  #running: ReloadTicket | undefined;
  #waiting: ReloadTicket | undefined;
  #generation = 1;

  constructor(
    private readonly run: (generation: number, tell: Tell) => Promise<void>,
    private readonly onChange: (ticket: ReloadTicket) => void,
  ) {}

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** @returns the ticket of the reload that answers the request */
  request(): ReloadTicket {
    if (this.#waiting) return this.#waiting;
    this.#generation += 1;
    const ticket: ReloadTicket = {
      id: randomUUID(),
      phase: 'queued',
      generation: this.#generation,
      at: new Date(),
    };
    this.onChange(ticket);
    if (this.#running) this.#waiting = ticket;
    else void this.#start(ticket);
    return ticket;
  }

  async #start(ticket: ReloadTicket): Promise<void> {
    this.#running = ticket;
    const { id, generation } = ticket;
    await this.run(generation, (step) => this.onChange({ id, generation, ...step, at: new Date() }));
    this.#running = undefined;
    const next = this.#waiting;
    this.#waiting = undefined;
    if (next) void this.#start(next);
  }
}
