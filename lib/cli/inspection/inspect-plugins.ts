import { fork } from 'node:child_process';
import { once } from 'node:events';

import type { InspectedError, InspectedPlugin, Inspection, InspectionOrder, InspectorMessage } from './inspection.js';

/** Imports are many, and each has its own limit; who blocks the process is not stopped by one. */
const PATIENCE = 2;

/**
 * Has the production loader look at plugins in a process of its own, with a time limit: one that ends the process, or
 * keeps it busy for ever, is left out and reported, and the others are looked at without it.
 */
export async function inspectPlugins(order: Omit<InspectionOrder, 'skip'>): Promise<Inspection> {
  const harmful = new Map<string, Harm>();
  for (;;) {
    const result = await inspectOnce({ ...order, skip: [...harmful.keys()] });
    if ('found' in result) return withHarmful(result.found, harmful);
    if (harmful.has(result.folder)) throw new Error(`The plugins cannot be looked at: the process ${result.how}.`);
    harmful.set(result.folder, result);
  }
}

/** Which plugin ran when the process ended, and how it did. */
interface Harm {
  readonly folder: string;
  readonly step: string;
  readonly how: string;
}

async function inspectOnce(order: InspectionOrder): Promise<{ readonly found: Inspection } | Harm> {
  const child = fork(new URL('inspector.js', import.meta.url), {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'], // what plugins print belongs into no report
    execArgv: [],
    serialization: 'advanced',
  });
  let at: { folder: string; step: string } = { folder: '', step: 'import' };
  let found: Inspection | undefined;
  let started: ReadonlyMap<string, InspectedError> | undefined;
  let timer = setTimeout(stop, order.timeout * PATIENCE + 5000);
  const late = new AbortController();
  function stop(): void {
    late.abort();
    child.kill('SIGKILL');
  }
  child.on('message', (message: InspectorMessage) => {
    clearTimeout(timer);
    timer = setTimeout(stop, 'found' in message ? order.timeout * PATIENCE * 3 + 5000 : order.timeout * PATIENCE);
    if ('at' in message) at = message.at;
    else if ('found' in message) found = message.found;
    else started = message.started;
    // Plugins may have left timers and connections behind.
    if (started || (found && !order.starts)) child.kill('SIGKILL');
  });
  child.send(order);
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  if (found && (started || !order.starts)) return { found: withStart(found, started) };
  const how = late.signal.aborted
    ? 'was busy for longer than the time limits'
    : `ended (${signal ?? `exit code ${code ?? 0}`})`;
  if (found) return { found: notStarted(found, how) };
  return { ...at, how };
}

/** What came before is the cause of what came later. */
function withStart({ plugins, notices }: Inspection, started?: ReadonlyMap<string, InspectedError>): Inspection {
  return {
    notices,
    plugins: plugins.map((plugin) => {
      const error = plugin.error ?? started?.get(plugin.folder);
      return error && plugin.state !== 'disabled' ? { ...plugin, state: 'failed', error } : plugin;
    }),
  };
}

function notStarted({ plugins, notices }: Inspection, how: string): Inspection {
  const text = `While the modules of the plugins started, the process ${how}: look for process.exit() and for loops in their constructors and onModuleInit.`;
  return { plugins, notices: [...notices, { level: 'warn', text }] };
}

function withHarmful({ plugins, notices }: Inspection, harmful: ReadonlyMap<string, Harm>): Inspection {
  return { plugins: plugins.map((plugin) => reported(plugin, harmful.get(plugin.folder))), notices };
}

function reported(plugin: InspectedPlugin, harm: Harm | undefined): InspectedPlugin {
  if (!harm) return plugin;
  const isImport = harm.step === 'import';
  const isLate = harm.how.includes('busy');
  return {
    ...plugin,
    state: 'failed',
    error: {
      code: isImport ? (isLate ? 'IMPORT_TIMEOUT' : 'IMPORT_FAILED') : isLate ? 'REGISTER_TIMEOUT' : 'REGISTER_FAILED',
      message: `Plugin "${plugin.name}": while ${isImport ? 'its entry was imported' : 'its register() ran'}, the process ${harm.how}.`,
      hint: isLate
        ? 'Look for a loop that never ends.'
        : 'A plugin must not end the process: look for process.exit(), process.kill() and process.abort() in it.',
      file: plugin.entry ?? plugin.folder,
    },
  };
}
