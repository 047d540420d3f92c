import { randomUUID } from 'node:crypto';

import { Inject, Injectable, Logger } from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';

import { PluginError } from '../plugin/plugin-error.js';
import { describeThrown } from '../plugin/printable.js';
import { parentNow, signalParent, THIS_PROCESS, whyNotSignal, type ParentRefusal } from './parent-process.js';
import { RELOAD_OPTIONS, type ReloadOptions } from './reload-options.js';
import type { ReloadStatus, ReloadTicket } from './reload-ticket.js';
import { findSupervisor, type SupervisorLink } from './supervisor-link.js';

/** Starts the application afresh, with the plugins as they are on disk, without losing a request. */
@Injectable()
export class ReloadService {
  readonly #logger = new Logger('PluginKit');
  readonly #tickets = new Subject<ReloadTicket>();
  readonly #supervisor = findSupervisor();
  readonly #parent = parentNow(THIS_PROCESS);
  #last: ReloadTicket | undefined;
  /** The signal that is about to be sent. */
  #pending: ReloadTicket | undefined;

  constructor(@Inject(RELOAD_OPTIONS) private readonly options: ReloadOptions) {
    this.#supervisor?.onTicket((ticket) => this.#tell(ticket));
  }

  /** Every step of every reload, as far as this process is told of it. */
  readonly tickets$: Observable<ReloadTicket> = this.#tickets.asObservable();

  /** Whether a reload is possible, by whom, and why not. */
  status(): ReloadStatus {
    const refusal = this.#refusal();
    const last = this.#last ?? this.#supervisor?.lastTicket;
    return {
      isPossible: !refusal,
      way: refusal ? 'none' : this.#supervisor ? 'supervisor' : 'signal',
      ...refusal,
      ...(this.#supervisor && { generation: this.#supervisor.generation }),
      ...(last && { last }),
    };
  }

  /**
   * Asks for a reload. Who asks over HTTP gets the answer out: a signal is sent afterwards, and workers finish what is under way.
   * @returns what it can be followed by; the same one for requests that are merged
   * @throws PluginError RELOAD_REFUSED with the reason and what to do
   */
  async reload(): Promise<ReloadTicket> {
    const refusal = this.#refusal();
    if (refusal) throw refused(refusal);
    if (this.#supervisor) return askSupervisor(this.#supervisor);
    if (this.#pending) return this.#pending;
    const ticket: ReloadTicket = { id: randomUUID(), phase: 'queued', generation: 0, at: new Date() };
    this.#pending = ticket;
    this.#tell(ticket);
    setImmediate(() => this.#signal(ticket));
    return ticket;
  }

  #refusal(): ParentRefusal | undefined {
    if (this.#supervisor)
      return this.#supervisor.isConnected
        ? undefined
        : { reason: 'the supervisor has ended, and this process is about to', hint: 'Start `pluginkit serve` again.' };
    const { parentName } = this.options;
    if (parentName === undefined)
      return {
        reason: 'no process is known that would start the application again',
        hint: 'Start it with `pluginkit serve`, or name the process that reloads it on SIGHUP in the option reload.parentName.',
      };
    return whyNotSignal(this.#parent, parentName, THIS_PROCESS);
  }

  #signal(ticket: ReloadTicket): void {
    this.#pending = undefined;
    const refusal = this.#trySignal();
    if (!refusal) return this.#tell({ ...ticket, phase: 'signalled', at: new Date() });
    const { code, message, hint } = refused(refusal);
    this.#logger.error(`${message} ${hint}`);
    this.#tell({ ...ticket, phase: 'aborted', error: { code, message, hint }, at: new Date() });
  }

  #trySignal(): ParentRefusal | undefined {
    try {
      return signalParent(this.#parent, this.options.parentName ?? '', THIS_PROCESS);
    } catch (error) {
      return { reason: `SIGHUP could not be sent: ${describeThrown(error)}`, hint: 'Run both processes as one user.' };
    }
  }

  #tell(ticket: ReloadTicket): void {
    this.#last = ticket;
    this.#tickets.next(ticket);
  }
}

async function askSupervisor(supervisor: SupervisorLink): Promise<ReloadTicket> {
  const answer = await supervisor.reload();
  if ('refused' in answer) throw refused({ reason: answer.refused, hint: answer.hint });
  return answer;
}

function refused({ reason, hint }: ParentRefusal): PluginError {
  return new PluginError('RELOAD_REFUSED', { plugin: '*', detail: reason, hint });
}
