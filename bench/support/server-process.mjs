import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** A server in a process of its own, whose output tells how far it is. */
export class ServerProcess {
  #text = '';
  #listeners = new Set();

  /** @param options what `spawn()` takes, and `ipc` to talk to it */
  constructor(program, args, { ipc = false, ...options } = {}) {
    this.child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc'] : [])] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        this.#text += text;
        for (const listener of this.#listeners) listener();
      });
    this.exited = new Promise((resolve) =>
      this.child.once('close', (code) => {
        resolve(code);
        for (const listener of this.#listeners) listener();
      }),
    );
  }

  /** Waits until the output has a match, behind everything that was waited for before. */
  async until(pattern) {
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match) {
        this.#text = this.#text.slice(match.index + match[0].length);
        return match;
      }
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`the server has ended (${this.child.exitCode ?? this.child.signalCode}): ${this.#text}`);
      await new Promise((resolve) => {
        const listener = () => {
          this.#listeners.delete(listener);
          resolve();
        };
        this.#listeners.add(listener);
      });
    }
  }

  async stop() {
    this.child.kill('SIGTERM');
    return this.exited;
  }
}

/** A port that nobody uses at the moment. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
