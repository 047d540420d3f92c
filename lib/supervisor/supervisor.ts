import type { ReloadFault, ReloadTicket } from '../reload/reload-ticket.js';
import type { BootedPlugins, DrainReason } from '../reload/supervisor-link.js';
import { abortedBy, WorkerFault } from './fault.js';
import { Generation } from './generation.js';
import { toWire } from './messages.js';
import { countEndedOrphans } from './orphans.js';
import { ReloadQueue, type Tell } from './reload-queue.js';
import { WorkerHandle, type WorkerListener } from './worker-handle.js';

/** What `pluginkit serve` was told; times in ms. */
export interface SupervisorOptions {
  readonly name: string;
  readonly workers: number;
  readonly readyTimeout: number;
  readonly drainTimeout: number;
  readonly closeTimeout: number;
}

/** What surrounds the supervisor. */
export interface SupervisorSurroundings {
  log(level: 'log' | 'warn' | 'error', text: string): void;
  /** Looks at the new set of plugins in a process of its own, before any worker does: what fails there aborts the reload. */
  check?(): Promise<readonly ReloadFault[]>;
  onState(state: 'ready' | 'reloading' | 'stopping'): void;
  /** Is told which folders hold plugins. */
  onWatched(folders: readonly string[]): void;
}

/** With what the process ends: see docs/reload.md. */
const EXIT_STATUS = { stopped: 0, gaveUp: 3 } as const;

