import type { DynamicModule, ForwardReference, Type } from '@nestjs/common';
import 'reflect-metadata';

import { isClass, isRecord, kindOf } from '../extensions/extension-point.js';
import type { ModuleImport } from '../extensions/module-draft.js';

/** A module as it stands in `imports`, without the wrapping of `forwardRef()`. */
export type ModuleDefinition = Type | DynamicModule;

/**
 * Finds the modules that more than one plugin imports. They are loaded on their own and first: within one
 * plugin's load, its failure would be theirs, and so that of every other plugin that imports them.
 * @param roots the plugins' modules
 * @param known modules at which the search stops: they are loaded already, or otherwise
 * @returns each shared module with the plugins' modules below which it lies
 */
export function findSharedImports(
  roots: readonly DynamicModule[],
  known: ReadonlySet<ModuleDefinition>,
): Map<ModuleDefinition, DynamicModule[]> {
  const users = new Map<ModuleDefinition, DynamicModule[]>();
  for (const root of roots) {
    for (const definition of reachableFrom(root, known)) {
      const all = users.get(definition);
      if (all) all.push(root);
      else users.set(definition, [root]);
    }
  }
  for (const [definition, all] of users) if (all.length < 2) users.delete(definition);
  return users;
}

/** Everything that a module imports, directly or not, up to the modules at which to stop. */
export function reachableFrom(start: ModuleDefinition, stop: ReadonlySet<ModuleDefinition>): Set<ModuleDefinition> {
  const reached = new Set<ModuleDefinition>();
  const open = importsOf(start);
  for (const definition of open) {
    if (reached.has(definition) || stop.has(definition) || definition === start) continue;
    reached.add(definition);
    open.push(...importsOf(definition));
  }
  return reached;
}

/** @throws TypeError when something in `imports` is no module */
function importsOf(definition: ModuleDefinition): ModuleDefinition[] {
  const isDynamic = 'module' in definition;
  const own: unknown = Reflect.getMetadata('imports', isDynamic ? definition.module : definition) ?? [];
  const more: unknown = (isDynamic ? definition.imports : undefined) ?? [];
  if (!Array.isArray(own) || !Array.isArray(more)) throw new TypeError('the imports of a module are no list');
  return [...(own as ModuleImport[]), ...(more as ModuleImport[])].flatMap(plain);
}

/** A promised module cannot be looked into; Nest finds out by itself. */
export function plain(each: ModuleImport): ModuleDefinition[] {
  if (!isSomething(each) || each instanceof Promise) return [];
  const found: unknown =
    typeof each === 'object' && 'forwardRef' in each ? (each as ForwardReference<() => unknown>).forwardRef() : each;
  if (!isSomething(found)) return [];
  if (isClass(found) || (isRecord(found) && isClass(found['module']))) return [found as ModuleDefinition];
  throw new TypeError(`what a module imports is ${kindOf(found)} where a module was expected`);
}

/** An import that closes a circle of files gives undefined, whatever its type says. */
function isSomething<T>(each: T): each is NonNullable<T> {
  return each !== undefined && each !== null;
}
