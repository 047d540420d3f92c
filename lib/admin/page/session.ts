import type { AdminEvents, AuditPage, PluginList, ReloadAnswer } from '#lib/admin/api.js';

import { asApiError, keepToken, read, send, type ApiError } from './client.js';
import { LiveEvents, type Connection, type Listener } from './live.js';

/** A step of a reload. */
export type Ticket = ReloadAnswer['ticket'];

/** Something that happened, told once. */
export type News =
  | { kind: 'plugin'; plugin: string; to: 'enabled' | 'disabled' }
  | { kind: 'failure'; plugin: string; message: string }
  | { kind: 'reload'; ticket: Ticket };

/** All that the page knows. */
export interface State {
  readonly list?: PluginList;
  /** Why the list could not be read the last time. */
  readonly error?: ApiError;
  readonly connection: Connection;
  readonly ticket?: Ticket;
  readonly news: readonly { id: number; news: News }[];
  /** Grows whenever something may have changed: whoever has read more than the list reads it again. */
  readonly revision: number;
}

const NEWS_STAYS = 6000;

/** Keeps what the page knows up to date. */
export class Session implements Listener {
  state: State = { connection: { is: 'connecting' }, news: [], revision: 0 };
  onChange: (state: State) => void = () => undefined;
  readonly #live = new LiveEvents(this);
  #reading: Promise<void> | undefined;
  #isStale = false;
  #count = 0;

  /** Begins, or begins again with another token. */
  async start(token?: string): Promise<void> {
    if (token !== undefined) keepToken(token);
    await this.refresh();
    if (this.state.list) this.#live.connect();
  }

  /** Reads the list; calls while it is being read lead to one more reading. */
  refresh(): Promise<void> {
    this.#isStale = true;
    this.#reading ??= this.#readWhileStale().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** Tries everything again that failed. */
  retry(): void {
    void this.start();
  }

  /** Asks for a reload. @throws ApiError */
  async reload(): Promise<void> {
    const { ticket } = await send<ReloadAnswer>('reload');
    // Its first steps may have been heard of before it was answered.
    if (this.state.ticket?.id !== ticket.id) this.#set({ ticket });
  }

  audit(before?: number): Promise<AuditPage> {
    return read<AuditPage>(`audit?limit=50${before === undefined ? '' : `&before=${before}`}`);
  }

  dismiss(id: number): void {
    this.#set({ news: this.state.news.filter((each) => each.id !== id) });
  }

  connection(connection: Connection): void {
    this.#set({ connection });
    if (connection.is === 'live' && this.state.error) void this.refresh();
  }

  heard<Name extends keyof AdminEvents>(name: Name, data: AdminEvents[Name]): void {
    const event = { name, data } as {
      [Key in keyof AdminEvents]: { name: Key; data: AdminEvents[Key] };
    }[keyof AdminEvents];
    if (event.name === 'plugin') this.#tell({ kind: 'plugin', plugin: event.data.plugin, to: event.data.to });
    else if (event.name === 'failure')
      this.#tell({ kind: 'failure', plugin: event.data.plugin, message: event.data.message });
    else if (event.name === 'reload') this.#follow(event.data);
    void this.refresh();
  }

  #follow(ticket: Ticket): void {
    const { id, phase } = this.state.ticket ?? {};
    this.#set({ ticket });
    const isNew = id !== ticket.id || phase !== ticket.phase;
    if (isNew && (ticket.phase === 'done' || ticket.phase === 'aborted')) this.#tell({ kind: 'reload', ticket });
  }

  async #readWhileStale(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      try {
        const list = await read<PluginList>('plugins');
        const { error: _, ...rest } = this.state;
        this.state = rest;
        this.#set({ list, revision: this.state.revision + 1 });
      } catch (thrown) {
        this.#set({ error: asApiError(thrown) });
      }
    }
  }

  #tell(news: News): void {
    this.#count += 1;
    const id = this.#count;
    this.#set({ news: [...this.state.news.slice(-3), { id, news }] });
    setTimeout(() => this.dismiss(id), NEWS_STAYS);
  }

  #set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.onChange(this.state);
  }
}
