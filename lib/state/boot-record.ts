import { readFileSync } from 'node:fs';

/** A plugin, as the journal names it. */
export interface JournalPlugin {
  /** Its folder's real path; `inline:` and its name where it has none. */
  readonly key: string;
  readonly name: string;
  /** The file that is imported. */
  readonly entry?: string;
}

/** Something of plugins that runs. */
export interface JournalStep {
  readonly doing: string;
  readonly plugins: readonly JournalPlugin[];
  /** Whether several plugins run one thing that they share; otherwise each runs its own. */
  readonly isShared: boolean;
}

/** What one process wrote down of its start. */
export interface BootRecord {
  /** Which process: see `ownIdentity()`. */
  readonly by: string;
  /** When it began to write, as `Date.now()`. */
  readonly at: number;
  /** What was begun and not finished. */
  readonly open: readonly JournalStep[];
  /** Whose doing the end of the process was, where it could still be told: `null` where no plugin's. */
  readonly ender?: JournalPlugin | null;
  /** The exit code, where it could still be told. */
  readonly code?: number;
}

/** One line of the file in which a process writes its start down. */
export type BootLine =
  | { readonly by: string; readonly at: number }
  | ({ readonly open: number } & JournalStep)
  | { readonly close: number }
  | { readonly code: number; readonly ender?: JournalPlugin | null };

/**
 * Reads what a process wrote down.
 * @returns `undefined` where it is no such file, or an empty one
 */
export function readBootRecord(file: string): BootRecord | undefined {
  const lines = linesOf(file);
  const [head] = lines;
  if (!head || !('by' in head)) return undefined;
  const open = new Map<number, JournalStep>();
  let end: Pick<BootRecord, 'ender' | 'code'> = {};
  for (const line of lines) {
    if ('open' in line) open.set(line.open, line);
    else if ('close' in line) open.delete(line.close);
    else if ('code' in line) end = line;
  }
  return { by: head.by, at: head.at, open: [...open.values()], ...end };
}

/** Up to the first line that is none: the last one may have been cut off. */
function linesOf(file: string): BootLine[] {
  const lines: BootLine[] = [];
  try {
    for (const text of readFileSync(file, 'utf8').split('\n')) {
      const line: unknown = JSON.parse(text);
      if (isLine(line)) lines.push(line);
    }
  } catch {
    // the end of the file, or it is gone
  }
  return lines;
}

function isLine(line: unknown): line is BootLine {
  const { by, at, open, close, code, ender, plugins, doing } = Object(line) as Record<string, unknown>;
  if (open !== undefined) return typeof doing === 'string' && Array.isArray(plugins) && plugins.every(isPlugin);
  if (code !== undefined) return typeof code === 'number' && (ender === undefined || ender === null || isPlugin(ender));
  return typeof close === 'number' || (typeof by === 'string' && typeof at === 'number');
}

/** Whether something that was read is what the journal says of a plugin. */
export function isPlugin(value: unknown): value is JournalPlugin {
  const { key, name, entry = '' } = Object(value) as Record<string, unknown>;
  return [key, name, entry].every((each) => typeof each === 'string');
}
