import { errorOf, type Candidate } from '../loading/candidate.js';
import { describeThrown, printable } from '../plugin/printable.js';
import type { PluginErrorCode } from '../plugin/plugin-error.js';
import { extensionPoints } from './extension-points.js';
import { newDraft, type ModuleDraft } from './module-draft.js';

/**
 * Checks everything that `register()` returned, each key by its extension point, before anything of it is used.
 * @throws PluginError EXTENSION_UNKNOWN or EXTENSION_INVALID, with every key that is wrong
 */
export function readContributions(candidate: Candidate, returned: object): ModuleDraft {
  const draft = newDraft();
  const problems: { key: string; code: PluginErrorCode; text: string }[] = [];
  for (const key of Reflect.ownKeys(returned)) {
    const point = extensionPoints.find((each) => each.key === key);
    try {
      const value: unknown = Reflect.get(returned, key);
      if (!point)
        problems.push({
          key: printable(String(key)),
          code: 'EXTENSION_UNKNOWN',
          text: `${printable(String(key))} is unknown`,
        });
      else if (value !== undefined) point.contribute(point.parse(value), draft);
    } catch (thrown) {
      problems.push({
        key: printable(String(key)),
        code: 'EXTENSION_INVALID',
        text: `${printable(String(key))} ${describeThrown(thrown)}`,
      });
    }
  }
  if (draft.module) {
    for (const key of ['imports', 'controllers', 'providers', 'exports'] as const)
      if (draft[key].length > 0)
        problems.push({ key, code: 'EXTENSION_INVALID', text: `${key} cannot stand beside module` });
  }
  if (problems.length === 0) return draft;
  throw errorOf(candidate, problems.find(({ code }) => code === 'EXTENSION_UNKNOWN')?.code ?? 'EXTENSION_INVALID', {
    detail: problems.map(({ text }) => text).join('; '),
    hint: `register() may return ${extensionPoints.map(({ key }) => key).join(', ')}.`,
    field: problems.map(({ key }) => key).join(', '),
  });
}
