import { RequestMethod } from '@nestjs/common';

import { isGoing, type Candidate } from '../loading/candidate.js';
import { nameIndex, unmetDependency } from '../loading/order-plugins.js';
import type { PluginErrorDetails } from '../plugin/plugin-error.js';
import { describeThrown } from '../plugin/printable.js';
import { failUnit, type ModuleUnit } from './installed-plugin.js';
import type { NestModule } from './nest-internals.js';
import { collide, type RouteEntry, type RouteTable } from './route-table.js';

/** A route that is given away, and to whom: `undefined` for the application itself. */
interface Claim {
  readonly route: RouteEntry;
  readonly unit: ModuleUnit | undefined;
}

/** A route that a plugin wants, and the claim that is there already. */
interface Conflict {
  readonly route: RouteEntry;
  readonly unit: ModuleUnit;
  readonly taken: Claim;
}

/**
 * Gives each method and path to one owner: the application first, then the plugins in load order.
 * A plugin that wants a route which is given away fails, naming both. What belongs to a plugin that is off is free.
 */
export class RouteClaims {
  readonly #byShape = new Map<string, Claim[]>();
  readonly #byUnit = new Map<ModuleUnit, readonly RouteEntry[]>();
  /** Those of the application that keep all paths below for it. */
  readonly #reserved: Claim[] = [];

  constructor(
    private readonly table: RouteTable,
    ofApplication: readonly NestModule[],
  ) {
    for (const module of ofApplication) for (const route of this.#readOrNone(module)) this.#claim(route, undefined);
  }

  /** The routes of a plugin, as the application serves them. */
  of(candidate: Candidate): readonly RouteEntry[] {
    return [...this.#byUnit].flatMap(([unit, routes]) => (unit.candidates[0] === candidate ? routes : []));
  }

  /** Whether modules have routes. */
  has(unit: ModuleUnit): boolean {
    return this.#routesOf(unit).length > 0;
  }

  /** How many routes each plugin has; those of shared modules count for the first of their users. */
  counts(): Map<Candidate, number> {
    const counts = new Map<Candidate, number>();
    for (const [{ candidates }, routes] of this.#byUnit) {
      const [owner] = candidates;
      if (owner) counts.set(owner, (counts.get(owner) ?? 0) + routes.length);
    }
    return counts;
  }

  /**
   * Claims the routes of modules; fails the plugins that cannot have theirs.
   * @param candidates all there are, in load order
   */
  settle(units: readonly ModuleUnit[], candidates: readonly Candidate[]): void {
    const byName = nameIndex(candidates);
    const unsettled = new Set(units);
    for (const [candidate, own] of unitsByPlugin(units, candidates)) {
      if (!isGoing(candidate)) continue;
      // What a plugin needs may just have lost its routes: then it wants none.
      const unmet = unmetDependency(candidate, byName);
      if (unmet) {
        candidate.error = unmet;
        continue;
      }
      const mine = own.filter((unit) => unsettled.delete(unit));
      for (const unit of mine) this.#read(unit);
      const conflict = this.#conflictOf(mine, candidates);
      if (conflict) failUnit(conflict.unit, 'ROUTE_CONFLICT', conflictDetails(conflict));
      for (const unit of mine)
        if (unit.candidates.some(isGoing)) for (const route of this.#routesOf(unit)) this.#claim(route, unit);
    }
  }

  /** Why plugins that are in the application already cannot be switched on, if so: another one took a route meanwhile. */
  conflictOf(
    units: readonly ModuleUnit[],
    candidates: readonly Candidate[],
  ): Omit<PluginErrorDetails, 'plugin'> | undefined {
    const conflict = this.#conflictOf(units, candidates);
    return conflict && conflictDetails(conflict);
  }

  /** Forgets the routes of modules that are gone. */
  release(units: readonly ModuleUnit[]): void {
    const gone = new Set(units);
    for (const unit of units) {
      for (const { shape } of this.#routesOf(unit)) {
        const left = this.#byShape.get(shape)?.filter((claim) => !claim.unit || !gone.has(claim.unit)) ?? [];
        if (left.length > 0) this.#byShape.set(shape, left);
        else this.#byShape.delete(shape);
      }
      this.#byUnit.delete(unit);
    }
  }

  #claim(route: RouteEntry, unit: ModuleUnit | undefined): void {
    if (!unit && route.reserves !== undefined) this.#reserved.push({ route, unit });
    const known = this.#byShape.get(route.shape);
    if (known) known.push({ route, unit });
    else this.#byShape.set(route.shape, [{ route, unit }]);
  }

  #routesOf(unit: ModuleUnit): readonly RouteEntry[] {
    return this.#byUnit.get(unit) ?? [];
  }

  #read(unit: ModuleUnit): void {
    try {
      this.#byUnit.set(unit, this.table.routesOf(unit.module));
    } catch (cause) {
      failUnit(unit, 'MODULE_FAILED', {
        detail: `its routes cannot be read: ${describeThrown(cause)}`,
        hint: 'Decorate its controllers with @Controller() and their methods with @Get() and the like; in paths, parameters are written :name, wildcards *name, optional parts {/part}.',
        cause,
      });
    }
  }

  /** The application's own faults are Nest's to tell. */
  #readOrNone(module: NestModule): RouteEntry[] {
    try {
      return this.table.routesOf(module);
    } catch {
      return [];
    }
  }

  #conflictOf(units: readonly ModuleUnit[], candidates: readonly Candidate[]): Conflict | undefined {
    const mine = new Set(units);
    const all = new Set(candidates);
    const isTaken = ({ unit }: Claim): boolean =>
      !unit || (!mine.has(unit) && unit.candidates.some((each) => all.has(each) && isGoing(each)));
    const own = new Map<string, Claim[]>();
    for (const unit of units) {
      for (const route of this.#routesOf(unit)) {
        const claims = (this.#byShape.get(route.shape) ?? []).filter(isTaken);
        const taken =
          [...claims, ...(own.get(route.shape) ?? [])].find((each) => collide(each.route, route)) ??
          this.#reserved.find((each) => `${route.shape}/`.startsWith(`${each.route.reserves}/`));
        if (taken) return { route, unit, taken };
        own.set(route.shape, [...(own.get(route.shape) ?? []), { route, unit }]);
      }
    }
    return undefined;
  }
}

function unitsByPlugin(
  units: readonly ModuleUnit[],
  candidates: readonly Candidate[],
): Map<Candidate, readonly ModuleUnit[]> {
  const byPlugin = new Map<Candidate, ModuleUnit[]>(candidates.map((candidate) => [candidate, []]));
  for (const unit of units) for (const candidate of unit.candidates) byPlugin.get(candidate)?.push(unit);
  return byPlugin;
}

function conflictDetails({ route, unit, taken }: Conflict): Omit<PluginErrorDetails, 'plugin'> {
  const wanting = unit.candidates.map(({ name }) => `"${name}"`).join(' and ');
  const owner = taken.unit?.candidates.find(isGoing) ?? taken.unit?.candidates[0];
  const isOwn = owner !== undefined && unit.candidates.includes(owner);
  const whose = isOwn ? 'the same plugin' : owner ? `the plugin "${owner.name}"` : 'the application';
  return {
    detail: `${RequestMethod[route.method]} ${route.path} of ${route.handler} in ${wanting} is ${RequestMethod[taken.route.method]} ${taken.route.path} of ${taken.route.handler} in ${whose} already`,
    hint: 'Give the plugin a "prefix" of its own, or change the path of one of the two.',
  };
}
