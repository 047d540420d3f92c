import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The marker files that a plugin's folder has. */
interface Markers {
  readonly folder: string;
  readonly enabled: boolean;
  readonly disabled: boolean;
}

const NAMES = { enabled: 'ENABLED', disabled: 'DISABLED' } as const;

/**
 * Switches plugins off and on for a while, and puts their marker files back as they were. What they were is kept in a
 * file meanwhile, so that the next run can put back what one left that was killed.
 */
export class BorrowedMarkers {
  readonly #before: readonly Markers[];

  constructor(
    private readonly journal: string,
    folders: readonly string[],
  ) {
    this.#before = folders.map((folder) => ({
      folder,
      enabled: has(folder, 'enabled'),
      disabled: has(folder, 'disabled'),
    }));
    writeFileSync(journal, JSON.stringify(this.#before), { flag: 'wx' });
  }

  /** Leaves these on, and switches the others off. */
  only(on: ReadonlySet<string>): void {
    for (const markers of this.#before) {
      if (on.has(markers.folder)) restore(markers);
      else set(markers.folder, 'disabled', true);
    }
  }

  /** At once, so that it can be done while the process is being ended. */
  giveBack(): void {
    putBackFrom(this.journal);
  }
}

/** Puts the marker files back as a journal tells, where there is one. */
export function putBackFrom(journal: string): void {
  let before: Markers[];
  try {
    before = JSON.parse(readFileSync(journal, 'utf8')) as Markers[]; // nobody but this file writes it
  } catch {
    return; // nothing was left behind
  }
  for (const markers of before) restore(markers);
  rmSync(journal, { force: true });
}

function restore({ folder, enabled, disabled }: Markers): void {
  set(folder, 'enabled', enabled);
  set(folder, 'disabled', disabled);
}

function set(folder: string, which: keyof typeof NAMES, isThere: boolean): void {
  if (has(folder, which) === isThere) return;
  const file = path.join(folder, NAMES[which]);
  if (isThere) writeFileSync(file, '');
  else rmSync(file, { force: true });
}

function has(folder: string, which: keyof typeof NAMES): boolean {
  return lstatSync(path.join(folder, NAMES[which]), { throwIfNoEntry: false }) !== undefined;
}
