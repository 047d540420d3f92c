import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { onTestFinished } from 'vitest';

/** How a process has ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** What the application in test/support/survive-host.ts tells in one line. */
export type Told = Partial<{
  up: number;
  plugins: Record<string, string>;
  notices: string[];
  errors: { count: number; last?: { message: string } };
  applied: string;
  state: string;
  reason: string;
  code: string;
  handled: string;
  rejected: string;
}>;

/** An application in a process of its own. */
export interface ChildApp {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The next line that it tells; `undefined` when it has ended. */
  told(): Promise<Told | undefined>;
  ask(verb: string, name?: string): Promise<Told | undefined>;
  /** Waits for text on its standard output or error. */
  said(text: string): Promise<void>;
  close(): Promise<Ended>;
}

/** What a test wants different. */
export interface ChildSpec {
  /** That of a whole application, `none` for one without a server; without, only the part of a start that runs without Nest. */
  readonly platform?: string;
  readonly scenario?: string;
  readonly options?: object;
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts test/support/survive-host.ts, an application that knows nothing of tests, or test/support/light-start.ts. */
export function startChild(directory: string, spec: ChildSpec = {}): ChildApp {
  const host = path.join(import.meta.dirname, spec.platform ? 'survive-host.js' : 'light-start.js');
  const child = spawn(process.execPath, [...(spec.node ?? []), host, directory], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      PLATFORM: spec.platform ?? '',
      SCENARIO: spec.scenario ?? '',
      OPTIONS: JSON.stringify(spec.options ?? {}),
      ...spec.env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('no pipes');
  const lines = createInterface(stdout)[Symbol.asyncIterator]();
  let out = '';
  let err = '';
  stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended: Promise<Ended> = once(child, 'close').then(([code, signal]) => ({ code, signal, out, err }));
  const told = async (): Promise<Told | undefined> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) return undefined;
      if (value.startsWith('{')) return JSON.parse(value) as Told; // what is no JSON is the log
    }
  };
  return {
    process: child,
    ended,
    told,
    ask: (verb, name) => {
      child.send({ verb, name });
      return told();
    },
    said: async (text) => {
      while (!(out + err).includes(text)) await Promise.race([once(stdout, 'data'), once(stderr, 'data')]);
    },
    close: () => {
      child.send({ verb: 'close' });
      return ended;
    },
  };
}

/** Boots it once: what it told when it was up, or that it was not; then it is closed. */
export async function bootOnce(
  directory: string,
  spec: ChildSpec = {},
): Promise<{ told: Told | undefined; end: Ended }> {
  const child = startChild(directory, spec);
  const told = await child.told();
  const end = await (told ? child.close() : child.ended);
  return { told, end };
}
