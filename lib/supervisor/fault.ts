import { PluginError } from '../plugin/plugin-error.js';
import type { ReloadFault } from '../reload/reload-ticket.js';
import type { WorkerEnd } from './worker-handle.js';

interface FaultDetails {
  readonly detail: string;
  readonly hint: string;
  readonly plugin?: string | undefined;
  readonly file?: string | undefined;
}

/** Why a worker did not become ready. */
export class WorkerFault extends Error {
  readonly hint: string;
  readonly plugin: string | undefined;
  /** The file to blame, as an absolute path: not for everybody's eyes. */
  readonly file: string | undefined;

  constructor({ detail, hint, plugin, file }: FaultDetails) {
    super(detail);
    this.hint = hint;
    this.plugin = plugin;
    this.file = file;
  }

  static ofPlugin({ code, message, hint = '', plugin }: ReloadFault): WorkerFault {
    return new WorkerFault({ detail: `${code}: ${message}`, hint, plugin });
  }

  static ofEnd({ code, signal, words }: WorkerEnd): WorkerFault {
    const how = words?.reason ?? (signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`);
    return new WorkerFault({
      detail: `a worker ended before it was ready: ${how}`,
      hint: 'Its own output above tells more.',
      file: words?.file,
    });
  }
}

/** What is told of a reload that came to nothing. */
export function abortedBy(thrown: unknown, pluginOf: (file: string) => string | undefined): ReloadFault {
  const fault = thrown instanceof WorkerFault ? thrown : new WorkerFault({ detail: String(thrown), hint: '' });
  const plugin = fault.plugin ?? (fault.file === undefined ? undefined : pluginOf(fault.file));
  const { code, message, hint } = new PluginError('RELOAD_ABORTED', {
    plugin: plugin ?? '*',
    detail: fault.message.replace(/\.$/, ''),
    hint: fault.hint,
  });
  return { code, message, hint, ...(plugin !== undefined && { plugin }) };
}
