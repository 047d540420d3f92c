import type { ReloadFault, ReloadTicket } from './reload-ticket.js';

/** What the application tells the supervisor when its plugins are loaded, before it listens. */
export interface BootedPlugins {
  /** Why plugins have failed. */
  readonly failed: readonly (ReloadFault & { readonly plugin: string })[];
  /** The folders whose changes are changes of plugins, as absolute paths. */
  readonly watched: readonly string[];
}

/** Why connections are to end: another generation takes over, or nobody does. */
export type DrainReason = 'reload' | 'stop';

/** What a worker of `pluginkit serve` offers to the application in it. */
export interface SupervisorLink {
  /** The version of this interface: the command may be another copy of the package than the application's. */
  readonly protocol: 1;
  readonly generation: number;
  readonly isConnected: boolean;
  readonly lastTicket: ReloadTicket | undefined;
  /** Resolves when the application may listen; where the supervisor aborts the reload, the process ends instead. */
  booted(plugins: BootedPlugins): Promise<void>;
  /** The application listens. */
  ready(): void;
  /** It is not fit to listen yet. The command of another version may not have this. */
  unfit?(reason: string): void;
  reload(): Promise<ReloadTicket | { readonly refused: string; readonly hint: string }>;
  onTicket(listener: (ticket: ReloadTicket) => void): void;
  /** Is called once, before the process ends. Resolves to what had to be cut at the limit in ms. */
  onDrain(drain: (reason: DrainReason, limit: number) => Promise<readonly string[]>): void;
}

/** The command and the application share no module instance, only the process. */
const KEY = Symbol.for('nestjs-pluginkit:supervisor-link');

/** The link to the supervisor, where `pluginkit serve` started this process. */
export function findSupervisor(): SupervisorLink | undefined {
  const link = Reflect.get(globalThis, KEY) as SupervisorLink | undefined;
  return link?.protocol === 1 ? link : undefined;
}

/** Makes a link known to the application. */
export function offerSupervisor(link: SupervisorLink): void {
  Object.defineProperty(globalThis, KEY, { value: link, configurable: true });
}
