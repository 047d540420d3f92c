import type { ReloadTicket } from '../reload/reload-ticket.js';
import type { BootedPlugins, DrainReason } from '../reload/supervisor-link.js';

/** A ticket on its way between processes, as JSON. */
export type WireTicket = Omit<ReloadTicket, 'at'> & { readonly at: string };

/** What the primary tells a worker. */
export type ToWorker =
  | { readonly pluginkit: 'listen' }
  | { readonly pluginkit: 'drain'; readonly reason: DrainReason }
  /** `answers` names the request of this worker that it answers. */
  | { readonly pluginkit: 'ticket'; readonly ticket: WireTicket; readonly answers?: string }
  | { readonly pluginkit: 'refused'; readonly reason: string; readonly hint: string; readonly answers: string };

/** What a worker tells the primary. */
export type ToPrimary =
  | { readonly pluginkit: 'booted'; readonly plugins: BootedPlugins }
  | { readonly pluginkit: 'ready' }
  | { readonly pluginkit: 'unfit'; readonly reason: string }
  | { readonly pluginkit: 'reload'; readonly request: string }
  /** It has done its last work, and ends. */
  | { readonly pluginkit: 'leaving' }
  /** It ends without having been asked: why, and in which file. */
  | { readonly pluginkit: 'dying'; readonly reason: string; readonly file?: string };

/** What a worker is told when it is started, under the name {@link WORKER_ENV} in its environment. */
export interface WorkerSettings {
  readonly name: string;
  readonly generation: number;
  readonly drainTimeout: number;
  readonly closeTimeout: number;
  readonly lastTicket?: WireTicket;
}

/** The environment variable that holds {@link WorkerSettings}; the worker removes it. */
export const WORKER_ENV = 'PLUGINKIT_WORKER';

/** The application sends messages over the same channel: ours bear a mark. */
export function isOurs<Message extends ToWorker | ToPrimary>(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && 'pluginkit' in message;
}

/** Makes a ticket out of what came over the channel. */
export function fromWire(ticket: WireTicket): ReloadTicket {
  return { ...ticket, at: new Date(ticket.at) };
}

/** Makes a ticket ready for the channel. */
export function toWire(ticket: ReloadTicket): WireTicket {
  return { ...ticket, at: ticket.at.toISOString() };
}
