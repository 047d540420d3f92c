import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { metadataOfPackageJson } from '../../loading/read-metadata.js';
import { lineWith, manifestOf, textOf } from './plugin-files.js';
import type { Rule } from './rule.js';

/** What package.json calls otherwise. */
const IN_PACKAGE_JSON: Readonly<Record<string, string>> = { url: 'homepage' };

export const metadataDrift: Rule = {
  codes: { METADATA_DIFFERS: 'The code and the package.json of a plugin tell different things of it.' },
  look: ({ folder, metadata, state }) => {
    if (state === 'disabled') return [];
    const file = path.join(folder, 'package.json');
    // What the code says counts; what it leaves out is taken from package.json, and so is the same.
    return Object.entries(metadataOfPackageJson(manifestOf(folder))).flatMap(([field, written]) => {
      const said = metadata[field as keyof typeof metadata];
      if (said === undefined || isDeepStrictEqual({ value: written }, { value: said })) return [];
      const key = IN_PACKAGE_JSON[field] ?? field;
      return [
        {
          code: 'METADATA_DIFFERS',
          severity: 'warning' as const,
          message: `Its ${field} is ${JSON.stringify(said)} in the code and ${JSON.stringify(written)} in package.json; the code counts.`,
          file,
          line: lineWith(textOf(file), `"${key}"`),
          hint: `Leave ${field} out of the code: it is taken from package.json then.`,
        },
      ];
    });
  },
};
