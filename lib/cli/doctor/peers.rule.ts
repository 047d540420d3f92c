import path from 'node:path';

import semver from 'semver';

import { copyOfApplication, copySeenFrom, versionIn } from './installed-copy.js';
import { lineWith, manifestOf, textOf, textsIn } from './plugin-files.js';
import type { Rule } from './rule.js';

export const peers: Rule = {
  codes: {
    PEER_MISSING: 'A peer dependency of a plugin is not installed.',
    RANGE_UNMET: 'A peer dependency of a plugin is installed in a version that does not fit.',
  },
  look: ({ folder }) => {
    const manifest = manifestOf(folder);
    const optional = manifest?.['peerDependenciesMeta'] as
      Record<string, { optional?: unknown } | undefined> | undefined;
    const file = path.join(folder, 'package.json');
    return Object.entries(textsIn(manifest, 'peerDependencies')).flatMap(([name, range]) => {
      const place = { file, line: lineWith(textOf(file), `"${name}"`) };
      const copy = copySeenFrom(folder, name) ?? copyOfApplication(name);
      const version = copy && versionIn(copy);
      if (version === undefined)
        return optional?.[name]?.optional === true
          ? []
          : [
              {
                code: 'PEER_MISSING',
                message: `It needs ${name} ${range}, which is not installed.`,
                ...place,
                hint: `Install it in the application: npm install ${name}@"${range}"`,
              },
            ];
      if (semver.validRange(range) === null || semver.satisfies(version, range, { includePrerelease: true })) return [];
      return [
        {
          code: 'RANGE_UNMET',
          message: `It needs ${name} ${range}, installed is ${version}.`,
          ...place,
          hint: `Install a version of ${name} that fits ${range}, or widen the range once you have tried ${version}.`,
        },
      ];
    });
  },
};
