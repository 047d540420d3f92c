import { RequestMethod } from '@nestjs/common';

import { errorOf, type Candidate } from '../loading/candidate.js';
import { describeThrown } from '../plugin/printable.js';
import type { ModuleUnit } from './installed-plugin.js';
import type { NestModule } from './nest-internals.js';
import { collide, type RouteEntry, type RouteTable } from './route-table.js';

/** A route that is given away, and whose it is: `undefined` for the application's own. */
interface Claim {
  readonly route: RouteEntry;
  readonly owner: Candidate | 'itself' | undefined;
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
): RouteCounts {
  const claims = new Map<string, Claim[]>();
  const claim = (route: RouteEntry, owner: Candidate | undefined): void => {
    const known = claims.get(route.shape);
    if (known) known.push({ route, owner });
    else claims.set(route.shape, [{ route, owner }]);
  };
  for (const module of ofApplication) for (const route of readRoutes(table, module)) claim(route, undefined);

  const counts = new Map<Candidate, number>();
  for (const { candidates, modules } of units) {
    const [owner] = candidates;
    if (!owner || owner.error) continue;
    try {
      const routes = modules.flatMap((module) => table.routesOf(module));
      const conflict = firstConflict(routes, claims);
      if (conflict)
        for (const candidate of candidates) candidate.error = conflictError(candidate, conflict.route, conflict.taken);
      else for (const route of routes) claim(route, owner);
      counts.set(owner, (counts.get(owner) ?? 0) + routes.length);
    } catch (thrown) {
      owner.error = errorOf(owner, 'MODULE_FAILED', {
        detail: `its routes cannot be read: ${describeThrown(thrown)}`,
        hint: 'Decorate its controllers with @Controller(); in paths, parameters are written :name, wildcards *name, optional parts {/part}.',
        cause: thrown,
      });
    }
  }
  return counts;
}

/** The application's own faults are Nest's to tell. */
function readRoutes(table: RouteTable, module: NestModule): RouteEntry[] {
  try {
    return table.routesOf(module);
  } catch {
    return [];
  }
}

function firstConflict(
  routes: readonly RouteEntry[],
  claims: ReadonlyMap<string, readonly Claim[]>,
): { route: RouteEntry; taken: Claim } | undefined {
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

function conflictError(
  candidate: Candidate,
  route: RouteEntry,
  { route: taken, owner }: Claim,
): NonNullable<Candidate['error']> {
  const whose = owner === 'itself' ? 'the same plugin' : owner ? `the plugin "${owner.name}"` : 'the application';
  return errorOf(candidate, 'ROUTE_CONFLICT', {
    detail: `${RequestMethod[route.method]} ${route.path} of ${route.handler} in "${candidate.name}" is ${RequestMethod[taken.method]} ${taken.path} of ${taken.handler} in ${whose} already`,
    hint: 'Give the plugin a "prefix" of its own, or change the path of one of the two.',
  });
}
