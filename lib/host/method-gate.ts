import { PATH_METADATA } from '@nestjs/common/internal';
import 'reflect-metadata';

import { copyOf, methodNamesOf } from './handler-owners.js';
import type { ModuleUnit } from './installed-plugin.js';
import { providersOf } from './module-instances.js';
import { isOn, type Snapshots } from './snapshots.js';

/** Under this key an instance tells whether its plugin is on; instances of the application have none. */
const IS_ON = Symbol('nestjs-pluginkit:is-on');
/** Marks a method that asks already: a class may serve in two applications of one process. */
const ASKS = Symbol('nestjs-pluginkit:asks');

/**
 * Keeps what is called by decorators and not by requests from running while a plugin is off: cron jobs, intervals, event listeners,
 * messages of websockets and of microservices. Their libraries read the methods of the class, so they are replaced there,
 * and each asks the instance that it is called on. Must run before the application starts.
 */
export function guardMethods(unit: ModuleUnit, snapshots: Snapshots): void {
  const isUnitOn = (): boolean => isOn(unit, snapshots.current);
  const { module } = unit;
  for (const wrapper of [...providersOf(module), ...module.controllers.values()]) {
    const instance: unknown = wrapper.instance;
    if (typeof instance !== 'object' || instance === null || typeof wrapper.metatype !== 'function' || wrapper.inject)
      continue;
    if (!Object.isExtensible(instance) || instance === module.instance) continue;
    const guarded = [...methodNamesOf(instance)].filter((name) => guardMethod(instance, name));
    if (guarded.length > 0) Object.defineProperty(instance, IS_ON, { value: isUnitOn, configurable: true });
  }
}

/** @returns whether the method is one that something other than a request calls */
function guardMethod(instance: object, name: string): boolean {
  const holder = holderOf(instance, name);
  const original: unknown = holder && Reflect.get(holder, name);
  if (!holder || typeof original !== 'function' || !isDecorated(original)) return false;
  if (ASKS in original) return true;
  const guarded = copyOf(original, function (this: unknown, ...args: unknown[]): unknown {
    const isOwnerOn = Reflect.get(Object(this) as object, IS_ON) as (() => boolean) | undefined;
    return isOwnerOn?.() === false ? undefined : Reflect.apply(original, this, args);
  });
  Object.defineProperty(guarded, ASKS, { value: true });
  Object.defineProperty(holder, name, { value: guarded, configurable: true, writable: true, enumerable: false });
  return true;
}

/** The prototype that has the method itself. */
function holderOf(instance: object, name: string): object | undefined {
  let proto: unknown = Object.getPrototypeOf(instance);
  while (typeof proto === 'object' && proto !== null && !Object.hasOwn(proto, name))
    proto = Object.getPrototypeOf(proto);
  return typeof proto === 'object' && proto !== null ? proto : undefined;
}

/** Routes have their own gate; the compiler's types are no decorators. */
function isDecorated(method: object): boolean {
  const keys = Reflect.getMetadataKeys(method) as unknown[];
  return !keys.includes(PATH_METADATA) && keys.some((key) => !String(key).startsWith('design:'));
}
