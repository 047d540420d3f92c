import type { MiddlewareConsumer, NestModule as WithMiddleware, Type } from '@nestjs/common';

import { errorOf } from '../loading/candidate.js';
import { withTimeLimit } from '../loading/time-limit.js';
import { describeThrown } from '../plugin/printable.js';
import type { ModuleUnit } from './installed-plugin.js';
import { isOn, type Snapshots } from './snapshots.js';

type Middleware = Type | ((...args: unknown[]) => unknown);
type Use = (request: object, response: unknown, next: () => unknown) => unknown;

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
 * or never settles from ending the boot.
 */
export function guardMiddleware(unit: ModuleUnit, timeout: number, snapshots: Snapshots, owner: MiddlewareOwner): void {
  for (const { instance } of unit.modules) {
    const module: Partial<WithMiddleware> = instance;
    const configure = module.configure?.bind(module);
    if (!configure || !Object.isExtensible(module)) continue;
    module.configure = async (consumer) => {
      const late = new Error(`it took longer than ${timeout} ms`);
      try {
        await withTimeLimit(
          () => configure(guardedConsumer(unit, consumer, snapshots, owner)) as Promise<void> | void,
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

function guardedConsumer(
  unit: ModuleUnit,
  consumer: MiddlewareConsumer,
  snapshots: Snapshots,
  owner: MiddlewareOwner,
): MiddlewareConsumer {
  const guard = (middleware: Middleware): Middleware =>
    guarded(
      middleware,
      (request) => isOn(unit, snapshots.of(request)),
      () => owner.tell(unit),
    );
  const apply: MiddlewareConsumer['apply'] = (...middleware) =>
    consumer.apply(...middleware.flat().map((each) => guard(each as Middleware)));
  return { apply };
}

/** A middleware class that does what the given one does while its plugin is on. */
function guarded(middleware: Middleware, isOnFor: (request: object) => boolean, tell: () => void): Middleware {
  const use: unknown = Reflect.get(Object(middleware.prototype) as object, 'use');
  const isClass = typeof use === 'function';
  // A class of its own, so that Nest injects into it what the original one asks for.
  const Guarded = isClass ? class extends (middleware as Type<object>) {} : class {};
  const gated = function (this: unknown, request: object, response: unknown, next: () => unknown): unknown {
    if (!isOnFor(request)) return next();
    return Reflect.apply(isClass ? use : (middleware as Use), this, [request, response, next]) as unknown;
  };
  Object.defineProperty(Guarded.prototype, 'use', {
    configurable: true,
    // Nest reads it right before it registers the middleware with the platform, where nothing else tells whose it is.
    get: () => {
      tell();
      return gated;
    },
  });
  return named(middleware, Guarded);
}

function named<T extends Middleware>(original: Middleware, made: T): T {
  Object.defineProperty(made, 'name', { value: original.name, configurable: true });
  return made;
}
