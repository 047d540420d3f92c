import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { onTestFinished } from 'vitest';

import { freePort } from './free-port.js';

const CLI = path.resolve('dist/cli/pluginkit.js');

export interface ServeSpec {
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What starts the command instead of this process: `unshare`, for one. */
  readonly under?: readonly string[];
}

/** A running `pluginkit serve` in a process group of its own; what is left of it is killed when the test ends. */
export class Served {
  readonly child: ChildProcess;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly url: string;
  out = '';
  err = '';
  #place = 0;
  readonly #listeners = new Set<() => void>();

  static start({ entry, args = [], env = {}, under = [] }: ServeSpec): Promise<Served> {
    return Served.run([...under, process.execPath, CLI, 'serve', entry, ...args], env);
  }

  /** Starts whatever it is that starts the application. */
  static async run(command: readonly string[], env: Readonly<Record<string, string>>): Promise<Served> {
    return new Served(command, await freePort(), env);
  }

  private constructor([program = '', ...args]: readonly string[], port: number, env: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`;
    this.child = spawn(program, args, {
      env: { ...process.env, NODE_OPTIONS: '', ...env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear('out', text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#hear('err', text));
    this.exited = new Promise((resolve) =>
      this.child.once('close', (code, signal) => {
        resolve({ code, signal });
        for (const listener of this.#listeners) listener();
      }),
    );
    onTestFinished(() => {
      try {
        process.kill(-this.pid, 'SIGKILL');
      } catch {
        // all of it has ended
      }
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('it did not start');
    return this.child.pid;
  }

  get all(): string {
    return this.#all;
  }
  #all = '';

  /** Waits for a match in what it writes, behind the last one that was waited for. */
  async until(pattern: RegExp, times = 1): Promise<RegExpExecArray> {
    for (;;) {
      const match = new RegExp(pattern.source, 's').exec(this.#all.slice(this.#place));
      if (match) {
        this.#place += match.index + match[0].length;
        if (times === 1) return match;
        return this.until(pattern, times - 1);
      }
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`it ended with ${this.child.exitCode ?? this.child.signalCode}:\n${this.#all}`);
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          this.#listeners.delete(listener);
          resolve();
        };
        this.#listeners.add(listener);
      });
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async stop(): Promise<number | null> {
    this.signal('SIGTERM');
    return (await this.exited).code;
  }

  async text(pathname: string, init?: RequestInit): Promise<string> {
    return (await fetch(this.url + pathname, init)).text();
  }

  async json<T>(pathname: string, init?: RequestInit): Promise<T> {
    return (await fetch(this.url + pathname, init)).json() as Promise<T>;
  }

  /** The workers there are, by number. */
  workers(): number[] {
    return childrenOf(this.pid);
  }

  #hear(stream: 'out' | 'err', text: string): void {
    this[stream] += text;
    this.#all += text;
    for (const listener of this.#listeners) listener();
  }
}

/** The children of a process, as the system knows them. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/** Whether there is such a process that has not ended. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
