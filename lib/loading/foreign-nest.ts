import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import type { FolderSource } from '../discovery/plugin-source.js';
import { errorOf, type Candidate } from './candidate.js';

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

/** Whether a plugin would import another copy than the application. */
export function isForeign({ folder }: FolderSource, copies: NestCopies): boolean {
  const copy = copies.seenFrom(folder);
  return copy !== undefined && copy !== copies.ofApplication;
}

/** @throws PluginError FOREIGN_NEST */
export function refuseForeignNest(candidate: Candidate, source: FolderSource, copies: NestCopies): void {
  if (!isForeign(source, copies)) return;
  const copy = copies.seenFrom(source.folder) ?? '';
  throw errorOf(candidate, 'FOREIGN_NEST', {
    detail: `it would use ${copy}, the application uses ${copies.ofApplication}`,
    hint: 'Make @nestjs/common a peer dependency of the plugin and delete its own copy: with two, its exceptions and injections are strangers to the application.',
    file: copy,
  });
}

/** The first versions of NestJS 12 let nobody ask for their package.json. */
function folderOf(entry: string): string {
  return entry.slice(0, entry.lastIndexOf(PACKAGE) + PACKAGE.length);
}
