import type { MiddlewareConsumer, NestModule as WithMiddleware, Type } from '@nestjs/common';
import { OPTIONAL_DEPS_METADATA, PARAMTYPES_METADATA, SELF_DECLARED_DEPS_METADATA } from '@nestjs/common/internal';
import 'reflect-metadata';

import { faultOf, withTimeLimit } from '../loading/time-limit.js';
import { failUnit, type ModuleUnit } from './installed-plugin.js';
import { isOn, type Snapshots } from './snapshots.js';

type Use = (request: object, response: unknown, next: () => unknown) => unknown;
type Constructor = new (...args: unknown[]) => object;

/** Carries from Nest's reading of a middleware to its registration whose it is: Nest does one after the other. */
export class MiddlewareOwner {
  #unit: ModuleUnit | undefined;

  tell(unit: ModuleUnit): void {
    this.#unit = unit;
  }

  /** The one that was told last, once. */
  take(): ModuleUnit | undefined {
    const unit = this.#unit;
    this.#unit = undefined;
    return unit;
  }
}

/**
 * Lets the middleware of a plugin's modules run only while the plugin is on, and keeps a `configure()` that throws
 * or never settles, and a middleware that cannot be made, from ending the boot.
 */
export function guardMiddleware(unit: ModuleUnit, timeout: number, snapshots: Snapshots, owner: MiddlewareOwner): void {
  const module: Partial<WithMiddleware> = unit.module.instance;
  if (!('configure' in module)) return;
  const { configure } = module;
  const guarded = async (consumer: MiddlewareConsumer): Promise<void> => {
    try {
      if (typeof configure !== 'function') throw new TypeError('it is no function');
      const ownConsumer = guardedConsumer(unit, timeout, consumer, snapshots, owner);
      await unit.candidates[0]?.watch.run(unit.candidates, 'configure()', () =>
        withTimeLimit(() => Reflect.apply(configure, module, [ownConsumer]) as unknown, timeout),
      );
    } catch (thrown) {
      fail(unit, 'configure() of its module failed', thrown, timeout);
    }
  };
  Object.defineProperty(module, 'configure', { value: guarded, configurable: true, writable: true });
}

/** Takes a module's `configure()` away: Nest must not look for a module that is no longer there. */
export function withoutMiddleware({ module: { instance } }: ModuleUnit): void {
  if ('configure' in instance && Object.isExtensible(instance))
    Object.defineProperty(instance, 'configure', { value: undefined, configurable: true });
}

function guardedConsumer(
  unit: ModuleUnit,
  timeout: number,
  consumer: MiddlewareConsumer,
  snapshots: Snapshots,
  owner: MiddlewareOwner,
): MiddlewareConsumer {
  const guard = (middleware: unknown): Type => {
    if (typeof middleware !== 'function') throw new TypeError('a middleware is a class or a function');
    const gate =
      (use: Use): Use =>
      (request, response, next) =>
        isOn(unit, snapshots.of(request)) ? use(request, response, next) : next();
    const made = isMiddlewareClass(middleware)
      ? guardedClass(unit, timeout, middleware as Constructor)
      : classOf(middleware as Use);
    return withUse(made, middleware.name, gate, () => owner.tell(unit));
  };
  const apply: MiddlewareConsumer['apply'] = (...middleware) =>
    consumer.apply(...(middleware.flat() as unknown[]).map(guard));
  return { apply };
}

/** As Nest decides it. */
function isMiddlewareClass(middleware: object): boolean {
  const text = Function.prototype.toString.call(middleware);
  return text.startsWith('class') || (/^function\s+[A-Z]/.test(text) && typeof useOf(middleware) === 'function');
}

function useOf(middleware: object): unknown {
  return Reflect.get(Object(Reflect.get(middleware, 'prototype')) as object, 'use');
}

/** Where an instance keeps the `use` that its own class gave it. */
const OWN_USE = Symbol('nestjs-pluginkit:use');

interface WithOwnUse {
  [OWN_USE]?: unknown;
}

function classOf(middleware: Use): Constructor {
  return class implements WithOwnUse {
    readonly [OWN_USE] = middleware;
  };
}

