import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const PACKAGE = path.join('@nestjs', 'common');

/** Finds which copy of @nestjs/common a folder's code would import, in the way Node.js looks for it. */
export class NestCopies {
  /** The application's own copy: the one that this library runs with. */
  readonly ofApplication = folderOf(realpathSync.native(createRequire(import.meta.url).resolve('@nestjs/common')));
  /** What was found for folders on the way up: plugins stand side by side, so most of the way is walked once. */
  readonly #known = new Map<string, string | undefined>();

  /** The real path of the copy that a folder sees, `undefined` where it sees none. */
  seenFrom(folder: string): string | undefined {
    const known = this.#known.get(folder);
    if (known !== undefined || this.#known.has(folder)) return known;
    const here = path.join(folder, 'node_modules', PACKAGE);
    const parent = path.dirname(folder);
    const found = existsSync(here) ? realpathSync.native(here) : parent === folder ? undefined : this.seenFrom(parent);
    this.#known.set(folder, found);
    return found;
  }
}

/** The first versions of NestJS 12 let nobody ask for their package.json. */
function folderOf(entry: string): string {
  return entry.slice(0, entry.lastIndexOf(PACKAGE) + PACKAGE.length);
}
