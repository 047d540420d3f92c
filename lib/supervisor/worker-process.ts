import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';

import type { ReloadTicket } from '../reload/reload-ticket.js';
import type { BootedPlugins, DrainReason, SupervisorLink } from '../reload/supervisor-link.js';
import { watchLastWords } from './last-words.js';
import { fromWire, isOurs, type ToPrimary, type ToWorker, type WorkerSettings } from './messages.js';
import { gateSignals } from './signal-gate.js';

/** How long the primary may take to answer; it has nothing else to do. In ms. */
const ANSWER_LIMIT = 5000;

type Answer = ReloadTicket | { readonly refused: string; readonly hint: string };

/** The side of the worker: what it tells the primary and is told by it, and how it ends. */
export class WorkerProcess implements SupervisorLink {
  readonly protocol = 1;
  readonly generation: number;
  lastTicket: ReloadTicket | undefined;
  readonly #gate = gateSignals((signal) => this.#onSignal(signal));
  readonly #listeners: ((ticket: ReloadTicket) => void)[] = [];
  readonly #drains: ((reason: DrainReason, limit: number) => Promise<readonly string[]>)[] = [];
  readonly #waiting = new Map<string, (answer: Answer) => void>();
  #mayListen: () => void = () => undefined;
  readonly #verdict = new Promise<void>((resolve) => (this.#mayListen = resolve));
  #isLeaving = false;

  constructor(
    private readonly settings: WorkerSettings,
    private readonly exit: (code: number) => never,
  ) {
    this.generation = settings.generation;
    this.lastTicket = settings.lastTicket && fromWire(settings.lastTicket);
    process.on('message', (message) => isOurs<ToWorker>(message) && this.#receive(message));
    // node:cluster would end this process at once when the primary is gone.
    process.prependListener('disconnect', () => {
      if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
      void this.#leave('stop');
    });
    watchLastWords((reason, file) => {
      if (!this.#isLeaving) this.#send({ pluginkit: 'dying', reason, ...(file !== undefined && { file }) });
    });
  }

  get isConnected(): boolean {
    return process.connected && !this.#isLeaving;
  }

  booted(plugins: BootedPlugins): Promise<void> {
    this.#send({ pluginkit: 'booted', plugins });
    return this.#verdict;
  }

  ready(): void {
    this.#send({ pluginkit: 'ready' });
  }

  unfit(reason: string): void {
    this.#send({ pluginkit: 'unfit', reason });
  }

  reload(): Promise<Answer> {
    const request = randomUUID();
    return new Promise((resolve) => {
      const answer = (given: Answer): void => {
        clearTimeout(timer);
        this.#waiting.delete(request);
        resolve(given);
      };
      const timer = setTimeout(answer, ANSWER_LIMIT, {
        refused: `the supervisor did not answer within ${ANSWER_LIMIT} ms`,
        hint: 'Look at the log of `pluginkit serve`.',
      });
      this.#waiting.set(request, answer);
      this.#send({ pluginkit: 'reload', request });
    });
  }

  onTicket(listener: (ticket: ReloadTicket) => void): void {
    this.#listeners.push(listener);
  }

  onDrain(drain: (reason: DrainReason, limit: number) => Promise<readonly string[]>): void {
    this.#drains.push(drain);
  }

  #receive(message: ToWorker): void {
    if (message.pluginkit === 'listen') return this.#mayListen();
    if (message.pluginkit === 'drain') return void this.#leave(message.reason);
    if (message.pluginkit === 'refused')
      return this.#waiting.get(message.answers)?.({ refused: message.reason, hint: message.hint });
    const ticket = fromWire(message.ticket);
    if (message.answers !== undefined) return this.#waiting.get(message.answers)?.(ticket);
    this.lastTicket = ticket;
    for (const listener of this.#listeners) listener(ticket);
  }

  #onSignal(signal: NodeJS.Signals): void {
    // To the whole group, as a terminal sends it, the primary gets it as well, and a second one goes to it.
    if (!this.#isLeaving) void this.#leave('stop', signal);
  }

  /** Ends what is under way, then lets the application close itself where it listens for the signal, and ends. */
  async #leave(reason: DrainReason, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    const { drainTimeout, closeTimeout } = this.settings;
    await Promise.allSettled(this.#drains.map((drain) => drain(reason, drainTimeout)));
    this.#send({ pluginkit: 'leaving' });
    const heard = [signal, 'SIGTERM' as const, 'SIGINT' as const].find((each) => this.#gate.isHeard(each));
    if (heard === undefined) return this.exit(0);
    setTimeout(() => this.exit(1), closeTimeout).unref();
    this.#gate.open();
    process.emit(heard, heard);
    // Nest's shutdown hooks send the signal once more when they are done: then it means the end.
    process.on(heard, () => this.exit(0));
  }

  #send(message: ToPrimary): void {
    if (process.connected) process.send?.(message, undefined, {}, () => undefined); // it may be gone by now
  }
}
