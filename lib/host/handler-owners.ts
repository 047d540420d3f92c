import { PATH_METADATA } from '@nestjs/common/internal';
import 'reflect-metadata';

import type { ModuleUnit } from './installed-plugin.js';
import type { InstanceWrapper } from './nest-internals.js';

/** Nest copies the metadata of a method to the handler that it registers: under this key, whose the handler is. */
const OWNER = Symbol('nestjs-pluginkit:owner');

/** The modules that a handler belongs to, where it is a plugin's. */
export function ownerOf(handler: object): ModuleUnit | undefined {
  return Reflect.getMetadata(OWNER, handler) as ModuleUnit | undefined;
}

/** Has the handlers of a plugin's controllers tell whose they are. */
export function markHandlers(unit: ModuleUnit): void {
  for (const wrapper of unit.module.controllers.values()) markController(wrapper, unit);
}

/** @throws TypeError when a controller cannot be marked: its routes could not be taken away again */
function markController({ instance, name: title }: InstanceWrapper, unit: ModuleUnit): void {
  const controller = instance as object;
  for (const name of methodNamesOf(controller)) {
    // The decorators are on the class; what is called may be a function of the instance, as by `this.list = this.list.bind(this)`.
    const declared: unknown = Reflect.get(Object.getPrototypeOf(controller) as object, name);
    const original: unknown = Reflect.get(controller, name);
    if (
      typeof declared !== 'function' ||
      typeof original !== 'function' ||
      !Reflect.hasMetadata(PATH_METADATA, declared)
    )
      continue;
    // A function of its own on the instance: the method may be inherited from a class that the application uses, too.
    const marked = copyOf(original, function (this: unknown, ...args: unknown[]): unknown {
      return Reflect.apply(original, this, args);
    });
    Reflect.defineMetadata(OWNER, unit, marked);
    if (
      !Reflect.defineProperty(controller, name, {
        value: marked,
        configurable: true,
        writable: true,
        enumerable: false,
      })
    )
      throw new TypeError(`the controller ${String(title)} is frozen`);
  }
}

/** Gives one function the properties, metadata and name of another. */
export function copyOf<T extends (...args: never[]) => unknown>(source: object, target: T): T {
  Object.assign(target, source);
  for (const key of Reflect.getMetadataKeys(source) as (string | symbol)[])
    Reflect.defineMetadata(key, Reflect.getMetadata(key, source), target);
  Object.defineProperty(target, 'name', { value: 'name' in source ? source.name : '', configurable: true });
  return target;
}

/** The names of an instance's methods, inherited ones too; accessors are not touched. */
export function methodNamesOf(instance: object): Set<string> {
  const names = new Set<string>();
  for (
    let proto: unknown = Object.getPrototypeOf(instance);
    typeof proto === 'object' && proto !== null && proto !== Object.prototype;
    proto = Object.getPrototypeOf(proto)
  )
    for (const name of Object.getOwnPropertyNames(proto))
      if (name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(proto, name)?.value === 'function')
        names.add(name);
  return names;
}
