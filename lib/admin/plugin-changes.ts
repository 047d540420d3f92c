import { Injectable } from '@nestjs/common';

import { PluginRegistry } from '../registry/plugin.registry.js';
import type { StateChange } from '../registry/state-change.js';
import { ReloadService } from '../reload/reload.service.js';
import type { ReloadTicket } from '../reload/reload-ticket.js';
import { AdminEventStream } from './admin-event-stream.js';
import type { ChangeAnswer, ChangeRequest } from './api.js';
import { AuditTrail } from './audit-trail.js';
import { adminError } from './error-answer.js';
import type { AdminRequest } from './guards/client.js';
import { PluginView } from './plugin-view.js';
import { Refusal } from './refusal.js';

/** How many changes may wait for each other: they are made one after the other. */
const MOST_WAITING = 16;

/** Changes plugins for clients, and notes it. */
@Injectable()
export class PluginChanges {
  #waiting = 0;

  constructor(
    private readonly registry: PluginRegistry,
    private readonly reloads: ReloadService,
    private readonly trail: AuditTrail,
    private readonly events: AdminEventStream,
  ) {}

  /** @throws PluginError as the registry does; Refusal 409 when too many changes wait */
  async switch(
    verb: 'enable' | 'disable',
    name: string,
    { cascade = false, dryRun = false }: ChangeRequest,
    request: AdminRequest,
  ): Promise<ChangeAnswer> {
    if (dryRun) return this.#tell(verb, name, cascade);
    const { state: from, name: plugin } = this.registry.get(name);
    try {
      const change = await this.#inTurn(() => this.registry[verb](name, { cascade }));
      const { applied, affected, state: to } = change;
      await this.trail.done(request, { action: verb, plugin, from, to, applied, affected: [...affected], status: 200 });
      return { ...this.#told(change), dryRun: false };
    } finally {
      this.events.lookForFailures();
    }
  }

  /** @throws PluginError RELOAD_REFUSED */
  async reload(request: AdminRequest): Promise<ReloadTicket> {
    const ticket = await this.#inTurn(() => this.reloads.reload());
    await this.trail.done(request, { action: 'reload', ticket: ticket.id, status: 202 });
    return ticket;
  }

  #tell(verb: 'enable' | 'disable', name: string, cascade: boolean): ChangeAnswer {
    const { refusedWithoutCascade, ...change } = this.registry.preview(verb, name);
    const isRefused = refusedWithoutCascade !== undefined && !cascade;
    return { ...this.#told(change), dryRun: true, ...(isRefused && { refused: refusedWithoutCascade }) };
  }

  #told({ plugin, state, applied, affected, reason, problems }: StateChange): Omit<ChangeAnswer, 'dryRun'> {
    const { withoutPaths } = new PluginView(this.registry);
    return {
      plugin,
      state,
      applied,
      affected: [...affected],
      ...(reason !== undefined && { reason: withoutPaths(reason) }),
      ...(problems && {
        problems: problems.map((each) => ({ ...adminError(each), message: withoutPaths(each.message) })),
      }),
    };
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING)
      throw new Refusal(409, 'BUSY', 'Too many changes are under way.', {
        hint: 'Try again in a moment.',
        headers: { 'Retry-After': '1' },
      });
    this.#waiting++;
    try {
      return await this.trail.whileAsked(work);
    } finally {
      this.#waiting--;
    }
  }
}
