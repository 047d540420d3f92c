import { randomUUID } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';

import type { Notice } from '../discovery/plugin-source.js';
import { describeThrown, printable } from '../plugin/printable.js';
import type { BootLine, JournalPlugin, JournalStep } from './boot-record.js';
import { ownIdentity } from './process-identity.js';
import {
  bootFileOf,
  forgetSuspects,
  judgeDeadBoots,
  readQuarantine,
  release,
  type Quarantine,
  type Suspect,
} from './quarantine.js';

/** Where a journal is kept. */
export interface JournalPlaces {
  /** The file that keeps the quarantine; none where no journal is kept. */
  readonly journal?: string | undefined;
  /** Another file for what this process writes down: then the journal is only read. */
  readonly bootFile?: string | undefined;
  /** Runs one plugin after the other, whether there are suspects or not. */
  readonly isCareful?: boolean;
}

/**
 * Writes down what of the plugins runs, before it does, so that the next process knows in whom this one died.
 * One small write for each step: what a process has written survives its crash; only a crash of the machine would need more.
 */
export class BootJournal {
  /** What an operator should know of the journal itself. */
  readonly notices: Notice[] = [];
  readonly #bootFile: string | undefined;
  readonly #open = new Set<number>();
  #known: Quarantine = { suspects: [], quarantined: [] };
  #last = 0;
  #fd: number | undefined;
  #isOff: boolean;
  #isFinished = false;

  constructor(private readonly places: JournalPlaces) {
    const { journal, bootFile } = places;
    this.#bootFile = bootFile ?? (journal && bootFileOf(journal, randomUUID()));
    this.#isOff = this.#bootFile === undefined;
  }

  /** Judges what dead processes left behind; call it before anything of a plugin runs. */
  async begin(): Promise<void> {
    const { journal, bootFile } = this.places;
    if (journal === undefined) return;
    try {
      this.#known = bootFile ? readQuarantine(journal, this.notices) : await judgeDeadBoots(journal, this.notices);
    } catch (error) {
      this.#turnOff(error);
      this.#known = readQuarantine(journal);
    }
  }

  /** Whether plugins are to run one after the other, so that it shows in which the process dies. */
  get isCareful(): boolean {
    return (this.places.isCareful ?? false) || this.#known.suspects.length > 0;
  }

  /** What is known of a plugin that is to be left out. */
  quarantined(key: string): Suspect | undefined {
    return this.#known.quarantined.find((each) => each.key === key);
  }

  /** Whether a plugin will be left out in the next start, as far as the disk tells now. */
  isQuarantined(key: string): boolean {
    return this.#onDisk.quarantined.some((each) => each.key === key);
  }

  /** Lets a plugin out of quarantine. @throws the file system's error */
  async release(key: string): Promise<void> {
    this.#known = {
      suspects: this.#known.suspects,
      quarantined: this.#known.quarantined.filter((each) => each.key !== key),
    };
    const { journal, bootFile } = this.places;
    if (journal !== undefined && bootFile === undefined) await release(journal, key);
  }

  /** Notes that something of plugins begins; returns what notes that it has ended. */
  enter(step: JournalStep): () => void {
    if (this.#isOff) return () => undefined;
    this.#last += 1;
    const open = this.#last;
    this.#open.add(open);
    this.#write({ open, ...step });
    return () => {
      if (!this.#open.delete(open)) return;
      this.#write({ close: open });
      this.#removeIfDone();
    };
  }

  /** Notes, while the process ends, whose doing that was; `null` where no plugin's. */
  end(code: number, ender: JournalPlugin | null | undefined): void {
    if (this.#fd === undefined) return;
    this.#write({ code, ...(ender !== undefined && { ender }) });
  }

  /** When the application has started, whatever came of its plugins: then nobody is suspected any more. */
  async finish(): Promise<void> {
    this.leave();
    const { journal, bootFile } = this.places;
    if (this.#known.suspects.length === 0 || journal === undefined || bootFile !== undefined || this.#isOff) return;
    this.#known = { ...this.#known, suspects: [] };
    await forgetSuspects(journal).catch((error: unknown) => this.#turnOff(error));
  }

  /** When the application stops, be it while it starts. */
  leave(): void {
    this.#isFinished = true;
    this.#removeIfDone();
  }

  get #onDisk(): Quarantine {
    return this.places.journal === undefined ? this.#known : readQuarantine(this.places.journal);
  }

  #write(line: BootLine): void {
    if (this.#bootFile === undefined || this.#isOff) return;
    try {
      if (this.#fd === undefined) {
        this.#fd = openSync(this.#bootFile, 'ax', 0o600);
        this.#write({ by: `${ownIdentity()}:${randomUUID()}`, at: Date.now() });
      }
      writeSync(this.#fd, `${JSON.stringify(line)}\n`);
    } catch (error) {
      this.#turnOff(error);
    }
  }

  /** A journal that cannot be kept keeps nobody from starting. */
  #turnOff(error: unknown): void {
    this.#isOff = true;
    this.#remove();
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const isExpected = ['EROFS', 'EACCES', 'EPERM', 'ENOENT', 'ENOTDIR'].includes(code);
    this.notices.push({
      level: isExpected ? 'debug' : 'warn',
      text: `The journal of the start is off: ${printable(this.#bootFile ?? '')} cannot be written (${describeThrown(error)}).`,
    });
  }

  #removeIfDone(): void {
    if (this.#isFinished && this.#open.size === 0) this.#remove();
  }

  #remove(): void {
    if (this.#fd === undefined || this.#bootFile === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
    if (this.places.bootFile === undefined) rmSync(this.#bootFile, { force: true });
  }
}
