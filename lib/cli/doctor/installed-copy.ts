import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { applicationBases } from '../../discovery/application-bases.js';
import { manifestOf } from './plugin-files.js';

/** The folder of this library: the application's packages are found from here, too. */
const LIBRARY = fileURLToPath(new URL('../../..', import.meta.url));

/** The real folder of a package that code in a folder would import, as Node.js looks for it. */
export function copySeenFrom(folder: string, name: string): string | undefined {
  const here = path.join(folder, 'node_modules', name);
  if (existsSync(here)) return realpathSync.native(here);
  const parent = path.dirname(folder);
  return parent === folder ? undefined : copySeenFrom(parent, name);
}

/** The real folder of a package that the application uses. */
export function copyOfApplication(name: string): string | undefined {
  if (name === 'nestjs-pluginkit') return realpathSync.native(LIBRARY);
  for (const base of [...applicationBases().map((file) => path.dirname(file)), LIBRARY]) {
    const copy = copySeenFrom(base, name);
    if (copy !== undefined) return copy;
  }
  return undefined;
}

/** The version of a package that lies in a folder. */
export function versionIn(folder: string): string | undefined {
  const version = manifestOf(folder)?.['version'];
  return typeof version === 'string' ? version : undefined;
}
