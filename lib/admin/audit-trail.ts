import { AsyncLocalStorage } from 'node:async_hooks';

import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Subscription } from 'rxjs';

import { printable } from '../plugin/printable.js';
import { PluginRegistry } from '../registry/plugin.registry.js';
import type { PluginChange } from '../registry/state-change.js';
import { ReloadService } from '../reload/reload.service.js';
import type { ReloadTicket } from '../reload/reload-ticket.js';
import type { AdminError, AuditEntry, AuditPage } from './api.js';
import { AuditFile, type AuditQuery } from './audit-file.js';
import { wishOf } from './endpoints.js';
import { addressOf, headerOf, principalOf, type AdminRequest } from './guards/client.js';

/** How many refusals of a minute are noted one by one; an attacker shall not be able to fill the file. */
const REFUSALS_PER_MINUTE = 60;
const MINUTE = 60_000;

type Draft = Omit<AuditEntry, 'id' | 'at'>;

/** Notes who did what: through the admin, by code of the application, by a marker file. */
@Injectable()
export class AuditTrail implements OnModuleDestroy {
  /** Is there while something is done for a request: what then changes is noted with it. */
  readonly #byRequest = new AsyncLocalStorage<true>();
  readonly #subscriptions: readonly Subscription[];
  readonly #tickets = new Set<string>();
  #minute = { begun: 0, refusals: 0 };
  #summary: NodeJS.Timeout | undefined;

  constructor(
    private readonly file: AuditFile,
    private readonly registry: PluginRegistry,
    reload: ReloadService,
  ) {
    this.#subscriptions = [
      registry.changes$.subscribe((change) => this.#changed(change)),
      reload.tickets$.subscribe((ticket) => this.#reloaded(ticket)),
    ];
  }

  /** Does something for a request. */
  whileAsked<T>(work: () => Promise<T>): Promise<T> {
    return this.#byRequest.run(true, work);
  }

  /** Notes what was done for a request; resolves when it is written. */
  async done(request: AdminRequest, entry: Omit<Draft, 'who' | 'address' | 'result'>): Promise<void> {
    if (entry.ticket !== undefined) this.#tickets.add(entry.ticket);
    await this.file.add({ ...whoIs(request), ...entry, result: 'done' });
  }

  /** Notes what was not done; that somebody has not signed in yet is no attempt. */
  refused(request: AdminRequest, status: number, { code, message }: AdminError): void {
    const wish = wishOf(request.method, request.originalUrl ?? request.url);
    const isAttempt =
      status === 403 || status === 429 || (status === 401 && headerOf(request, 'authorization') !== undefined);
    if (wish.action === 'read' && !isAttempt) return;
    if (!this.#hasRoom()) return;
    const plugin = wish.plugin === undefined ? {} : { plugin: printable(wish.plugin).slice(0, 128) };
    const from = wish.plugin !== undefined &&
      this.registry.has(wish.plugin) && { from: this.registry.get(wish.plugin).state };
    const to = wish.action === 'enable' ? 'enabled' : 'disabled';
    void this.file.add({
      ...whoIs(request),
      action: wish.action,
      ...plugin,
      ...from,
      ...(wish.plugin !== undefined && { to }),
      result: status >= 500 || code.startsWith('MODULE_') ? 'failed' : 'refused',
      status,
      code,
      message,
    });
  }

  page(query: AuditQuery): Promise<AuditPage> {
    return this.file.page(query);
  }

  async onModuleDestroy(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    if (this.#summary) await this.#endMinute();
  }

  #changed({ plugin, from, to, by }: PluginChange): void {
    if (this.#byRequest.getStore()) return;
    const action = to === 'enabled' ? 'enable' : 'disable';
    void this.file.add({ who: by ?? 'application', action, plugin, from, to, result: 'done' });
  }

  #reloaded({ id, phase, error }: ReloadTicket): void {
    const isKnown = this.#tickets.has(id);
    this.#tickets.add(id);
    if (phase === 'aborted')
      void this.file.add({
        who: 'application',
        action: 'reload',
        result: 'failed',
        ticket: id,
        ...(error && { code: error.code, message: printable(error.message) }),
        ...(error?.plugin !== undefined && { plugin: printable(error.plugin) }),
      });
    else if (!isKnown && !this.#byRequest.getStore())
      void this.file.add({ who: 'application', action: 'reload', result: 'done', ticket: id });
  }

  #hasRoom(): boolean {
    if (Date.now() - this.#minute.begun >= MINUTE) {
      if (this.#summary) void this.#endMinute();
      this.#minute = { begun: Date.now(), refusals: 0 };
    }
    this.#minute.refusals++;
    if (this.#minute.refusals <= REFUSALS_PER_MINUTE) return true;
    this.#summary ??= setTimeout(() => void this.#endMinute(), MINUTE).unref();
    return false;
  }

  #endMinute(): Promise<void> {
    clearTimeout(this.#summary);
    this.#summary = undefined;
    const times = this.#minute.refusals - REFUSALS_PER_MINUTE;
    this.#minute = { begun: 0, refusals: 0 };
    const message = 'So many more requests were refused within a minute.';
    return this.file.add({ who: 'anonymous', action: 'read', result: 'refused', times, message });
  }
}

function whoIs(request: AdminRequest): Pick<AuditEntry, 'who' | 'address'> {
  const address = addressOf(request);
  const who = printable(principalOf(request) ?? '').slice(0, 128) || 'anonymous';
  return { who, ...(address !== undefined && { address: printable(address) }) };
}
