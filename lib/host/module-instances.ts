import { ApplicationConfig, ModuleRef } from '@nestjs/core';

import type { InstanceWrapper, NestModule } from './nest-internals.js';

/** Instances whose hooks run at the same time; Nest counts how deep each lies in the dependencies of its module. */
export interface Level {
  readonly depth: number;
  readonly instances: readonly object[];
}

/** A module's instances by depth, its own class behind all of them. */
export function levelsOf(module: NestModule): Level[] {
  const [own, ...providers] = module.getNonAliasProviders();
  const byDepth = new Map<number, object[]>();
  const wrappers = [
    ...module.controllers.values(),
    ...module.injectables.values(),
    ...providers.map(([, wrapper]) => wrapper),
  ];
  for (const wrapper of wrappers) {
    const instances = instancesOf(wrapper);
    byDepth.set(wrapper.hierarchyLevel, [...(byDepth.get(wrapper.hierarchyLevel) ?? []), ...instances]);
  }
  const levels = [...byDepth].map(([depth, instances]) => ({ depth, instances })).toSorted((a, b) => a.depth - b.depth);
  return own ? [...levels, { depth: Infinity, instances: instancesOf(own[1]) }] : levels;
}

/** Those that live as long as the application; what is made for each request has no hooks. */
function instancesOf(wrapper: InstanceWrapper): object[] {
  if (!wrapper.isDependencyTreeStatic()) return [];
  const found: unknown[] = wrapper.isTransient
    ? wrapper.getStaticTransientInstances().map((each) => each?.instance)
    : [wrapper.instance];
  return found.filter((each) => (typeof each === 'object' && each !== null) || typeof each === 'function');
}

/** All of them in no order, without asking anything for its depth. */
export function instancesIn(module: NestModule): object[] {
  return [...providersOf(module), ...module.controllers.values(), ...module.injectables.values()].flatMap((wrapper) =>
    wrapper.isAlias ? [] : instancesOf(wrapper),
  );
}

/** Tells instances that live in these modules; asked only for the few that have hooks, so the answer is made once. */
export function livesIn(modules: readonly NestModule[]): (instance: object) => boolean {
  let known: Set<unknown> | undefined;
  return (instance) => {
    known ??= new Set(
      modules.flatMap((module) =>
        [...module.providers.values(), ...module.controllers.values()].map((wrapper) => wrapper.instance),
      ),
    );
    return known.has(instance);
  };
}

/** The providers of a module without the two that Nest puts into each. */
export function providersOf(module: NestModule): InstanceWrapper[] {
  const own: InstanceWrapper[] = [];
  for (const [token, wrapper] of module.providers)
    if (token !== ModuleRef && token !== ApplicationConfig) own.push(wrapper);
  return own;
}