/** Starts workers, keeps them alive, and replaces them by a new generation without losing a request. */
export class Supervisor implements WorkerListener {
  readonly #all = new Set<WorkerHandle>();
  #current = new Generation(1);
  #next: Generation | undefined;
  #lastTicket: ReloadTicket | undefined;
  #isFilling = false;
  #isStopping = false;
  #wake: () => void = () => undefined;
  #end: (status: number) => void = () => undefined;
  readonly #ended = new Promise<number>((resolve) => (this.#end = resolve));
  readonly #reloads = new ReloadQueue(
    (generation, tell) => this.#reload(generation, tell),
    (ticket) => this.#announce(ticket),
  );

  constructor(
    private readonly options: SupervisorOptions,
    private readonly around: SupervisorSurroundings,
  ) {}

  /** Resolves with the exit status when it has been told to stop, and all workers are gone, or when it gives up. */
  run(): Promise<number> {
    void this.#fill();
    return this.#ended;
  }

  /** Starts a new generation; requests that come while one waits are one. */
  reload(): ReloadTicket | undefined {
    return this.#isStopping ? undefined : this.#reloads.request();
  }

  /** Has all workers finish what is under way, and leave; when asked again, ends them at once. */
  async stop(signalNumber: number): Promise<void> {
    if (this.#isStopping) {
      this.around.log('warn', 'asked to stop again: the workers are killed');
      for (const worker of this.#all) worker.kill();
      return this.#end(128 + signalNumber);
    }
    this.around.log('log', 'stopping');
    await this.#stopWith(EXIT_STATUS.stopped);
  }

  onBooted(worker: WorkerHandle, plugins: BootedPlugins): ReloadFault | undefined {
    const isNew = worker.generation === this.#next?.number;
    const failures = this.#current.newFailures(plugins);
    const [failure] = failures;
    if (failure && isNew) return asOne(failures);
    if (failure) this.around.log('warn', `worker ${worker.pid} runs without ${failure.plugin}: ${failure.message}`);
    (isNew ? this.#next : this.#current)?.noteBooted(plugins);
    this.around.onWatched(plugins.watched);
    return undefined;
  }

  onReload(worker: WorkerHandle, request: string): void {
    const ticket = this.reload();
    worker.send(
      ticket
        ? { pluginkit: 'ticket', ticket: toWire(ticket), answers: request }
        : {
            pluginkit: 'refused',
            reason: 'the supervisor is stopping',
            hint: 'Start `pluginkit serve` again.',
            answers: request,
          },
    );
  }

  onUnfit(worker: WorkerHandle, reason: string): void {
    this.around.log('warn', `worker ${worker.pid} waits until it is healthy: ${reason}`);
  }

  onExit(worker: WorkerHandle): void {
    this.#all.delete(worker);
    for (const generation of [this.#current, this.#next]) {
      if (!generation?.workers.delete(worker) || !worker.isReady) continue;
      if (!worker.isLeaving) {
        this.around.log('error', `worker ${worker.pid} of generation ${generation.number} has died`);
        generation.crashes.note();
      }
      generation.break(
        new WorkerFault({ detail: `worker ${worker.pid} has died`, hint: 'Its own output tells more.' }),
      );
    }
    void this.#fill();
  }

  /** Brings the running generation to its number of workers, one after the other: each start may be the one that fails. */
  async #fill(): Promise<void> {
    if (this.#isFilling) return;
    this.#isFilling = true;
    while (this.#isShort()) {
      const generation = this.#current;
      if (generation.crashes.areTooMany) {
        this.around.log('error', `generation ${generation.number} is given up: three workers died within five minutes`);
        void this.#stopWith(EXIT_STATUS.gaveUp);
        break;
      }
      await this.#pause(generation.crashes.nextDelay());
      if (!this.#isShort() || generation !== this.#current) continue;
      await this.#launch(generation).catch((fault: unknown) => {
        generation.crashes.note();
        if (!this.#isStopping) this.#logFault(fault);
      });
      if (!this.#isStopping && generation.ready === this.options.workers) this.around.onState('ready');
    }
    this.#isFilling = false;
  }

  #isShort(): boolean {
    return !this.#isStopping && !this.#reloads.isRunning && this.#current.workers.size < this.options.workers;
  }

  async #launch(generation: Generation): Promise<void> {
    const worker = new WorkerHandle(
      {
        name: this.options.name,
        generation: generation.number,
        drainTimeout: this.options.drainTimeout,
        closeTimeout: this.options.closeTimeout,
        ...(this.#lastTicket && { lastTicket: toWire(this.#lastTicket) }),
      },
      this.options.readyTimeout,
      this,
    );
    this.#all.add(worker);
    generation.workers.add(worker);
    await worker.ready;
    this.around.log('log', `worker ${worker.pid} of generation ${generation.number} is ready`);
  }

  async #reload(number: number, tell: Tell): Promise<void> {
    this.#wake();
    this.around.onState('reloading');
    const total = this.options.workers;
    const next = new Generation(number);
    const old = this.#current;
    try {
      tell({ phase: 'checking' });
      await this.#check();
      this.#next = next;
      tell({ phase: 'starting', workers: { ready: 0, total } });
      // All of them before the first old one leaves: when the last one fails, none of the old ones is missing.
      while (next.ready < total) {
        if (this.#isStopping) throw new WorkerFault({ detail: 'the supervisor is stopping', hint: '' });
        await Promise.race([this.#launch(next), next.broken]);
        tell({ phase: 'starting', workers: { ready: next.ready, total } });
      }
      this.#current = next;
      this.#next = undefined;
      tell({ phase: 'draining', workers: { ready: total, total } });
      await this.#retire(old, 'reload');
      tell({ phase: 'done', workers: { ready: next.ready, total } });
    } catch (thrown) {
      this.#next = undefined;
      tell({ phase: 'aborted', error: abortedBy(thrown, (file) => old.pluginOf(file)) });
      await this.#retire(next, 'reload');
    }
    if (!this.#isStopping) this.around.onState('ready');
    this.#lookForOrphans();
    setImmediate(() => void this.#fill()); // when the queue knows that this one has ended
  }

  async #check(): Promise<void> {
    const fault = asOne(this.#current.newFaults((await this.around.check?.()) ?? []));
    if (fault) throw WorkerFault.ofPlugin(fault);
  }

  async #retire({ workers }: Generation, reason: DrainReason): Promise<void> {
    await Promise.all([...workers].map((worker) => this.#dismiss(worker, reason)));
  }

  async #dismiss(worker: WorkerHandle, reason: DrainReason): Promise<void> {
    const limit = this.options.drainTimeout + this.options.closeTimeout;
    const { wasKilled } = await worker.leave(reason, limit);
    if (wasKilled) this.around.log('error', `worker ${worker.pid} did not leave within ${limit} ms, and was killed`);
  }

  async #stopWith(status: number): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    this.around.onState('stopping');
    while (this.#all.size > 0) await Promise.all([...this.#all].map((worker) => this.#dismiss(worker, 'stop')));
    this.#end(status);
  }

  #announce(ticket: ReloadTicket): void {
    this.#lastTicket = ticket;
    for (const worker of this.#all) worker.send({ pluginkit: 'ticket', ticket: toWire(ticket) });
    const { phase, generation, workers, error } = ticket;
    const progress = phase === 'starting' && workers ? ` (${workers.ready} of ${workers.total} ready)` : '';
    this.around.log('log', `reload to generation ${generation}: ${phase}${progress}`);
    if (error) this.around.log('error', `${error.code}: ${error.message} ${error.hint ?? ''}`);
  }

  #lookForOrphans(): void {
    const pids = new Set([...this.#all].map(({ pid }) => pid));
    const count = countEndedOrphans((pid) => pids.has(pid));
    if (count > 0)
      this.around.log(
        'warn',
        `${count} ended processes that are not ours stay: start the container with an init (--init)`,
      );
  }

  #logFault(thrown: unknown): void {
    if (thrown instanceof WorkerFault) this.around.log('error', `${thrown.message}. ${thrown.hint}`);
    else throw thrown;
  }

  #pause(milliseconds: number): Promise<void> {
    if (milliseconds === 0) return Promise.resolve();
    this.around.log('warn', `the next worker is started in ${milliseconds / 1000} s`);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** The first of several faults, which names the other plugins as well. */
function asOne([first, ...others]: readonly ReloadFault[]): ReloadFault | undefined {
  const names = others.flatMap(({ plugin }) => plugin ?? []).join(', ');
  return !first || names === ''
    ? first
    : { ...first, message: `${first.message} Others have failed as well: ${names}.` };
}
