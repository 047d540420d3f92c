import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { BootReport } from '../registry/boot-report.js';
import { readBootRecord, type BootRecord } from '../state/boot-record.js';
import { CAREFUL_VARIABLE, PREFLIGHT_VARIABLE } from '../state/journal-places.js';
import { faultsOf } from './preflight-faults.js';
import { isPreflightMessage } from './preflight-report.js';
import type { ReloadFault } from './reload-ticket.js';

/** How to try a start out. */
export interface PreflightOptions {
  /** How long it may take, in ms. @default 30000 */
  readonly timeout?: number;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the application is given on its command line. */
  readonly args?: readonly string[];
  /** The working directory. @default that of this process */
  readonly cwd?: string;
}

/** How the process ended in which a start was tried out; `timedOut` where it had to be ended. */
export interface PreflightExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  /** The end of what it wrote on its standard error. */
  readonly stderr: string;
}

/** What came of trying a start out. */
export interface PreflightResult {
  /** Whether the application started, and no plugin failed. */
  readonly ok: boolean;
  /** What is wrong: a fault for each plugin that failed, or one for what kept the application from starting. */
  readonly failures: readonly ReloadFault[];
  /** What came of the plugins, where the start came so far. */
  readonly report?: BootReport;
  readonly milliseconds: number;
  /** How the process ended, where the application did not start. */
  readonly exit?: PreflightExit;
}

/** What became of one process. */
interface Attempt {
  readonly report?: BootReport;
  readonly exit?: PreflightExit;
  readonly died: readonly BootRecord[];
}

const STDERR_KEPT = 4096;
/** How long an application that opens no port may go on after its plugins have started, before it counts as started, in ms. */
const WITHOUT_PORT = 2000;
/** How long a process may take to end when it is asked to, in ms. */
const PATIENCE = 2000;

/**
 * Starts an application in a process of its own, up to the moment in which it would listen, and ends it again: whatever a plugin
 * does there, be it to exit or to loop for ever, it does to that process only.
 * @param entry the file that starts the application
 */
export async function preflight(entry: string, options: PreflightOptions = {}): Promise<PreflightResult> {
  return tryOut([path.resolve(options.cwd ?? '.', entry), ...(options.args ?? [])], options);
}

/** As {@link preflight}, for plugins alone, in an application that has nothing of its own. */
export async function preflightDirectories(
  directories: readonly string[],
  packages: readonly string[],
  options: PreflightOptions = {},
): Promise<PreflightResult> {
  const given = JSON.stringify({ directories, packages });
  return tryOut([path.join(import.meta.dirname, 'preflight-app.js'), given], options);
}

async function tryOut(args: readonly string[], options: PreflightOptions): Promise<PreflightResult> {
  const begun = performance.now();
  let attempt = await startOnce(args, options, false);
  // Several plugins were at work when it died: one after the other, it shows which.
  if (attempt.died.some(({ open, ender }) => ender === undefined && open.length > 0 && plugins(open) > 1))
    attempt = await startOnce(args, options, true);
  const failures = faultsOf(attempt.report, attempt.exit, attempt.died);
  return {
    ok: failures.length === 0,
    failures,
    ...(attempt.report && { report: attempt.report }),
    ...(attempt.exit && { exit: attempt.exit }),
    milliseconds: performance.now() - begun,
  };
}

function plugins(open: BootRecord['open']): number {
  return open.reduce((sum, step) => sum + step.plugins.length, 0);
}

async function startOnce(args: readonly string[], options: PreflightOptions, isCareful: boolean): Promise<Attempt> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pluginkit-preflight-'));
  const child = spawn(process.execPath, [...execArgv(), '--import', PRELOAD, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: {
      ...process.env,
      ...options.env,
      [PREFLIGHT_VARIABLE]: folder,
      ...(isCareful && { [CAREFUL_VARIABLE]: '1' }),
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  try {
    const outcome = await outcomeOf(child, options.timeout ?? 30_000);
    return { ...outcome, died: await readRecords(folder) };
  } finally {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  }
}

const PRELOAD = new URL('preflight-child.js', import.meta.url).href;

/** A debugger that waits on a port of its own would be in the way. */
function execArgv(): string[] {
  return process.execArgv.filter((arg) => !arg.startsWith('--inspect'));
}

/** Waits until the application would listen, has started without, has ended, or the time is up. */
function outcomeOf(child: ChildProcess, timeout: number): Promise<Omit<Attempt, 'died'>> {
  return new Promise((resolve) => {
    let stderr = '';
    let report: BootReport | undefined;
    let timedOut = false;
    let withoutPort: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeout);
    const finish = (outcome: Omit<Attempt, 'died'>): void => {
      clearTimeout(timer);
      clearTimeout(withoutPort);
      resolve(outcome);
    };
    const started = (): void => finish(report ? { report } : {});
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-STDERR_KEPT)));
    child.on('message', (message) => {
      if (!isPreflightMessage(message)) return;
      if (message.pluginkit === 'report') {
        ({ report } = message);
        withoutPort = setTimeout(started, Math.min(WITHOUT_PORT, timeout));
      } else if (report) started();
    });
    child.on('error', (error) =>
      finish({ exit: { code: null, signal: null, timedOut: false, stderr: error.message } }),
    );
    child.on('close', (code, signal) => {
      if (report && code === 0) started();
      else finish({ ...(report && { report }), exit: { code, signal, timedOut, stderr } });
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

async function readRecords(folder: string): Promise<BootRecord[]> {
  const files = await readdir(folder).catch(() => []);
  return files.flatMap((file) => readBootRecord(path.join(folder, file)) ?? []);
}
