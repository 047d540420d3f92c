import type { MiddlewareConsumer, NestModule as WithMiddleware, Type } from '@nestjs/common';

import { errorOf, isGoing } from '../loading/candidate.js';
import { withTimeLimit } from '../loading/time-limit.js';
import { describeThrown } from '../plugin/printable.js';
import type { ModuleUnit } from './installed-plugin.js';

type Middleware = Type | ((...args: unknown[]) => unknown);
type Use = (request: unknown, response: unknown, next: () => unknown) => unknown;

/**
 * Lets the middleware of a plugin's modules run only while the plugin is going, and keeps a `configure()` that throws
 * or never settles from ending the boot.
 */
export function guardMiddleware(unit: ModuleUnit, timeout: number): void {
  for (const { instance } of unit.modules) {
    const module: Partial<WithMiddleware> = instance;
    const configure = module.configure?.bind(module);
    if (!configure || !Object.isExtensible(module)) continue;
    module.configure = async (consumer) => {
      const late = new Error(`it took longer than ${timeout} ms`);
      try {
        await withTimeLimit(
          () => configure(guardedConsumer(unit, consumer)) as Promise<void> | void,
          timeout,
          () => late,
        );
      } catch (thrown) {
        for (const owner of unit.candidates)
          owner.error ??= errorOf(owner, thrown === late ? 'MODULE_TIMEOUT' : 'MODULE_FAILED', {
            detail: `configure() of its module failed: ${describeThrown(thrown)}`,
            hint: 'Mend what configure() throws or waits for: see the cause.',
            cause: thrown,
          });
      }
    };
  }
}

/** Takes a module's `configure()` away: Nest must not look for a module that is no longer there. */
export function withoutMiddleware({ modules }: ModuleUnit): void {
  for (const { instance } of modules)
    if ('configure' in instance) Object.defineProperty(instance, 'configure', { value: undefined, configurable: true });
}

function guardedConsumer(unit: ModuleUnit, consumer: MiddlewareConsumer): MiddlewareConsumer {
  const isOn = (): boolean => unit.candidates.some(isGoing);
  const apply: MiddlewareConsumer['apply'] = (...middleware) =>
    consumer.apply(...middleware.flat().map((each) => guarded(each as Middleware, isOn)));
  return { apply };
}

function guarded(middleware: Middleware, isOn: () => boolean): Middleware {
  const use: unknown = Reflect.get(Object(middleware.prototype) as object, 'use');
  if (typeof use !== 'function') {
    const plain = middleware as Use; // a function is what is left
    return named(middleware, ((request, response, next) =>
      isOn() ? plain(request, response, next) : next()) satisfies Use as Middleware);
  }
  // A class of its own, so that Nest injects into it what the original one asks for.
  const Guarded = class extends (middleware as Type<object>) {};
  const value: Use = function (this: unknown, request, response, next) {
    return isOn() ? (Reflect.apply(use, this, [request, response, next]) as unknown) : next();
  };
  Object.defineProperty(Guarded.prototype, 'use', { value, configurable: true, writable: true });
  return named(middleware, Guarded);
}

function named<T extends Middleware>(original: Middleware, made: T): T {
  Object.defineProperty(made, 'name', { value: original.name, configurable: true });
  return made;
}
