import path from 'node:path';

import { Logger } from '@nestjs/common';

import { describeThrown } from '../plugin/printable.js';
import { LineFile } from '../state/line-file.js';
import type { AuditEntry, AuditPage } from './api.js';

/** Where the audit is kept. */
export interface AuditOptions {
  /** A file of JSON lines, relative to the working directory. @default '.pluginkit/audit.jsonl' */
  file?: string;
  /** After how many bytes a new file is begun. @default 1048576 */
  maxBytes?: number;
  /** How many full files are kept beside it: `audit.jsonl.1` and so on. @default 5 */
  keep?: number;
}

/** Which entries are wanted. */
export interface AuditQuery {
  readonly limit: number;
  readonly before?: number;
  readonly plugin?: string;
}

/** How many entries wait in memory while the file cannot be written; the oldest go first. */
const MOST_WAITING = 1000;

/** The audit on disk: entries are only ever appended. Where it cannot be written, they wait in memory. */
export class AuditFile {
  readonly #logger = new Logger('PluginKit');
  readonly #lines: LineFile;
  readonly #file: string;
  #waiting: AuditEntry[] = [];
  #lastId = 0;
  #isBroken = false;
  #writing: Promise<void> | undefined;

  constructor({ file = '.pluginkit/audit.jsonl', maxBytes = 1024 * 1024, keep = 5 }: AuditOptions = {}) {
    this.#file = path.resolve(file);
    this.#lines = new LineFile(this.#file, { maxBytes, keep });
  }

  /** Never throws: what is to be noted has happened already. */
  async add(entry: Omit<AuditEntry, 'id' | 'at'>): Promise<void> {
    const now = new Date();
    // Unique within a process, and nearly so among several: a thousand for each millisecond.
    this.#lastId = Math.max(this.#lastId + 1, now.getTime() * 1000 + (process.pid % 1000));
    this.#waiting.push({ id: this.#lastId, at: now.toISOString(), ...entry });
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#writing ??= this.#writeAll();
    await this.#writing;
  }

  /** Newest first. */
  async page({ limit, before = Infinity, plugin }: AuditQuery): Promise<AuditPage> {
    await this.#writing;
    const entries: AuditEntry[] = [];
    const seen = new Set<number>(); // one that is being written may stand in both places
    const name = plugin?.toLowerCase();
    const isWanted = (entry: AuditEntry): boolean =>
      entry.id < before &&
      (name === undefined || [entry.plugin, ...(entry.affected ?? [])].some((each) => each?.toLowerCase() === name));
    const take = (entry: AuditEntry): void => {
      if (isWanted(entry) && !seen.has(entry.id)) entries.push(entry);
      seen.add(entry.id);
    };
    for (const entry of this.#waiting.toReversed()) take(entry);
    for await (const line of this.#lines.newestFirst()) {
      if (entries.length > limit) break;
      const entry = parsed(line);
      if (entry) take(entry);
    }
    const page = entries.slice(0, limit);
    const last = page.at(-1);
    return { entries: page, ...(entries.length > limit && last && { next: last.id }) };
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = [...this.#waiting];
        await this.#lines.append(batch.map(lineOf));
        this.#waiting = this.#waiting.filter((entry) => !batch.includes(entry));
      }
      this.#isBroken = false;
    } catch (error) {
      if (!this.#isBroken)
        this.#logger.warn(
          `The audit cannot be written to ${this.#file} (${describeThrown(error)}); its last ${MOST_WAITING} entries are kept in memory. Set the option "admin.audit.file" to a place that is writable.`,
        );
      this.#isBroken = true;
    } finally {
      this.#writing = undefined;
    }
  }
}

/** JSON escapes line breaks and the like, but for some characters that reorder or hide text. */
function lineOf(entry: AuditEntry): string {
  return JSON.stringify(entry).replace(
    /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function parsed(line: string): AuditEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'number'
      ? (entry as AuditEntry) // we alone write it; a line that was cut is no JSON
      : undefined;
  } catch {
    return undefined;
  }
}
