import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Notice } from '../discovery/plugin-source.js';
import { printable } from '../plugin/printable.js';
import { isPlugin, readBootRecord, type BootRecord, type JournalPlugin } from './boot-record.js';
import { withFolderLock } from './folder-lock.js';
import { isGone, isOfThisMachine } from './process-identity.js';

/** In how many starts running a process must have died in a plugin. */
const DEATHS = 2;
/** When what another machine wrote down is of no use any more, in ms: whether its process lives, nobody here can tell. */
const OLD = 24 * 60 * 60 * 1000;

/** A plugin in which the process died while it started. */
export interface Suspect extends JournalPlugin {
  /** In how many starts running. */
  readonly deaths: number;
  /** What ran the last time: `import`, `register()`, `module`, `onModuleInit` and so on. */
  readonly doing: string;
  /** When the last of these starts began, as `Date.now()`. */
  readonly at: number;
}

/** What is known from the starts before this one. */
export interface Quarantine {
  /** Any of these may be the one; the next start runs one plugin after the other, so that it shows which. */
  readonly suspects: readonly Suspect[];
  /** These are left out. */
  readonly quarantined: readonly Suspect[];
}

const NOTHING: Quarantine = { suspects: [], quarantined: [] };

/** The file that keeps the quarantine of a plugin directory, where the application names no other. */
export function journalIn(directory: string): string {
  return path.join(path.resolve(directory), '.pluginkit-journal');
}

/** The file in which one process writes its start down, beside the journal. */
export function bootFileOf(journal: string, id: string): string {
  return `${journal}.${id}${BOOT}`;
}
const BOOT = '.boot';

/**
 * Reads who is in quarantine.
 * @param notices is told when the file makes no sense; it is put aside then
 */
export function readQuarantine(journal: string, notices: Notice[] = []): Quarantine {
  let text: string;
  try {
    text = readFileSync(journal, 'utf8');
  } catch {
    return NOTHING;
  }
  const read = parse(text);
  if (read) return read;
  notices.push({ level: 'warn', text: `${printable(journal)} is no journal of plugins: it is put aside as .corrupt.` });
  try {
    renameSync(journal, `${journal}.corrupt`);
  } catch {
    // it is told again in the next start
  }
  return NOTHING;
}

/** Adds what the processes that have died since left behind. */
export async function judgeDeadBoots(journal: string, notices: Notice[]): Promise<Quarantine> {
  if (deadBoots(journal).length === 0) return readQuarantine(journal, notices);
  return withFolderLock(path.dirname(journal), () => {
    // Read again: another process may have been quicker.
    const dead = deadBoots(journal);
    const known = readQuarantine(journal, notices);
    const next = dead
      .toSorted((a, b) => a.record.at - b.record.at)
      .reduce((sum, { record }) => add(sum, record), known);
    if (next !== known) writeQuarantine(journal, next);
    for (const { file } of dead) rmSync(file, { force: true });
    return Promise.resolve(next);
  });
}

/** Forgets the suspects: a start went well with them. */
export async function forgetSuspects(journal: string): Promise<void> {
  await change(journal, ({ quarantined }) => ({ suspects: [], quarantined }));
}

/**
 * Lets a plugin out of quarantine: it is tried again in the next start.
 * @param name its name without regard to case, its folder, or the folder's name
 * @returns whether it was in quarantine
 */
export async function release(journal: string, name: string): Promise<boolean> {
  const isMeant = (each: Suspect): boolean =>
    each.key === name || [each.name, path.basename(each.key)].some((own) => own.toLowerCase() === name.toLowerCase());
  if (!readQuarantine(journal).quarantined.some(isMeant)) return false;
  await change(journal, ({ suspects, quarantined }) => ({
    suspects: suspects.filter((each) => !isMeant(each)),
    quarantined: quarantined.filter((each) => !isMeant(each)),
  }));
  return true;
}

/**
 * Counts one death. Who was not at it is a suspect no more; who was, and alone, for the second time running, is the one.
 * A death that was no plugin's doing counts nothing.
 */
