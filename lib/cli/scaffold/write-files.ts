import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Writes new files below a folder; none where one of them is there already.
 * @throws Error naming the files that are there
 */
export function writeNewFiles(folder: string, files: Readonly<Record<string, string>>): void {
  const taken = Object.keys(files).filter((file) => lstatSync(path.join(folder, file), { throwIfNoEntry: false }));
  if (taken.length > 0)
    throw new Error(
      `${path.join(folder, taken[0] ?? '')} is there already; nothing is written over (${taken.join(', ')}).`,
    );
  for (const [file, text] of Object.entries(files)) {
    const place = path.join(folder, file);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, text, { flag: 'wx' }); // should it have come meanwhile
  }
}
