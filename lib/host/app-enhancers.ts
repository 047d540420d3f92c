import type { ArgumentsHost } from '@nestjs/common';
import { FILTER_CATCH_EXCEPTIONS } from '@nestjs/common/internal';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, type LazyModuleLoader } from '@nestjs/core';
import { STATIC_CONTEXT } from '@nestjs/core/internal';
import 'reflect-metadata';

import type { ModuleUnit } from './installed-plugin.js';
import { internalsOf } from './nest-internals.js';
import { isOn, type Snapshots } from './snapshots.js';

/** Whether the plugin of an enhancer is on, for the request that it is called for. */
type IsOn = (context: ArgumentsHost | undefined) => boolean;

/** What each kind does for a request that began while its plugin was off: nothing. */
const IDLE: Record<string, { readonly method: string; readonly instead: (...args: never[]) => unknown }> = {
  [APP_GUARD]: { method: 'canActivate', instead: () => true },
  [APP_INTERCEPTOR]: {
    method: 'intercept',
    instead: (_context: unknown, next: { handle(): unknown }) => next.handle(),
  },
  [APP_PIPE]: { method: 'transform', instead: (value: unknown) => value },
};

/**
 * Makes the guards, interceptors, pipes and filters that a plugin gives the whole application (APP_GUARD and its kin)
 * step aside while the plugin is off. Those that are made for each request are left as they are.
 */
export function guardAppEnhancers(loader: LazyModuleLoader, units: readonly ModuleUnit[], snapshots: Snapshots): void {
  const owners = new Map(units.flatMap((unit) => unit.modules.map((module) => [module.token, { module, unit }])));
  for (const { type, moduleKey, providerKey } of internalsOf(loader).dependenciesScanner.applicationProvidersApplyMap) {
    const owner = owners.get(moduleKey);
    const wrapper = owner?.module.providers.get(providerKey);
    if (!owner || !wrapper?.isDependencyTreeStatic()) continue;
    const held = wrapper.getInstanceByContextId(STATIC_CONTEXT) as { instance: unknown };
    if (typeof held.instance !== 'object' || held.instance === null) continue;
    // Nest tells pipes and filters nothing of the request.
    if (type === APP_PIPE || type === APP_FILTER) snapshots.carry();
    const isOwnerOn: IsOn = (context) =>
      isOn(owner.unit, context?.getType() === 'http' ? snapshots.of(context.getArgByIndex(0)) : snapshots.here());
    held.instance =
      type === APP_FILTER ? guardedFilter(held.instance, isOwnerOn) : guardedEnhancer(held.instance, type, isOwnerOn);
  }
}

function guardedEnhancer(enhancer: object, type: string, isOwnerOn: IsOn): object {
  const idle = IDLE[type];
  if (!idle) return enhancer;
  return new Proxy(enhancer, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (key !== idle.method || typeof value !== 'function') return value;
      return (...args: unknown[]): unknown =>
        isOwnerOn(type === APP_PIPE ? undefined : (args[0] as ArgumentsHost))
          ? Reflect.apply(value, target, args)
          : Reflect.apply(idle.instead, undefined, args);
    },
  });
}

/** Nest asks a filter's class which exceptions it catches: while its plugin is off, none. */
function guardedFilter(filter: object, isOwnerOn: IsOn): object {
  const caught = (Reflect.getMetadata(FILTER_CATCH_EXCEPTIONS, filter.constructor) ?? []) as readonly (new (
    ...args: never[]
  ) => object)[];
  const matcher = {
    [Symbol.hasInstance]: (thrown: unknown): boolean =>
      isOwnerOn(undefined) && (caught.length === 0 || caught.some((type) => thrown instanceof type)),
  };
  class GuardedFilter {}
  Reflect.defineMetadata(FILTER_CATCH_EXCEPTIONS, [matcher], GuardedFilter);
  return new Proxy(filter, {
    get: (target, key): unknown => (key === 'constructor' ? GuardedFilter : bound(target, key)),
  });
}

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key, target);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}