function add(known: Quarantine, { at, open, ender }: BootRecord): Quarantine {
  const steps = ender
    ? [open.find(({ plugins }) => plugins.some(({ key }) => key === ender.key)) ?? endedBy(ender)]
    : open;
  if (ender === null || steps.length === 0) return known;
  const atIt = ender
    ? [{ ...ender, doing: steps[0]?.doing ?? '' }]
    : steps.flatMap(({ plugins, doing }) => plugins.map((each) => ({ ...each, doing })));
  const suspects = [...new Map(atIt.map((each) => [each.key, each])).values()].map((each) => ({
    ...each,
    at,
    deaths: deathsBefore(known, each) + 1,
  }));
  const isSingledOut = suspects.length === 1 || (steps.length === 1 && steps[0]?.isShared === true);
  const caught = isSingledOut ? suspects.filter(({ deaths }) => deaths >= DEATHS) : [];
  return {
    suspects: suspects.filter((each) => !caught.includes(each)),
    quarantined: [...known.quarantined.filter(({ key }) => caught.every((each) => each.key !== key)), ...caught],
  };
}

/** What other code of the same plugin did does not count. */
function deathsBefore({ suspects }: Quarantine, { key }: JournalPlugin): number {
  const known = suspects.find((each) => each.key === key);
  return known && !hasChanged(known) ? known.deaths : 0;
}

/** Whether there is other code now than that in which the process died: its entry or its package.json was replaced or written to. */
export function hasChanged({ key, entry, at }: Suspect): boolean {
  return [entry, path.join(key, 'package.json')].some(
    (file) => file !== undefined && (statSync(file, { throwIfNoEntry: false })?.ctimeMs ?? 0) > at,
  );
}

function endedBy(ender: JournalPlugin): BootRecord['open'][number] {
  return { doing: 'what it began', plugins: [ender], isShared: false };
}

function deadBoots(journal: string): { file: string; record: BootRecord }[] {
  const prefix = `${path.basename(journal)}.`;
  return listed(path.dirname(journal))
    .filter((name) => name.startsWith(prefix) && name.endsWith(BOOT))
    .flatMap((name) => {
      const file = path.join(path.dirname(journal), name);
      const record = readBootRecord(file);
      if (record && isGone(record.by)) return [{ file, record }];
      if (!(record && isOfThisMachine(record.by)) && ageOf(file) > OLD) rmSync(file, { force: true });
      return [];
    });
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function ageOf(file: string): number {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}

async function change(journal: string, edit: (known: Quarantine) => Quarantine): Promise<void> {
  await withFolderLock(path.dirname(journal), () => {
    writeQuarantine(journal, edit(readQuarantine(journal)));
    return Promise.resolve();
  });
}

/** Only under the lock. Written elsewhere and then renamed: a crash leaves the old one or the new one. */
function writeQuarantine(journal: string, quarantine: Quarantine): void {
  if (quarantine.suspects.length + quarantine.quarantined.length === 0) {
    rmSync(journal, { force: true });
    return;
  }
  writeFileSync(`${journal}.new`, `${JSON.stringify({ version: 1, ...quarantine }, undefined, 2)}\n`);
  renameSync(`${journal}.new`, journal);
}

function parse(text: string): Quarantine | undefined {
  try {
    const { suspects, quarantined } = JSON.parse(text) as Partial<Record<keyof Quarantine, unknown>>;
    if (areSuspects(suspects) && areSuspects(quarantined)) return { suspects, quarantined };
  } catch {
    // no JSON
  }
  return undefined;
}

function areSuspects(value: unknown): value is Suspect[] {
  return (
    Array.isArray(value) &&
    value.every((each: unknown) => {
      const { deaths, doing, at } = Object(each) as Record<keyof Suspect, unknown>;
      return isPlugin(each) && typeof doing === 'string' && [deaths, at].every(Number.isFinite);
    })
  );
}
