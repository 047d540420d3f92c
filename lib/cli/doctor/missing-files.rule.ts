import { existsSync } from 'node:fs';
import path from 'node:path';

import { filesBelow, lineWith, textOf } from './plugin-files.js';
import type { Rule } from './rule.js';

/** `emit_assets('shop', 'shop.css')` in a template, `emitAssets('shop', 'shop.css')` in code. */
const ASSET = /emit_?assets\(\s*(['"])([^'"]+)\1\s*,\s*(['"])([^'"]+)\3/gi;

export const missingFiles: Rule = {
  codes: {
    TEMPLATE_NOT_FOUND: 'A slot of a plugin names a template that is not there.',
    ASSET_NOT_FOUND: 'A template or the code of a plugin names an asset that is not there.',
  },
  look: ({ folder, entry, error, contributions }, all) => [
    ...Object.entries(
      (error?.code as string | undefined) === 'TEMPLATE_NOT_FOUND' ? {} : (contributions?.slots ?? {}),
    ).flatMap(([slot, templates]) =>
      templates
        .filter(({ file }) => !existsSync(path.join(folder, 'templates', file)))
        .map(({ file }) => ({
          code: 'TEMPLATE_NOT_FOUND',
          message: `The slot "${slot}" takes the template ${file}, which is not in the folder templates.`,
          file: entry,
          line: entry === undefined ? undefined : lineWith(textOf(entry), file),
          hint: `Write ${path.join('templates', file)}, or correct its name.`,
        })),
    ),
    ...filesBelow(folder)
      .filter((file) => /\.(?:html|njk|eta|[cm]?[jt]s)$/.test(file) && !/\.(?:test|spec)\.\w+$|\.d\.ts$/.test(file))
      .flatMap((file) => {
        const text = textOf(file);
        return [...text.matchAll(ASSET)].flatMap(([call, , name = '', , asset = '']) => {
          const owner = all.find((each) => each.name.toLowerCase() === name.toLowerCase());
          if (!owner || existsSync(path.join(owner.folder, 'static', asset.replace(/[?#].*/, '')))) return [];
          return [
            {
              code: 'ASSET_NOT_FOUND',
              message: `It uses the asset ${asset} of ${name}, which is not in the folder static of that plugin.`,
              file,
              line: lineWith(text, call),
              hint: `Put ${asset} into ${path.join(owner.folder, 'static')}, or correct its name.`,
            },
          ];
        });
      }),
  ],
};
