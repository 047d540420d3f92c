import type { Notice } from '../discovery/plugin-source.js';
import type { Plugin, PluginMilliseconds, PluginOrigin, PluginState } from '../plugin/plugin.js';
import type { PluginErrorCode } from '../plugin/plugin-error.js';

/** How long each step of loading took for all plugins together, in milliseconds. */
export interface BootMilliseconds {
  readonly scan: number;
  readonly import: number;
  readonly register: number;
  /** Building the Nest modules and running their hooks of starting. */
  readonly start: number;
}

/** One plugin in a {@link BootReport}. */
export interface ReportedPlugin {
  readonly name: string;
  readonly version?: string;
  readonly state: PluginState;
  readonly origin: PluginOrigin;
  readonly folder?: string;
  /** How many of each kind it brings. */
  readonly contributions?: Readonly<Record<string, number>>;
  readonly milliseconds: PluginMilliseconds;
  /** Why it is disabled, where that was not decided for it alone: `safe mode`. */
  readonly reason?: string;
  readonly error?: {
    readonly code: PluginErrorCode;
    readonly message: string;
    readonly hint: string;
    readonly file?: string;
    readonly field?: string;
  };
}

/** What came of the plugins when the application started, as plain data. */
export interface BootReport {
  /** In load order. */
  readonly plugins: readonly ReportedPlugin[];
  readonly enabled: number;
  readonly disabled: number;
  readonly failed: number;
  readonly milliseconds: BootMilliseconds & { readonly total: number };
  /** What was noticed on the way and harmed no plugin. */
  readonly notices: readonly Notice[];
}

/** Puts it together. */
export function bootReport(
  plugins: readonly Plugin[],
  milliseconds: BootMilliseconds,
  notices: readonly Notice[],
): BootReport {
  const count = (state: PluginState): number => plugins.filter((plugin) => plugin.state === state).length;
  const { scan, import: imported, register, start } = milliseconds;
  return {
    plugins: plugins.map(reported),
    enabled: count('enabled'),
    disabled: count('disabled'),
    failed: count('failed'),
    milliseconds: { ...milliseconds, total: scan + imported + register + start },
    notices,
  };
}

function reported(plugin: Plugin): ReportedPlugin {
  const { name, version, state, origin, folder, milliseconds } = plugin;
  return {
    name,
    ...(version !== undefined && { version }),
    state,
    origin,
    ...(folder !== undefined && { folder }),
    ...(plugin.state === 'enabled' && { contributions: plugin.contributions }),
    milliseconds,
    ...(plugin.state === 'disabled' && plugin.reason !== undefined && { reason: plugin.reason }),
    ...(plugin.state === 'failed' && { error: reportedError(plugin.error) }),
  };
}

function reportedError({
  code,
  message,
  hint,
  file,
  field,
}: Extract<Plugin, { state: 'failed' }>['error']): NonNullable<ReportedPlugin['error']> {
  return { code, message, hint, ...(file !== undefined && { file }), ...(field !== undefined && { field }) };
}
