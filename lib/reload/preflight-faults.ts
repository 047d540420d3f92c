import { PluginError, type PluginErrorCode } from '../plugin/plugin-error.js';
import type { BootReport } from '../registry/boot-report.js';
import type { BootRecord, JournalPlugin, JournalStep } from '../state/boot-record.js';
import type { PreflightExit } from './preflight.js';
import type { ReloadFault } from './reload-ticket.js';

/** Puts into words what a start that was tried out showed to be wrong. */
export function faultsOf(
  report: BootReport | undefined,
  exit: PreflightExit | undefined,
  died: readonly BootRecord[],
): ReloadFault[] {
  const ofPlugins = (report?.plugins ?? []).flatMap(({ name, error }) =>
    error ? [{ code: error.code, message: error.message, plugin: name, hint: error.hint }] : [],
  );
  if (!exit || ofPlugins.length > 0) return ofPlugins;
  const culprits = died.flatMap((record) => culpritsIn(record));
  return culprits.length > 0
    ? culprits.map(({ plugin, doing }) => fault(plugin.name, doing, exit))
    : [faultOfApplication(exit)];
}

function culpritsIn({ open, ender }: BootRecord): { plugin: JournalPlugin; doing: string }[] {
  if (ender === null) return [];
  const doingOf = (plugin: JournalPlugin): JournalStep | undefined =>
    open.find(({ plugins }) => plugins.some(({ key }) => key === plugin.key));
  if (ender) return [{ plugin: ender, doing: doingOf(ender)?.doing ?? 'module' }];
  return open.flatMap(({ plugins, doing }) => plugins.map((plugin) => ({ plugin, doing })));
}

function fault(plugin: string, doing: string, exit: PreflightExit): ReloadFault {
  const { code, message, hint } = new PluginError(codeOf(doing, exit.timedOut), {
    plugin,
    detail: `in its ${doing}, the process ${howItEnded(exit)}`,
    hint: exit.timedOut
      ? `Look for a loop that never ends, or a promise that never settles, in its ${doing}.`
      : `Look for what ends the process in its ${doing}: an exit, a crash of native code, or memory that runs out.`,
  });
  return { code, message, plugin, hint };
}

function codeOf(doing: string, isLate: boolean): PluginErrorCode {
  if (doing === 'import') return isLate ? 'IMPORT_TIMEOUT' : 'IMPORT_FAILED';
  if (doing === 'register()') return isLate ? 'REGISTER_TIMEOUT' : 'REGISTER_FAILED';
  return isLate ? 'MODULE_TIMEOUT' : 'MODULE_FAILED';
}

function faultOfApplication(exit: PreflightExit): ReloadFault {
  const { code, hint } = new PluginError('RELOAD_ABORTED', {
    plugin: '*',
    detail: howItEnded(exit),
    hint: lastLineOf(exit.stderr) || 'Start the application by itself: it tells why it does not start.',
  });
  return {
    code,
    message: `The application did not start: its process ${howItEnded(exit)}, and no plugin was at work.`,
    hint,
  };
}

function howItEnded({ code, signal, timedOut }: PreflightExit): string {
  if (timedOut) return 'was not done in time';
  return signal ? `was ended by ${signal}` : `ended with exit code ${code ?? 'unknown'}`;
}

/** The line in which Node.js tells the error, else the last one. */
function lastLineOf(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('Node.js v'));
  return lines.find((line) => /^\s*(?:\[?\w*Error\b|\w+Error:)/.test(line)) ?? lines.at(-1) ?? '';
}
