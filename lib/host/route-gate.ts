import { RequestMethod } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/internal';
import type { AbstractHttpAdapter, HttpAdapterHost } from '@nestjs/core';
import 'reflect-metadata';

import { errorOf, isGoing, type Candidate } from '../loading/candidate.js';
import { describeThrown } from '../plugin/printable.js';
import type { ModuleUnit } from './installed-plugin.js';
import type { InstanceWrapper } from './nest-internals.js';

type Handler = (request: unknown, response: unknown, next?: () => void) => unknown;
type Register = (path: unknown, handler: Handler) => unknown;

/**
 * Lets the routes of a plugin answer only while the plugin is going: Nest registers them before the lifecycle hooks run,
 * so that a plugin can still fail when its routes are there. Then the request goes on as if they were not.
 * It is also the place where a path that the platform refuses fails its plugin instead of the boot.
 */
export class RouteGate {
  /** Under this key a plugin's handlers tell whose they are; of this application only, as classes may serve in two. */
  readonly #mark = Symbol('nestjs-pluginkit:owner');

  /** Must be called before Nest registers routes. */
  guard({ httpAdapter }: HttpAdapterHost): void {
    for (const verb of VERBS) {
      const register: unknown = Reflect.get(httpAdapter, verb);
      if (typeof register === 'function')
        Reflect.set(httpAdapter, verb, this.#guarded(httpAdapter, register as Register));
    }
  }

  /** Marks the handlers of a plugin's controllers: Nest copies the metadata of a method to the handler that it registers. */
  mark({ candidates, modules }: ModuleUnit): void {
    for (const module of modules)
      for (const wrapper of module.controllers.values()) this.#markHandlers(wrapper, candidates);
  }

  #markHandlers({ instance }: InstanceWrapper, owners: readonly Candidate[]): void {
    const controller = instance as object;
    for (const name of methodNames(controller)) {
      const original: unknown = Reflect.get(controller, name);
      if (
        typeof original !== 'function' ||
        !Reflect.hasMetadata(PATH_METADATA, original) ||
        !Object.isExtensible(controller)
      )
        continue;
      // A function of its own on the instance: the method may be inherited from a class that the application uses, too.
      const marked = copyOf(original, function (this: unknown, ...args: unknown[]): unknown {
        return Reflect.apply(original, this, args);
      });
      Reflect.defineMetadata(this.#mark, owners, marked);
      Object.defineProperty(controller, name, { value: marked, configurable: true, writable: true, enumerable: false });
    }
  }

  #guarded(adapter: AbstractHttpAdapter, register: Register): Register {
    return (...args) => {
      const [path, handler] = args;
      const owners =
        typeof handler === 'function'
          ? (Reflect.getMetadata(this.#mark, handler) as readonly Candidate[] | undefined)
          : undefined;
      if (!owners) return Reflect.apply(register, adapter, args);
      const gate: Handler = (request, response, next) =>
        owners.some(isGoing) ? handler(request, response, next) : passOn(response, next);
      try {
        return Reflect.apply(register, adapter, [path, copyOf(handler, gate)]);
      } catch (thrown) {
        for (const owner of owners) owner.error ??= refusedPath(owner, String(path), thrown);
        return undefined;
      }
    };
  }
}

const VERBS = Object.keys(RequestMethod)
  .filter((name) => Number.isNaN(Number(name)))
  .map((name) => name.toLowerCase());

/** Express goes on to the next route, Fastify answers that there is none. */
function passOn(response: unknown, next: (() => void) | undefined): unknown {
  if (next) return next();
  return (response as { callNotFound(): unknown }).callNotFound();
}

function refusedPath(owner: Candidate, path: string, thrown: unknown): NonNullable<Candidate['error']> {
  return errorOf(owner, 'MODULE_FAILED', {
    detail: `the path ${path} was refused: ${describeThrown(thrown)}`,
    hint: 'Correct the path: parameters are written :name, wildcards *name, optional parts {/part}.',
    field: 'controllers',
    cause: thrown,
  });
}

/** Gives one function the properties, metadata and name of another. */
function copyOf<T extends (...args: never[]) => unknown>(source: object, target: T): T {
  Object.assign(target, source);
  for (const key of Reflect.getMetadataKeys(source) as (string | symbol)[])
    Reflect.defineMetadata(key, Reflect.getMetadata(key, source), target);
  Object.defineProperty(target, 'name', { value: 'name' in source ? source.name : '', configurable: true });
  return target;
}

function methodNames(instance: object): Set<string> {
  const names = new Set<string>();
  for (
    let proto: unknown = Object.getPrototypeOf(instance);
    typeof proto === 'object' && proto !== null && proto !== Object.prototype;
    proto = Object.getPrototypeOf(proto)
  )
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(proto)))
      if (name !== 'constructor' && typeof value === 'function') names.add(name);
  return names;
}
