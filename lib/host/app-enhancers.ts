import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import { FILTER_CATCH_EXCEPTIONS } from '@nestjs/common/internal';
import {
  APP_FILTER,
  APP_GUARD,
  APP_INTERCEPTOR,
  APP_PIPE,
  type LazyModuleLoader,
  type ModulesContainer,
} from '@nestjs/core';
import { STATIC_CONTEXT } from '@nestjs/core/internal';
import 'reflect-metadata';

import { describeThrown } from '../plugin/printable.js';
import { failUnit, type ModuleUnit } from './installed-plugin.js';
import { internalsOf, type InstanceWrapper } from './nest-internals.js';
import { APART_FROM_PLUGINS } from './route-table.js';
import { isOn, type Snapshots } from './snapshots.js';

/** Whether the plugin of an enhancer is on, for the request that it is called for. */
type IsOn = (context: ArgumentsHost | undefined) => boolean;

/** What each kind is called by, and what it does for a request that began while its plugin was off: nothing. */
const KINDS: Record<string, { readonly method: string; readonly idle: (...args: never[]) => unknown }> = {
  [APP_GUARD]: { method: 'canActivate', idle: () => true },
  [APP_INTERCEPTOR]: { method: 'intercept', idle: (_context: unknown, next: { handle(): unknown }) => next.handle() },
  [APP_PIPE]: { method: 'transform', idle: (value: unknown) => value },
  [APP_FILTER]: {
    method: 'catch',
    idle: (thrown: unknown) => {
      throw thrown; // is not asked: it matches nothing while its plugin is off
    },
  },
};

/**
 * Puts a gate before the guards, interceptors, pipes and filters that a plugin gives the whole application (APP_GUARD and its kin):
 * they step aside while the plugin is off. One that is none fails its plugin, where Nest would end the boot.
 */
export function guardAppEnhancers(
  loader: LazyModuleLoader,
  modules: ModulesContainer,
  units: readonly ModuleUnit[],
  snapshots: Snapshots,
): void {
  const { dependenciesScanner } = internalsOf(loader);
  const owners = new Map(units.map((unit) => [unit.module.token, { module: unit.module, unit }]));
  dependenciesScanner.applicationProvidersApplyMap = dependenciesScanner.applicationProvidersApplyMap.filter(
    ({ type, moduleKey, providerKey }) => {
      const owner = owners.get(moduleKey);
      const kind = KINDS[type];
      if (!owner || !kind) return true;
      const { module, unit } = owner;
      // Nest tells pipes and filters nothing of the request.
      if (type === APP_PIPE || type === APP_FILTER) snapshots.carry();
      const isOwnerOn: IsOn = (context) =>
        !isApart(context) &&
        isOn(unit, context?.getType() === 'http' ? snapshots.of(context.getArgByIndex(0)) : snapshots.here());
      const gate = (enhancer: unknown): object => gated(enhancer, type, isOwnerOn);
      try {
        const wrapper = module.providers.get(providerKey);
        if (wrapper) gateStatic(wrapper, gate);
        else gatePerRequest(module.injectables.get(providerKey), kind.method, gate, modules);
        return true;
      } catch (cause) {
        failUnit(unit, 'MODULE_FAILED', {
          detail: `what it provides under ${type} ${describeThrown(cause)}`,
          hint: `Give ${type} a class or a value with ${kind.method}().`,
          cause,
        });
        return false;
      }
    },
  );
}

/** A plugin whose guard goes wrong must not keep out who would switch it off. */
function isApart(context: ArgumentsHost | undefined): boolean {
  const controller: unknown = context && 'getClass' in context && (context as ExecutionContext).getClass();
  return typeof controller === 'function' && Reflect.hasMetadata(APART_FROM_PLUGINS, controller);
}

/**
 * One for the whole application: it is there already. A factory that gives nothing on purpose is left as it is.
 * @throws TypeError for one that Nest would end the boot for
 */
