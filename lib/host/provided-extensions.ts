import { declaredOn, type DeclaredExtension } from '../extensions/extension.decorator.js';
import { entryOf } from '../extensions/extension-order.js';
import type { ModuleDraft } from '../extensions/module-draft.js';
import type { Candidate } from '../loading/candidate.js';
import { failUnit, type ModuleUnit } from './installed-plugin.js';
import { providersOf } from './module-instances.js';
import type { InstanceWrapper } from './nest-internals.js';

/**
 * Finds the providers and controllers of a plugin whose classes `@Extension()` marks, and keeps their instances with what the plugin contributes.
 * One that is made for each request is no value that could be shown: it fails its plugin.
 */
export function collectProvided(unit: ModuleUnit, drafts: ReadonlyMap<Candidate, ModuleDraft>): void {
  for (const wrapper of [...providersOf(unit.module), ...unit.module.controllers.values()]) {
    for (const declared of extensionsOf(wrapper)) {
      if (wrapper.isDependencyTreeStatic() && !wrapper.isTransient) provide(wrapper.instance, declared, unit, drafts);
      else
        failUnit(unit, 'EXTENSION_INVALID', {
          detail: `${wrapper.name} is marked with @Extension() for "${declared.point}", and made anew for each request or user`,
          hint: 'Give it the default scope, and let it inject nothing that is made for each request.',
          field: 'extensions',
        });
    }
  }
}

function extensionsOf(wrapper: InstanceWrapper): readonly DeclaredExtension[] {
  if (wrapper.isAlias) return [];
  // What a factory made, or a value, has its class in its prototype.
  const made: unknown = wrapper.inject || wrapper.metatype === null ? wrapper.instance : undefined;
  const type: unknown = typeof made === 'object' && made !== null ? Reflect.get(made, 'constructor') : wrapper.metatype;
  return typeof type === 'function' ? declaredOn(type) : [];
}

function provide(
  value: unknown,
  { point, place }: DeclaredExtension,
  { candidates }: ModuleUnit,
  drafts: ReadonlyMap<Candidate, ModuleDraft>,
): void {
  const entry = entryOf(value, place);
  for (const candidate of candidates) {
    const provided = drafts.get(candidate)?.provided;
    provided?.set(point, [...(provided.get(point) ?? []), entry]);
  }
}
