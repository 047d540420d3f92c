import cluster from 'node:cluster';
import { existsSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import { printable } from '../plugin/printable.js';
import { preflight } from '../reload/preflight.js';
import { writePidFile } from '../supervisor/pid-file.js';
import { leaveProcessOne } from '../supervisor/shell-init.js';
import { Supervisor, type SupervisorOptions, type SupervisorSurroundings } from '../supervisor/supervisor.js';
import { notifySystemd } from '../supervisor/systemd.js';
import { watchPlugins } from '../supervisor/watch-plugins.js';

interface ServeOptions extends Omit<SupervisorOptions, 'name'> {
  readonly name?: string;
  readonly pidFile?: string;
  readonly watch?: boolean;
  readonly preflight: boolean;
  readonly ts?: boolean;
}

/** `pluginkit serve`: runs an application in several processes, and reloads it without losing a request. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Runs an application in worker processes, and reloads it on SIGHUP without losing a request.')
    .argument('<entry>', 'the file that starts the application, as node would be given it')
    .argument('[arguments...]', 'for the application; behind --')
    .option('-w, --workers <number>', 'how many processes', parseCount, 1)
    .option('-n, --name <name>', 'what ps shows; the name of the working directory by default')
    .option('--pid-file <file>', 'where to write the number of the primary process')
    .option('--watch', 'reload when files of plugins change')
    .option('--no-preflight', 'reload without trying the new set out in a process of its own before')
    .option('--ts', 'load plugins in TypeScript, for development; needs @swc/core')
    .option('--ready-timeout <time>', 'how long a worker may take to listen (ms, or 30s)', parseTime, 30_000)
    .option('--drain-timeout <time>', 'how long requests may take to end (ms, or 30s)', parseTime, 30_000)
    .option('--close-timeout <time>', 'how long the application may take to close then (ms, or 5s)', parseTime, 5000)
    .action(serve);
}

async function serve(entry: string, args: string[], options: ServeOptions, command: Command): Promise<void> {
  leaveProcessOne();
  const file = path.resolve(entry);
  if (!existsSync(file) || !statSync(file).isFile()) command.error(`error: there is no file ${printable(file)}`);
  const name = printable(options.name ?? path.basename(process.cwd()));
  process.title = `pluginkit: primary [${name}]`;
  const removePidFile = takePidFile(options.pidFile, command);

  if (options.ts) process.env['PLUGINKIT_TYPESCRIPT'] = '1'; // the workers are given this environment
  cluster.setupPrimary({
    exec: file,
    args,
    // Before the entry, so that this stays the main module of its process.
    execArgv: [...process.execArgv, '--import', new URL('serve.worker.js', import.meta.url).href],
  });
  const supervisor = new Supervisor(
    { ...options, name },
    surroundings(options, { file, args }, () => void supervisor.reload()),
  );
  for (const signal of ['SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => void supervisor.reload());
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void supervisor.stop(constants.signals[signal]));
  const status = await supervisor.run();
  removePidFile();
  process.exit(status);
}

interface Application {
  readonly file: string;
  readonly args: readonly string[];
}

function surroundings(
  { watch, readyTimeout, preflight: tried }: ServeOptions,
  { file, args }: Application,
  reload: () => void,
): SupervisorSurroundings {
  const onChange = (changed: string): void => {
    log('log', `${changed} has changed`);
    reload();
  };
  const cannotWatch = (error: unknown): void =>
    log('warn', `not all files are watched: ${String(error)}; kill -HUP ${process.pid} reloads`);
  return {
    log,
    // What fails in a process of its own never reaches the workers.
    ...(tried && { check: async () => (await preflight(file, { args, timeout: readyTimeout })).failures }),
    onState: notifySystemd(process.env, (problem) => log('warn', problem)),
    onWatched: watch ? watchPlugins(onChange, cannotWatch) : (): void => undefined,
  };
}

function takePidFile(file: string | undefined, command: Command): () => void {
  try {
    return file === undefined ? (): void => undefined : writePidFile(path.resolve(file));
  } catch (error) {
    return command.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function log(level: 'log' | 'warn' | 'error', text: string): void {
  const line = `[pluginkit] ${process.pid}  - ${new Date().toISOString()} ${level.toUpperCase().padStart(5)} ${printable(text)}`;
  if (level === 'log') console.log(line);
  else console.error(line);
}

function parseCount(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number <= 1024) return number;
  throw new InvalidArgumentError('It must be a whole number from 1 to 1024.');
}

function parseTime(text: string): number {
  const [, digits, unit] = /^(\d+)(ms|s)?$/.exec(text) ?? [];
  const milliseconds = Number(digits) * (unit === 's' ? 1000 : 1);
  // setTimeout takes no more than 31 bits, and fires at once beyond them.
  if (milliseconds > 0 && milliseconds < 2 ** 31) return milliseconds;
  throw new InvalidArgumentError('It must be a time above 0: 30000, 30000ms or 30s.');
}