function gateStatic(wrapper: InstanceWrapper, gate: (enhancer: unknown) => object): void {
  const held = wrapper.getInstanceByContextId(STATIC_CONTEXT);
  if (!wrapper.isDependencyTreeStatic() || held.isResolved !== true)
    throw new TypeError('injects what is made for each request: give it scope: Scope.REQUEST');
  const instance: unknown = held.instance;
  if (instance !== undefined && instance !== null) held.instance = gate(instance);
}

/** One for each request: what makes it is replaced. */
function gatePerRequest(
  wrapper: InstanceWrapper | undefined,
  method: string,
  gate: (enhancer: unknown) => object,
  modules: ModulesContainer,
): void {
  const make = wrapper?.metatype;
  if (!wrapper || typeof make !== 'function') return;
  // Nest tells the controllers of such enhancers in its first scan only; those that it does not tell would never make one.
  for (const module of modules.values())
    for (const each of [...module.controllers.values(), ...module.entryProviders]) each.addEnhancerMetadata(wrapper);
  if (wrapper.inject) {
    wrapper.metatype = async (...args: unknown[]) => gate(await (Reflect.apply(make, undefined, args) as unknown));
    return;
  }
  // The method itself, as Nest may also call it on an instance whose constructor it has not run.
  const original = make as new (...args: unknown[]) => object; // without inject it is a class
  const made = class extends original {};
  const declared: unknown = Reflect.get(original.prototype as object, method);
  Object.defineProperty(made.prototype, method, {
    configurable: true,
    writable: true,
    value(this: object, ...args: unknown[]): unknown {
      return (Reflect.get(gate({ [method]: declared }), method) as (...given: unknown[]) => unknown).apply(this, args);
    },
  });
  Object.defineProperty(made, 'name', { value: original.name });
  wrapper.metatype = made;
  const held = wrapper.getInstanceByContextId(STATIC_CONTEXT) as { instance: unknown };
  if (held.instance instanceof original) held.instance = Object.create(made.prototype);
}

/** An object of our own, as what a plugin gives may be frozen, a Proxy or a function. */
function gated(enhancer: unknown, type: string, isOwnerOn: IsOn): object {
  const kind = KINDS[type];
  const method: unknown = kind && Reflect.get(Object(enhancer) as object, kind.method);
  if (!kind || typeof method !== 'function') throw new TypeError(`has no method ${kind?.method ?? ''}()`);
  class Gated {}
  if (type === APP_FILTER)
    Reflect.defineMetadata(FILTER_CATCH_EXCEPTIONS, [matcherOf(enhancer as object, isOwnerOn)], Gated);
  const call = function (this: unknown, ...args: unknown[]): unknown {
    // A pipe is given the value first, a filter what was thrown; both are told by the request that is carried along.
    const context = type === APP_GUARD || type === APP_INTERCEPTOR ? (args[0] as ArgumentsHost) : undefined;
    return isOwnerOn(context)
      ? Reflect.apply(method, this instanceof Gated ? enhancer : this, args)
      : Reflect.apply(kind.idle, undefined, args);
  };
  return Object.assign(new Gated(), { [kind.method]: call });
}

/** Nest asks the class of a filter which exceptions it catches, by `instanceof`: while its plugin is off, none. */
function matcherOf(filter: object, isOwnerOn: IsOn): object {
  const { constructor } = Object.getPrototypeOf(filter) as { constructor: object }; // without a prototype, Nest cannot use it either
  const caught = (Reflect.getMetadata(FILTER_CATCH_EXCEPTIONS, constructor) ?? []) as readonly (new (
    ...args: never[]
  ) => object)[];
  return {
    [Symbol.hasInstance]: (thrown: unknown): boolean =>
      isOwnerOn(undefined) && (caught.length === 0 || caught.some((type) => thrown instanceof type)),
  };
}
