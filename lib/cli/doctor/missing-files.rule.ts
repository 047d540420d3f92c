import { existsSync } from 'node:fs';
import path from 'node:path';

import { filesBelow, lineWith, textOf } from './plugin-files.js';
import type { Rule } from './rule.js';

/** `emit_assets('shop', 'shop.css')` in a template, `emitAssets('shop', 'shop.css')` in code. */
const ASSET = /emit_?assets\(\s*(['"])([^'"]+)\1\s*,\s*(['"])([^'"]+)\3/gi;

export const missingFiles: Rule = {
  codes: { ASSET_NOT_FOUND: 'A template or the code of a plugin names an asset that is not there.' },
  look: ({ folder }, all) =>
    filesBelow(folder)
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
};
