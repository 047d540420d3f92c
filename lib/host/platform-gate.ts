import { RequestMethod } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import 'reflect-metadata';

import { describeThrown } from '../plugin/printable.js';
import { ownerOf } from './handler-owners.js';
import { failUnit, type ModuleUnit } from './installed-plugin.js';
import type { MatchedRoutes } from './matched-routes.js';
import type { MiddlewareOwner } from './middleware-gate.js';
import type { RouteSlots } from './route-slots.js';
import type { Snapshot } from './snapshots.js';

/** A handler as Nest gives it to the platform. */
export type Handler = (...args: never[]) => unknown;
/** Registers a handler for a path with the platform. */
export type Register = (path: string, handler: Handler) => unknown;

/** What a platform does so that the routes and the middleware of a plugin are there only while it is on. */
export interface PlatformGate {
  /** The modules whose routes were added. */
  readonly seen: ReadonlySet<ModuleUnit>;
  addRoute(unit: ModuleUnit, path: string, handler: Handler, register: Register): unknown;
  addMiddleware(unit: ModuleUnit, path: string, handler: Handler, register: Register): unknown;
  /** Is told each time when something of the application itself was registered: late plugins find their place behind it. */
  registered?(what: 'middleware' | 'route'): void;
  /** @throws Error when the platform does not treat routes of plugins as it is expected to */
  prove?(): void;
  /** From now on, what is added belongs to plugins that are loaded while the application runs. */
  open(): void;
  /** Is told who is on now, when all routes are registered and at each change. */
  apply(snapshot: Snapshot): void;
  /** Forgets all that belongs to modules which are gone. */
  remove(units: ReadonlySet<ModuleUnit>): void;
}

/** Every name under which an adapter registers routes. */
export const VERBS = Object.keys(RequestMethod)
  .filter((name) => Number.isNaN(Number(name)))
  .map((name) => name.toLowerCase());

/**
 * Has the adapter hand what belongs to plugins to the gate, and everything else to the platform as before.
 * A path of a plugin that the platform refuses fails the plugin instead of the boot. Must run before Nest registers anything.
 */
export function guardAdapter(
  adapter: AbstractHttpAdapter,
  gate: PlatformGate,
  middlewareOwner: MiddlewareOwner,
  routes: MatchedRoutes,
  slots: RouteSlots,
): void {
  for (const verb of VERBS) {
    const register: unknown = Reflect.get(adapter, verb);
    if (typeof register !== 'function') continue;
    const original: Register = (...args) => Reflect.apply(register, adapter, args) as unknown;
    const guarded = (path: string, given: Handler, ...rest: unknown[]): unknown => {
      if (typeof given !== 'function') return Reflect.apply(register, adapter, [path, given, ...rest]) as unknown;
      const handler = slots.take(`${verb} ${path}`, given);
      if (!handler) return adapter;
      const unit = ownerOf(handler);
      const result = routes.registering(unit, verb, path, handler, () =>
        unit
          ? orFail(unit, path, () => gate.addRoute(unit, path, handler, original))
          : (Reflect.apply(register, adapter, [path, handler, ...rest]) as unknown),
      );
      gate.registered?.('route');
      return result;
    };
    Reflect.set(adapter, verb, guarded);
  }
  guardNotFound(adapter, routes, slots);
  guardErrors(adapter, slots);
  const createFactory: unknown = Reflect.get(adapter, 'createMiddlewareFactory');
  if (typeof createFactory !== 'function') return;
  const guardedFactory = (...args: unknown[]): unknown => {
    const unit = middlewareOwner.take();
    const made: unknown = Reflect.apply(createFactory, adapter, args);
    const guard =
      (register: Register): Register =>
      (path, handler) => {
        const result = unit
          ? orFail(unit, path, () => gate.addMiddleware(unit, path, handler, register))
          : register(path, handler);
        gate.registered?.('middleware');
        return result;
      };
    return made instanceof Promise ? made.then((register: Register) => guard(register)) : guard(made as Register);
  };
  Reflect.set(adapter, 'createMiddlewareFactory', guardedFactory);
}

/** Nest answers what no route was found for by a handler of its own. */
function guardNotFound(adapter: AbstractHttpAdapter, routes: MatchedRoutes, slots: RouteSlots): void {
  const setHandler: unknown = Reflect.get(adapter, 'setNotFoundHandler');
  if (typeof setHandler !== 'function') return;
  const guarded = (given: (...args: unknown[]) => unknown, ...rest: unknown[]): unknown => {
    const handler = slots.takeFallback('not found', given);
    if (!handler) return adapter;
    const noting = (request: object, ...others: unknown[]): unknown => {
      routes.missed(request);
      return handler(request, ...others);
    };
    return Reflect.apply(setHandler, adapter, [noting, ...rest]) as unknown;
  };
  Reflect.set(adapter, 'setNotFoundHandler', guarded);
}

/** So it does with errors outside of routes. */
function guardErrors(adapter: AbstractHttpAdapter, slots: RouteSlots): void {
  const setHandler: unknown = Reflect.get(adapter, 'setErrorHandler');
  if (typeof setHandler !== 'function') return;
  const guarded = (given: Handler, ...rest: unknown[]): unknown => {
    const handler = slots.takeFallback('error', given);
    return handler ? (Reflect.apply(setHandler, adapter, [handler, ...rest]) as unknown) : adapter;
  };
  Reflect.set(adapter, 'setErrorHandler', guarded);
}

function orFail(unit: ModuleUnit, path: string, register: () => unknown): unknown {
  try {
    return register();
  } catch (cause) {
    failUnit(unit, 'MODULE_FAILED', {
      detail: `the path ${path} was refused: ${describeThrown(cause)}`,
      hint: 'Correct the path: parameters are written :name, wildcards *name, optional parts {/part}.',
      cause,
    });
    return undefined;
  }
}
