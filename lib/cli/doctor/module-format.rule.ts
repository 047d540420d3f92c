import { existsSync } from 'node:fs';
import path from 'node:path';

import { lineWith, manifestOf, textOf } from './plugin-files.js';
import type { Rule } from './rule.js';

const ES_MODULE =
  /^\s*(?:import\s*(?:[\w$*{]|['"])|export\s*(?:default\b|const\b|let\b|class\b|function\b|async\b|[{*]))/m;
const COMMON_JS = /^\s*(?:module\.exports\b|exports\.\w+\s*=|(?:const|let|var)\s[^=\n]*=\s*require\()/m;

export const moduleFormat: Rule = {
  codes: { MODULE_FORMAT: 'The entry of a plugin is written in one module format and loaded as the other.' },
  look: ({ entry, folder }) => {
    if (entry === undefined) return [];
    const text = textOf(entry);
    const loadedAs = formatOf(entry, folder);
    const wrong = loadedAs === 'module' ? COMMON_JS : ES_MODULE;
    const right = loadedAs === 'module' ? ES_MODULE : COMMON_JS;
    if (!wrong.test(text) || (loadedAs === 'module' && right.test(text) && !/^\s*module\.exports\b/m.test(text)))
      return [];
    return [
      {
        code: 'MODULE_FORMAT',
        message:
          loadedAs === 'module'
            ? 'The entry is loaded as an ES module, and is written as CommonJS.'
            : 'The entry is loaded as CommonJS, and is written as an ES module; Node.js 20 refuses it.',
        file: entry,
        line: lineWith(text, wrong),
        hint:
          loadedAs === 'module'
            ? 'Use import and export, or call the file .cjs.'
            : 'Put "type": "module" into the package.json of the plugin, or call the file .mjs.',
      },
    ];
  },
};

/** As Node.js decides: by the ending, else by the nearest package.json. */
function formatOf(entry: string, folder: string): 'module' | 'commonjs' {
  const ending = path.extname(entry);
  if (ending !== '.js' && ending !== '.ts') return ending.startsWith('.c') ? 'commonjs' : 'module';
  let place = path.dirname(entry);
  while (!existsSync(path.join(place, 'package.json')) && path.dirname(place) !== place) place = path.dirname(place);
  const isModule = ending === '.ts' || manifestOf(place)?.['type'] === 'module';
  return isModule || folder === '' ? 'module' : 'commonjs';
}
