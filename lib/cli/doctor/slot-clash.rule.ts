import path from 'node:path';

import { filesBelow } from './plugin-files.js';
import type { Rule } from './rule.js';

export const slotClash: Rule = {
  codes: { SLOT_CLASH: 'Two plugins have a template of one name; the first one in load order is rendered for both.' },
  look: (plugin, all) => {
    const before = all.slice(0, all.indexOf(plugin));
    const taken = new Map(
      before.toReversed().flatMap(({ name, folder }) => templatesIn(folder).map((file) => [file, name])),
    );
    return templatesIn(plugin.folder).flatMap((file) => {
      const owner = taken.get(file);
      if (owner === undefined) return [];
      return [
        {
          code: 'SLOT_CLASH',
          message: `Its template ${file} is never rendered: ${owner} has one of that name, and is loaded before.`,
          file: path.join(plugin.folder, 'templates', file),
          hint: `Move it into a folder of the plugin's name: templates/${plugin.name}/${path.basename(file)}`,
        },
      ];
    });
  },
};

function templatesIn(folder: string): string[] {
  const templates = path.join(folder, 'templates');
  return filesBelow(templates).map((file) => path.relative(templates, file).split(path.sep).join('/'));
}
