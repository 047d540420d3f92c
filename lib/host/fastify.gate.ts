import type { AbstractHttpAdapter } from '@nestjs/core';
import 'reflect-metadata';

import type { ModuleUnit } from './installed-plugin.js';
import type { Handler, PlatformGate, Register } from './platform-gate.js';
import { isOn, type Snapshot, type Snapshots } from './snapshots.js';

/** The key of Nest's `@RouteConstraints()`: Nest hands what it finds there to Fastify. */
const CONSTRAINTS = '__fastify_route_constraints__';
const NAME = 'pluginkit';

/** What Fastify asks of a constraint strategy: a store for each path, and the value of a request. */
interface Strategy {
  readonly name: string;
  readonly mustMatchWhenDerived: boolean;
  deriveConstraint(request: object): Snapshot;
  storage(): { get(wanted: Snapshot | string): number | null; set(id: string, handlers: number): void };
}

/**
 * Finds the routes of plugins that are on, and no others, by a route constraint: Fastify's own way of choosing among the
 * routes of one path. Where none is on, it goes on to routes of the application that match as well.
 */
export class FastifyGate implements PlatformGate {
  readonly #units = new Map<string, ModuleUnit>();
  readonly #ids = new Map<ModuleUnit, string>();

  constructor(adapter: AbstractHttpAdapter, snapshots: Snapshots) {
    const fastify = adapter.getInstance<{ addConstraintStrategy(strategy: Strategy): void }>();
    fastify.addConstraintStrategy({
      name: NAME,
      mustMatchWhenDerived: false,
      deriveConstraint: (request) => snapshots.of(request),
      storage: () => this.#storage(),
    });
  }

  addRoute(unit: ModuleUnit, path: string, handler: Handler, register: Register): unknown {
    const declared = Reflect.getMetadata(CONSTRAINTS, handler) as object | undefined;
    Reflect.defineMetadata(CONSTRAINTS, { ...declared, [NAME]: this.#idOf(unit) }, handler);
    return register(path, handler);
  }

  /** The middleware steps aside by itself. */
  addMiddleware(_unit: ModuleUnit, path: string, handler: Handler, register: Register): unknown {
    return register(path, handler);
  }

  /** Each request derives its constraint anew. */
  apply(): void {
    return undefined;
  }

  #idOf(unit: ModuleUnit): string {
    const known = this.#ids.get(unit);
    if (known !== undefined) return known;
    const id = String(this.#ids.size);
    this.#ids.set(unit, id);
    this.#units.set(id, unit);
    return id;
  }

  /** For one path: a bit for each handler. The router asks by the id of a route when it registers one, by snapshot for a request. */
  #storage(): ReturnType<Strategy['storage']> {
    const handlers = new Map<string, number>();
    return {
      set: (id, bits) => void handlers.set(id, bits),
      get: (wanted) => {
        if (typeof wanted === 'string') return handlers.get(wanted) ?? null;
        let bits = 0;
        for (const [id, bit] of handlers) {
          const unit = this.#units.get(id);
          if (unit && isOn(unit, wanted)) bits |= bit;
        }
        return bits === 0 ? null : bits;
      },
    };
  }
}
