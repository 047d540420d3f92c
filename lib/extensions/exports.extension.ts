import { definePoint, listOf } from './extension-point.js';
import type { ModuleExport } from './module-draft.js';

/** `exports` of `register()`. */
export interface ExportsContribution {
  /** What plugins that depend on this one may inject, as in `@Module()`. */
  exports?: ModuleExport[];
}

export const exportsPoint = definePoint<ModuleExport[]>({
  key: 'exports',
  parse: (value) => listOf(value, isExport, 'providers, tokens or modules'),
  contribute: (value, { exports }) => void exports.push(...value),
});

function isExport(value: unknown): value is ModuleExport {
  return value != null && ['function', 'object', 'string', 'symbol'].includes(typeof value);
}
