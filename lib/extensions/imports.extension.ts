import { definePoint, isClass, isRecord, listOf } from './extension-point.js';
import type { ModuleImport } from './module-draft.js';

/** `imports` of `register()`. */
export interface ImportsContribution {
  /** Nest modules whose exports the plugin's providers and controllers use, as in `@Module()`. */
  imports?: ModuleImport[];
}

export const importsPoint = definePoint<ModuleImport[]>({
  key: 'imports',
  parse: (value) => listOf(value, isModule, 'Nest modules'),
  contribute: (value, { imports }) => void imports.push(...value),
});

function isModule(value: unknown): value is ModuleImport {
  return (
    isClass(value) ||
    (isRecord(value) &&
      (isClass(value['module']) || typeof value['forwardRef'] === 'function' || value instanceof Promise))
  );
}
