import { constants, existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { withFolderLock } from './folder-lock.js';

/** How large a {@link LineFile} may get. */
export interface LineFileLimits {
  /** After how many bytes a new file is begun. */
  readonly maxBytes: number;
  /** How many full files are kept beside it. */
  readonly keep: number;
}

/** A file to which lines are appended, one write after the other; a full one is kept as `name.1`, `name.2` and so on. */
export class LineFile {
  #last: Promise<unknown> = Promise.resolve();
  #isFresh = true;

  constructor(
    private readonly file: string,
    private readonly limits: LineFileLimits,
  ) {}

  /** @throws the file system's error; then nothing was appended */
  append(lines: readonly string[]): Promise<void> {
    const next = this.#last.then(() => this.#append(lines));
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** Resolves when everything is written that was given before. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** The lines of one file after the other, the newest first. */
  async *newestFirst(): AsyncGenerator<string> {
    await this.#last;
    for (let age = 0; age <= this.limits.keep; age++) {
      const text = await readFile(this.#named(age), 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      yield* text
        .split('\n')
        .filter((line) => line !== '')
        .toReversed();
    }
  }

  async #append(lines: readonly string[]): Promise<void> {
    await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
    if ((await sizeOf(this.file)) >= this.limits.maxBytes) await this.#rotate();
    // A crash may have left half a line. No link is followed to a file of somebody else.
    const text = `${this.#isFresh && existsSync(this.file) ? '\n' : ''}${lines.join('\n')}\n`;
    const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = constants;
    const handle = await open(this.file, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
    try {
      await handle.appendFile(text);
      this.#isFresh = false;
    } finally {
      await handle.close();
    }
  }

  /** Other processes append to the same file: only one of them may find it full. */
  async #rotate(): Promise<void> {
    await withFolderLock(path.dirname(this.file), async () => {
      if ((await sizeOf(this.file)) < this.limits.maxBytes) return;
      await rm(this.#named(this.limits.keep), { force: true });
      for (let age = this.limits.keep - 1; age >= 0; age--)
        if (existsSync(this.#named(age))) await rename(this.#named(age), this.#named(age + 1));
    });
  }

  #named(age: number): string {
    return age === 0 ? this.file : `${this.file}.${age}`;
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
