import { execFile } from 'node:child_process';
import path from 'node:path';

const BIN = path.resolve('dist/cli/pluginkit.js');

/** What came of a command. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** In ms. */
  readonly timeout?: number;
}

/** Runs `pluginkit` in a pipe. */
export function pluginkit(args: readonly string[], surroundings: Surroundings = {}): Promise<Finished> {
  return run(process.execPath, [BIN, ...args], surroundings);
}

/** Runs `pluginkit` in a pseudo-terminal, which mixes both outputs and ends lines with \r\n. */
export function pluginkitAtTerminal(args: readonly string[], surroundings: Surroundings = {}): Promise<Finished> {
  return run('script', ['-qec', terminalCommand(args), '/dev/null'], surroundings);
}

/** What `script` is to run: a pseudo-terminal has no size of its own. */
export function terminalCommand(args: readonly string[]): string {
  const quoted = [process.execPath, BIN, ...args].map((each) => `'${each.replaceAll("'", "'\\''")}'`).join(' ');
  return `stty cols 120 rows 40; exec ${quoted}`;
}

/** Runs any command to its end; no exit status is an error. */
export function run(
  file: string,
  args: readonly string[],
  { cwd, env, timeout = 100_000 }: Surroundings = {},
): Promise<Finished> {
  // Node.js colours nothing where CI is set.
  const { NO_COLOR: _, FORCE_COLOR: __, NODE_OPTIONS: ___, CI: ____, ...own } = process.env;
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...own, TERM: 'xterm', ...env }, timeout, maxBuffer: 2 ** 24 };
    execFile(file, args, options, (error, stdout, stderr) => {
      const code: unknown = error ? error.code : 0;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(new Error(`${file} could not be run to its end: ${error?.message ?? ''}`));
    });
  });
}
