import type { DynamicModule } from '@nestjs/common';

import type { Candidate } from '../loading/candidate.js';
import type { ModuleUnit } from './installed-plugin.js';
import type { NestModule } from './nest-internals.js';
import { reachableFrom, type ModuleDefinition } from './shared-imports.js';

/** Where a unit begins: the module of a plugin, or one that several import. */
export interface Root {
  readonly module: NestModule;
  readonly candidates: readonly Candidate[];
  readonly definition: ModuleDefinition;
}

/**
 * Gives each module in the container to the users of one root, and each unit those that must start before it.
 * @param earlier the units of plugins that are there already, by lower-case name
 */
export function unitsOf(
  roots: readonly Root[],
  foreign: ReadonlySet<NestModule>,
  stops: ReadonlySet<ModuleDefinition>,
  earlier: ReadonlyMap<string, ModuleUnit>,
): ModuleUnit[] {
  const taken = new Set([...foreign, ...roots.map(({ module }) => module)]);
  const byDefinition = new Map<ModuleDefinition, ModuleUnit>();
  const byPlugin = new Map(earlier);
  return roots.flatMap(({ module, candidates, definition }) => {
    const below = reachableFrom(definition, stops);
    const [plugin, ...others] = candidates;
    const needed = plugin && others.length === 0 ? Object.keys(plugin.metadata.dependsOn ?? {}) : [];
    let after = [
      ...[...below].flatMap((each) => byDefinition.get(each) ?? []),
      ...needed.flatMap((name) => byPlugin.get(name.toLowerCase()) ?? []),
    ];
    const units: ModuleUnit[] = [];
    for (const own of ownModules(module, taken, classesOf(below))) {
      const unit = { candidates: [...candidates], module: own, after };
      units.push(unit);
      after = [unit]; // as Nest does: one module of a plugin after the other
    }
    const last = units.at(-1);
    if (last) byDefinition.set(definition, last);
    // A shared module may have one user left; the plugin's own unit comes later, and takes its place.
    if (last && plugin && others.length === 0) byPlugin.set(plugin.name.toLowerCase(), last);
    return units;
  });
}

function classesOf(definitions: ReadonlySet<ModuleDefinition>): Set<unknown> {
  return new Set([...definitions].map((definition) => ('module' in definition ? definition.module : definition)));
}

/**
 * A module and what it imports, imported ones first, without those that belong to others. Nest binds global modules to all
 * that come later: such a one belongs to whoever declares it.
 */
function ownModules(root: NestModule, taken: Set<NestModule>, declared: ReadonlySet<unknown>): NestModule[] {
  const own: NestModule[] = [];
  const visit = (module: NestModule): void => {
    for (const imported of module.imports) {
      if (taken.has(imported) || (imported.isGlobal && !declared.has(imported.metatype))) continue;
      taken.add(imported);
      visit(imported);
    }
    own.push(module);
  };
  visit(root);
  return own;
}

/** Shared modules, each behind those that it imports. */
export function importedFirst(
  shared: ReadonlyMap<ModuleDefinition, readonly DynamicModule[]>,
  stops: ReadonlySet<ModuleDefinition>,
): [ModuleDefinition, readonly DynamicModule[]][] {
  const ordered = new Map<ModuleDefinition, readonly DynamicModule[]>();
  const visit = (definition: ModuleDefinition, way: readonly ModuleDefinition[]): void => {
    for (const below of reachableFrom(definition, stops))
      if (shared.has(below) && !ordered.has(below) && !way.includes(below)) visit(below, [...way, definition]);
    ordered.set(definition, shared.get(definition) ?? []);
  };
  for (const definition of shared.keys()) if (!ordered.has(definition)) visit(definition, [definition]);
  return [...ordered];
}
