import { Injectable } from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';

import { PluginError } from '../plugin/plugin-error.js';
import type { ReloadStatus, ReloadTicket } from './reload-ticket.js';

/** Starts the application afresh, with the plugins as they are on disk, without losing a request. */
@Injectable()
export class ReloadService {
  readonly #tickets = new Subject<ReloadTicket>();

  /** Every step of every reload, as far as this process is told of it. */
  readonly tickets$: Observable<ReloadTicket> = this.#tickets.asObservable();

  /** Whether a reload is possible, by whom, and why not. */
  status(): ReloadStatus {
    return {
      isPossible: false,
      way: 'none',
      reason: 'no parent process is known that would start the application again',
      hint: 'Start the application under a supervisor.',
    };
  }

  /**
   * Asks for a reload.
   * @returns what it can be followed by; the same one for requests that are merged
   * @throws PluginError RELOAD_REFUSED with the reason and what to do
   */
  reload(): Promise<ReloadTicket> {
    const { reason = '', hint = '' } = this.status();
    return Promise.reject(new PluginError('RELOAD_REFUSED', { plugin: '*', detail: reason, hint }));
  }
}