/**
 * The middleware class, made so that Nest injects what the original asks for; what is missing, or a constructor that throws,
 * fails the plugin instead of the boot.
 */
function guardedClass(unit: ModuleUnit, timeout: number, original: Constructor): Constructor {
  const count = Math.max(
    0,
    ...[Reflect.getMetadata(PARAMTYPES_METADATA, original) as unknown[] | undefined].map((types) => types?.length ?? 0),
    ...((Reflect.getMetadata(SELF_DECLARED_DEPS_METADATA, original) ?? []) as { index: number }[]).map(
      ({ index }) => index + 1,
    ),
  );
  const optional = (Reflect.getMetadata(OPTIONAL_DEPS_METADATA, original) ?? []) as number[];
  const { prototype } = original;
  const inherited: unknown = Reflect.get(Object(prototype) as object, 'use');
  class Guarded extends original implements WithOwnUse {
    [OWN_USE]?: unknown;

    // eslint-disable-next-line eslint/constructor-super, typescript/consistent-return -- where it throws, another object is returned
    constructor(...args: unknown[]) {
      const missing = Array.from({ length: count }, (_, index) => index).find(
        (index) => args[index] === undefined && !optional.includes(index),
      );
      try {
        if (missing !== undefined) throw new TypeError(`Nest cannot resolve its dependency at position ${missing + 1}`);
        super(...args);
        if (Object.hasOwn(this, 'use')) {
          this[OWN_USE] = Reflect.get(this, 'use');
          Reflect.deleteProperty(this, 'use');
        }
        this[OWN_USE] ??= inherited;
        if (typeof this[OWN_USE] !== 'function') throw new TypeError('it has no method use()');
      } catch (thrown) {
        fail(unit, `its middleware ${original.name} cannot be made`, thrown, timeout);
        return Object.create(Guarded.prototype) as Guarded;
      }
    }
  }
  // Nest gives undefined for what it cannot resolve, instead of ending the boot.
  Reflect.defineMetadata(
    OPTIONAL_DEPS_METADATA,
    Array.from({ length: count }, (_, index) => index),
    Guarded,
  );
  for (const hook of ['onModuleInit', 'onApplicationBootstrap'] as const)
    isolateHook(unit, timeout, Guarded.prototype, hook);
  return Guarded;
}

/** Nest makes middleware after the other hooks have been taken over: here it is the class that tells its faults. */
function isolateHook(
  unit: ModuleUnit,
  timeout: number,
  prototype: object,
  hook: 'onModuleInit' | 'onApplicationBootstrap',
): void {
  const original: unknown = Reflect.get(prototype, hook);
  if (typeof original !== 'function') return;
  const isolated = async function (this: object): Promise<void> {
    try {
      await withTimeLimit(() => Reflect.apply(original, this, []) as unknown, timeout);
    } catch (thrown) {
      fail(unit, `${hook} of its middleware failed`, thrown, timeout);
    }
  };
  Object.defineProperty(prototype, hook, { value: isolated, configurable: true, writable: true });
}

/** Gives the class a `use` that asks the gate; Nest reads it right before it registers the middleware, where nothing else tells whose it is. */
function withUse(made: Constructor, name: string, gate: (use: Use) => Use, tell: () => void): Type {
  Object.defineProperty(made.prototype, 'use', {
    configurable: true,
    get(this: WithOwnUse) {
      tell();
      const use = this[OWN_USE];
      const bound: Use = (request, response, next) =>
        typeof use === 'function' ? (Reflect.apply(use, this, [request, response, next]) as unknown) : next();
      return gate(bound);
    },
    set(this: WithOwnUse, use: unknown) {
      this[OWN_USE] = use; // `this.use = …` in its constructor
    },
  });
  Object.defineProperty(made, 'name', { value: name, configurable: true });
  return made;
}

function fail(unit: ModuleUnit, what: string, thrown: unknown, timeout: number): void {
  const { code, told, cause } = faultOf(thrown, timeout);
  failUnit(unit, code, {
    detail: `${what}: ${told}`,
    hint: 'Mend what it throws or waits for; in a module, middleware is applied by consumer.apply(Class).forRoutes(path).',
    cause,
  });
}
