import type { InspectedPlugin, Inspection } from '../inspection/inspection.js';
import { metadataDrift } from './metadata-drift.rule.js';
import { missingFiles } from './missing-files.rule.js';
import { moduleFormat } from './module-format.rule.js';
import { ownCopies } from './own-copies.rule.js';
import { peers } from './peers.rule.js';
import { publishedEntry } from './published-entry.rule.js';
import { routeClash } from './route-clash.rule.js';
import type { Problem, Rule } from './rule.js';
import { slotClash } from './slot-clash.rule.js';
import { unusedKeys } from './unused-keys.rule.js';

/** Everything that is looked for beyond what loading finds, in the order in which it is reported. */
export const rules: readonly Rule[] = [
  ownCopies,
  peers,
  moduleFormat,
  publishedEntry,
  missingFiles,
  routeClash,
  slotClash,
  unusedKeys,
  metadataDrift,
];

/** Every problem of every plugin that is not switched off: first why it could not be loaded, then what the rules find. */
export function diagnose({ plugins }: Inspection): Problem[] {
  const on = plugins.filter(({ state }) => state !== 'disabled');
  return on.flatMap((plugin) => {
    const found = rules.flatMap((rule) => rule.look(plugin, on));
    return [
      ...loadProblem(plugin),
      ...found
        .filter(({ code }) => code !== plugin.error?.code) // loading has told it already
        .map((each) => ({ severity: 'error' as const, ...each, plugin: plugin.name })),
    ];
  });
}

function loadProblem({ name, error }: InspectedPlugin): Problem[] {
  if (!error) return [];
  const { code, message, file, line, hint, lacks } = error;
  const known = { plugin: name, file, line };
  if (lacks !== undefined)
    return [
      {
        code: 'NEEDS_APPLICATION',
        severity: 'note',
        ...known,
        message: `It could not be started here, for want of ${lacks}, which the application may give.`,
        hint: 'See that the application names the module which exports it under "share".',
      },
    ];
  return [{ code, severity: 'error', ...known, message: message.replace(/^Plugin "[^"]*": /, ''), hint }];
}
