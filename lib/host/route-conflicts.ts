import { RequestMethod } from '@nestjs/common';

import { isGoing, type Candidate } from '../loading/candidate.js';
import { nameIndex, unmetDependency } from '../loading/order-plugins.js';
import type { PluginErrorDetails } from '../plugin/plugin-error.js';
import { describeThrown } from '../plugin/printable.js';
import { failUnit, type ModuleUnit } from './installed-plugin.js';
import type { NestModule } from './nest-internals.js';
import { collide, type RouteEntry, type RouteTable } from './route-table.js';

/** A route that is given away, and whose it is: `undefined` for the application's own. */
interface Claim {
  readonly route: RouteEntry;
  readonly owner: Candidate | 'itself' | undefined;
}

/** A route that a plugin wants, and the claim that is there already. */
interface Conflict {
  readonly route: RouteEntry;
  readonly taken: Claim;
}

/** How many routes each plugin has that kept all of its routes. */
export type RouteCounts = ReadonlyMap<Candidate, number>;

/**
 * Gives each method and path to one owner: the application first, then the plugins in load order.
 * A plugin that wants a route which is given away fails, naming both.
 */
export function settleRoutes(
  table: RouteTable,
  ofApplication: readonly NestModule[],
  units: readonly ModuleUnit[],
  candidates: readonly Candidate[],
): RouteCounts {
  const claims = new Map<string, Claim[]>();
  const claim = (route: RouteEntry, owner: Candidate | undefined): void => {
    const known = claims.get(route.shape);
    if (known) known.push({ route, owner });
    else claims.set(route.shape, [{ route, owner }]);
  };
  // The application's own faults are Nest's to tell.
  for (const module of ofApplication) for (const route of table.readRoutesOf(module)) claim(route, undefined);

  const counts = new Map<Candidate, number>();
  const byName = nameIndex(candidates);
  for (const unit of units) {
    for (const candidate of unit.candidates.filter(isGoing)) {
      // What a plugin needs may just have lost its routes: then it wants none.
      const unmet = unmetDependency(candidate, byName);
      if (unmet) candidate.error = unmet;
    }
    const owner = unit.candidates.find(isGoing);
    if (!owner) continue;
    try {
      const routes = unit.modules.flatMap((module) => table.routesOf(module));
      const conflict = firstConflict(routes, claims);
      if (conflict) failUnit(unit, 'ROUTE_CONFLICT', conflictDetails(unit, conflict));
      else for (const route of routes) claim(route, owner);
      counts.set(owner, (counts.get(owner) ?? 0) + routes.length);
    } catch (cause) {
      failUnit(unit, 'MODULE_FAILED', {
        detail: `its routes cannot be read: ${describeThrown(cause)}`,
        hint: 'Decorate its controllers with @Controller() and their methods with @Get() and the like; in paths, parameters are written :name, wildcards *name, optional parts {/part}.',
        cause,
      });
    }
  }
  return counts;
}

function firstConflict(
  routes: readonly RouteEntry[],
  claims: ReadonlyMap<string, readonly Claim[]>,
): Conflict | undefined {
  const own = new Map<string, RouteEntry[]>();
  for (const route of routes) {
    const taken = claims.get(route.shape)?.find((claim) => collide(claim.route, route));
    if (taken) return { route, taken };
    const twice = own.get(route.shape)?.find((earlier) => collide(earlier, route));
    if (twice) return { route, taken: { route: twice, owner: 'itself' } };
    own.set(route.shape, [...(own.get(route.shape) ?? []), route]);
  }
  return undefined;
}

function conflictDetails({ candidates }: ModuleUnit, { route, taken }: Conflict): Omit<PluginErrorDetails, 'plugin'> {
  const wanting = candidates.map(({ name }) => `"${name}"`).join(' and ');
  const { route: other, owner } = taken;
  const whose = owner === 'itself' ? 'the same plugin' : owner ? `the plugin "${owner.name}"` : 'the application';
  return {
    detail: `${RequestMethod[route.method]} ${route.path} of ${route.handler} in ${wanting} is ${RequestMethod[other.method]} ${other.path} of ${other.handler} in ${whose} already`,
    hint: 'Give the plugin a "prefix" of its own, or change the path of one of the two.',
  };
}
