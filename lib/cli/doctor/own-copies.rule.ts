import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

import { copyOfApplication } from './installed-copy.js';
import { lineWith, manifestOf, textOf, textsIn } from './plugin-files.js';
import type { Finding, Rule } from './rule.js';

/** Packages of which an application must have one copy alone: they compare classes, or keep what decorators say. */
const ONE_OF = ['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs', 'nestjs-pluginkit'];

export const ownCopies: Rule = {
  codes: { OWN_COPY: 'A plugin brings its own copy of a package that it must share with the application.' },
  look: ({ folder }) => ONE_OF.flatMap((name) => installed(folder, name) ?? declared(folder, name) ?? []),
};

function installed(folder: string, name: string): Finding | undefined {
  const own = path.join(folder, 'node_modules', name);
  if (!existsSync(own) || realpathSync.native(own) === copyOfApplication(name)) return undefined;
  return {
    code: 'OWN_COPY',
    message: `It brings its own copy of ${name}, which knows nothing of the application's.`,
    file: own,
    hint: `Make ${name} a peer dependency, and delete this copy.`,
  };
}

function declared(folder: string, name: string): Finding | undefined {
  if (textsIn(manifestOf(folder), 'dependencies')[name] === undefined) return undefined;
  const file = path.join(folder, 'package.json');
  return {
    code: 'OWN_COPY',
    severity: 'warning',
    message: `package.json has ${name} under "dependencies", so that npm may install a second copy of it.`,
    file,
    line: lineWith(textOf(file), `"${name}"`),
    hint: `Move ${name} to "peerDependencies".`,
  };
}
