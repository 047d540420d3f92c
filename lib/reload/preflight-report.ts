import type { BootReport } from '../registry/boot-report.js';
import { PREFLIGHT_VARIABLE } from '../state/journal-places.js';

/** What a process that tries a start out tells the one that began it. */
export type PreflightMessage =
  { readonly pluginkit: 'report'; readonly report: BootReport } | { readonly pluginkit: 'listen' };

/** Tells what came of the plugins, when this process only tries that out. */
export function tellPreflight(report: BootReport): void {
  if (!process.env[PREFLIGHT_VARIABLE]) return;
  process.send?.({ pluginkit: 'report', report } satisfies PreflightMessage);
}

/** Whether this is one of them. */
export function isPreflightMessage(message: unknown): message is PreflightMessage {
  const { pluginkit, report } = Object(message) as Record<string, unknown>;
  return pluginkit === 'listen' || (pluginkit === 'report' && typeof report === 'object');
}
