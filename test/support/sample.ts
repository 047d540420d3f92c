import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { freePort } from './free-port.js';
import { newDirectory } from './plugin-folders.js';

/** The sample application, running in a process of its own. */
export interface Sample {
  readonly url: string;
  /** What it logged so far, without colours. */
  readonly log: readonly string[];
  get(path: string): Promise<{ status: number; body: string; type: string | null }>;
  post(path: string, body: unknown): Promise<{ status: number; body: unknown }>;
  stop(): Promise<number | null>;
}

/**
 * Starts the built sample on a free port, with data of its own.
 * @param plugins is called with the folder of a copy of its plugins before it starts
 * @param environment is added to that of the process
 */
export async function startSample(
  plugins: (folder: string) => void = () => undefined,
  environment: Readonly<Record<string, string>> = {},
): Promise<Sample> {
  const home = path.join(newDirectory(), 'sample');
  mkdirSync(home);
  cpSync('sample/dist', path.join(home, 'dist'), { recursive: true });
  cpSync('sample/package.json', path.join(home, 'package.json'));
  plugins(path.join(home, 'dist/plugins'));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: home,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      NO_COLOR: '1',
      PORT: String(port),
      NOTICE_BOARD_DATA: path.join(home, 'data/board.json'),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  const lines = createInterface({ input: child.stdout });
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text));
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      log.push(line);
      if (line.includes(url)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the sample ended with ${String(code)}:\n${log.join('\n')}`)));
  });
  return {
    url,
    log,
    get: async (place) => {
      const response = await fetch(url + place, { redirect: 'manual' });
      return { status: response.status, body: await response.text(), type: response.headers.get('content-type') };
    },
    post: async (place, body) => {
      const response = await fetch(url + place, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    },
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    },
  };
}
