import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';

import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Subscription } from 'rxjs';

import { PluginRegistry } from '../registry/plugin.registry.js';
import { ReloadService } from '../reload/reload.service.js';
import type { AdminEvents } from './api.js';
import { PluginView } from './plugin-view.js';
import { Refusal } from './refusal.js';

/** How many events are kept for clients that come back. */
const MOST_KEPT = 500;
/** How many clients may listen at a time. */
const MOST_CLIENTS = 100;
/** How much may wait for one client, in bytes; a slower one is cut off, and comes back. */
const MOST_WAITING = 256 * 1024;
/** Proxies cut connections on which nothing moves. */
const HEART_BEAT = 15_000;
/** After how many ms a client comes back. */
const RETRY = 2000;

/** Streams what happens to the plugins as server-sent events. */
@Injectable()
export class AdminEventStream implements OnModuleDestroy {
  /** The ids of another process are not continued by this one. */
  readonly #run = randomUUID().slice(0, 8);
  readonly #kept: { readonly number: number; readonly text: string }[] = [];
  readonly #clients = new Set<Readable>();
  readonly #subscriptions: readonly Subscription[];
  #failed: ReadonlyMap<string, string> | undefined;
  #last = 0;
  #heart: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    private readonly registry: PluginRegistry,
    private readonly reload: ReloadService,
  ) {
    this.#subscriptions = [
      registry.changes$.subscribe(({ plugin, from, to, at }) => {
        this.#emit('plugin', { plugin, from, to, at: at.toISOString() });
        this.lookForFailures();
      }),
      reload.tickets$.subscribe((ticket) => {
        const { withoutPaths } = new PluginView(registry);
        this.#emit('reload', {
          ...ticket,
          at: ticket.at.toISOString(),
          ...(ticket.error && { error: { ...ticket.error, message: withoutPaths(ticket.error.message) } }),
        });
      }),
    ];
  }

  /**
   * A new client.
   * @param lastEventId the last event that it has seen
   * @throws Refusal 503 when too many listen, or the application ends
   */
  open(lastEventId: string | undefined): Readable {
    if (this.#isOver || this.#clients.size >= MOST_CLIENTS)
      throw new Refusal(503, 'BUSY', 'Too many clients listen, or the application ends.', {
        headers: { 'Retry-After': '5' },
      });
    if (!this.#failed) this.lookForFailures();
    const client = new Readable({ read: () => undefined });
    client.once('close', () => this.#forget(client));
    this.#clients.add(client);
    this.#heart ??= setInterval(() => this.#toAll(': \n\n'), HEART_BEAT).unref();
    client.push(`retry: ${RETRY}\n\n${this.#greeting(lastEventId)}`);
    return client;
  }

  /** Tells of plugins that have failed since it was last called. */
  lookForFailures(): void {
    const failed = this.registry.all().flatMap((plugin) => (plugin.state === 'failed' ? [plugin] : []));
    const before = this.#failed;
    this.#failed = new Map(failed.map(({ name, error }) => [name, error.message]));
    if (!before) return; // who comes now finds these in the list of plugins
    const view = new PluginView(this.registry);
    for (const plugin of failed)
      if (before.get(plugin.name) !== plugin.error.message)
        this.#emit('failure', { plugin: plugin.name, ...view.failureOf(plugin), at: new Date().toISOString() });
  }

  /** Ends all streams, so that the server can close. */
  onModuleDestroy(): void {
    this.#isOver = true;
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    for (const client of this.#clients) client.push(null);
    clearInterval(this.#heart);
  }

  /** What a client has missed; where that is not known any more, it must read everything anew. */
  #greeting(lastEventId: string | undefined): string {
    const { generation } = this.reload.status();
    const about = { at: new Date().toISOString(), ...(generation !== undefined && { generation }) };
    if (lastEventId === undefined) return this.#text('hello', about, this.#last);
    const [run, number] = lastEventId.split('.');
    const seen = run === this.#run && /^\d{1,15}$/.test(number ?? '') ? Number(number) : -1;
    const first = this.#kept[0]?.number ?? this.#last + 1;
    if (seen < first - 1 || seen > this.#last) return this.#text('reset', about, this.#last);
    return this.#kept
      .filter((event) => event.number > seen)
      .map(({ text }) => text)
      .join('');
  }

  #emit<Name extends keyof AdminEvents>(name: Name, data: AdminEvents[Name]): void {
    const number = ++this.#last;
    const text = this.#text(name, data, number);
    this.#kept.push({ number, text });
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
    this.#toAll(text);
  }

  #text<Name extends keyof AdminEvents>(name: Name, data: AdminEvents[Name], number: number): string {
    return `event: ${name}\nid: ${this.#run}.${number}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  #toAll(text: string): void {
    for (const client of this.#clients) {
      if (client.readableLength > MOST_WAITING) client.destroy();
      else client.push(text);
    }
  }

  #forget(client: Readable): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#heart);
    this.#heart = undefined;
  }
}
