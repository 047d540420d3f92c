import type { PluginErrorCode } from '../plugin/plugin-error.js';

/** How far a reload has come; the last three are ends. */
export type ReloadPhase = 'queued' | 'checking' | 'starting' | 'draining' | 'signalled' | 'done' | 'aborted';

/** Why a reload came to nothing, as far as it may be told outside of the process. */
export interface ReloadFault {
  readonly code: PluginErrorCode;
  readonly message: string;
  /** The plugin that is to blame, where one is. */
  readonly plugin?: string;
  readonly hint?: string;
}

/** One reload, as far as it has come. */
export interface ReloadTicket {
  /** Tells it apart from all others; requests that were merged into one reload bear the same. */
  readonly id: string;
  readonly phase: ReloadPhase;
  /** The generation of workers that it starts; 0 where somebody else counts them. */
  readonly generation: number;
  /** How many of its workers are ready, where they are ours. */
  readonly workers?: { readonly ready: number; readonly total: number };
  /** Why it was aborted. */
  readonly error?: ReloadFault;
  /** When it came to this phase. */
  readonly at: Date;
}

/** Whether and how a reload is possible here. */
export interface ReloadStatus {
  readonly isPossible: boolean;
  /** Who would do it: our own supervisor, a verified parent process by SIGHUP, or nobody. */
  readonly way: 'supervisor' | 'signal' | 'none';
  /** Why it is not possible. */
  readonly reason?: string;
  /** What to do so that it becomes possible. */
  readonly hint?: string;
  /** The generation of workers that this process belongs to, where our supervisor counts them. */
  readonly generation?: number;
  /** The last reload that this process knows of. */
  readonly last?: ReloadTicket;
}
