import cluster, { type Worker } from 'node:cluster';

import type { ReloadFault } from '../reload/reload-ticket.js';
import type { BootedPlugins, DrainReason } from '../reload/supervisor-link.js';
import { WorkerFault } from './fault.js';
import { isOurs, WORKER_ENV, type ToPrimary, type ToWorker, type WorkerSettings } from './messages.js';

/** What a worker wants from its primary. */
export interface WorkerListener {
  /** @returns what forbids the worker to listen */
  onBooted(worker: WorkerHandle, plugins: BootedPlugins): ReloadFault | undefined;
  onReload(worker: WorkerHandle, request: string): void;
  /** It could listen, but its application says that it is not fit to. */
  onUnfit(worker: WorkerHandle, reason: string): void;
  onExit(worker: WorkerHandle): void;
}

/** How a worker ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** What it told of it. */
  readonly words?: Extract<ToPrimary, { pluginkit: 'dying' }>;
}

/** One worker, from its start to its end. */
export class WorkerHandle {
  readonly pid: number;
  readonly generation: number;
  /** Resolves when it listens with all its plugins; rejects with a {@link WorkerFault} when it never will. */
  readonly ready: Promise<void>;
  readonly exited: Promise<WorkerEnd>;
  isReady = false;
  /** It has been told to leave, or has told that it does. */
  isLeaving = false;
  readonly #worker: Worker;
  #words: WorkerEnd['words'];
  /** What its health has said last. */
  #whyUnfit: string | undefined;

  constructor(settings: WorkerSettings, readyTimeout: number, listener: WorkerListener) {
    this.generation = settings.generation;
    this.#worker = cluster.fork({ [WORKER_ENV]: JSON.stringify(settings) });
    this.pid = this.#worker.process.pid ?? 0;
    this.#worker.on('error', () => undefined); // a message to one that has just ended
    this.exited = new Promise((resolve) => {
      this.#worker.once('exit', (code: number | null, signal: string | null) => {
        resolve({ code, signal, ...(this.#words && { words: this.#words }) });
        listener.onExit(this);
      });
    });
    this.ready = this.#becomesReady(readyTimeout, listener);
    this.ready.catch(() => undefined); // who does not wait for it is told by `exited`
  }

  send(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message, () => undefined);
  }

  /** Has it finish what is under way and leave; it is killed when it does not within the limit, in ms. */
  async leave(reason: DrainReason, limit: number): Promise<{ wasKilled: boolean }> {
    this.isLeaving = true;
    if (this.#worker.isConnected()) this.send({ pluginkit: 'drain', reason });
    else this.#worker.process.kill('SIGTERM');
    const killed = { it: false };
    const deadline = setTimeout(() => {
      killed.it = true;
      this.kill();
    }, limit);
    await this.exited;
    clearTimeout(deadline);
    return { wasKilled: killed.it };
  }

  kill(): void {
    this.isLeaving = true;
    this.#worker.process.kill('SIGKILL');
  }

  #becomesReady(timeout: number, listener: WorkerListener): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        const detail = `a worker was not ready within ${timeout} ms`;
        const why = this.#whyUnfit;
        reject(
          new WorkerFault(
            why === undefined
              ? { detail, hint: NOT_READY }
              : { detail: `${detail}: of its health it was told last: ${why}`, hint: NOT_HEALTHY },
          ),
        );
        this.kill();
      }, timeout);
      void this.exited.then((end) => reject(WorkerFault.ofEnd(end))).finally(() => clearTimeout(deadline));
      this.#worker.on('message', (message: unknown) => {
        if (!isOurs<ToPrimary>(message)) return;
        if (message.pluginkit === 'booted') {
          const fault = listener.onBooted(this, message.plugins);
          if (fault) {
            reject(WorkerFault.ofPlugin(fault));
            this.kill();
          } else this.send({ pluginkit: 'listen' });
        } else if (message.pluginkit === 'ready') {
          clearTimeout(deadline);
          this.isReady = true;
          resolve();
        } else this.#receive(message, listener);
      });
    });
  }

  #receive(message: ToPrimary, listener: WorkerListener): void {
    if (message.pluginkit === 'reload') listener.onReload(this, message.request);
    else if (message.pluginkit === 'unfit') {
      this.#whyUnfit = message.reason;
      listener.onUnfit(this, message.reason);
    } else if (message.pluginkit === 'leaving') this.isLeaving = true;
    else if (message.pluginkit === 'dying') this.#words = message;
  }
}

const NOT_READY =
  'Look for what keeps the application from listening, raise --ready-timeout, or import PluginKitModule if it does not yet.';
const NOT_HEALTHY = 'Mend what the option reload.health looks at, or raise --ready-timeout.';
