import { existsSync } from 'node:fs';
import path from 'node:path';

import { lineWith, manifestOf, textOf } from './plugin-files.js';
import type { Rule } from './rule.js';

export const publishedEntry: Rule = {
  codes: { ENTRY_OUTSIDE: 'The entry of a plugin, or a folder it needs, lies outside of what npm publishes of it.' },
  look: ({ folder, entry }) => {
    const files = manifestOf(folder)?.['files'];
    if (!Array.isArray(files) || entry === undefined) return [];
    const listed = files.filter((each): each is string => typeof each === 'string').map(plain);
    // A pattern is npm's to understand.
    if (listed.some((each) => /[*?[{!]/.test(each))) return [];
    const needed = [
      path.relative(folder, entry),
      ...['templates', 'static'].filter((each) => existsSync(path.join(folder, each))),
    ];
    const file = path.join(folder, 'package.json');
    return needed
      .filter((each) => !listed.some((place) => place === '' || each === place || each.startsWith(`${place}/`)))
      .map((each) => ({
        code: 'ENTRY_OUTSIDE',
        severity: 'warning' as const,
        message: `${each} is not among the "files" of package.json: the published package would lack it.`,
        file,
        line: lineWith(textOf(file), '"files"'),
        hint: `Add "${each}" to "files".`,
      }));
  },
};

function plain(file: string): string {
  return file
    .replace(/^\.?\//, '')
    .replace(/\/$/, '')
    .replace(/^\.$/, '');
}
