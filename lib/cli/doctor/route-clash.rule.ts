import type { DeclaredRoute } from '../../host/declared-routes.js';
import type { InspectedPlugin } from '../inspection/inspection.js';
import { lineWith, textOf } from './plugin-files.js';
import type { Rule } from './rule.js';

export const routeClash: Rule = {
  codes: { ROUTE_CONFLICT: 'Two routes answer the same requests; the first one in load order gets them.' },
  look: (plugin, all) => {
    const before = all.slice(0, all.indexOf(plugin));
    const taken = before.flatMap((owner) => routesOf(owner).map((route) => ({ route, owner: owner.name })));
    return routesOf(plugin).flatMap((route, position, routes) => {
      const others = [...taken, ...routes.slice(0, position).map((each) => ({ route: each, owner: 'itself' }))];
      const clash = others.find((other) => collide(other.route, route));
      if (!clash) return [];
      const { entry } = plugin;
      return [
        {
          code: 'ROUTE_CONFLICT',
          message: `Its route ${route.method} ${route.path} (${route.handler}) is taken by ${clash.owner}: ${clash.route.method} ${clash.route.path} (${clash.route.handler}).`,
          file: entry,
          line: entry === undefined ? undefined : lineWith(textOf(entry), `'${route.path}'`),
          hint: 'Change the path of one of the two, or give one plugin a prefix.',
        },
      ];
    });
  },
};

function routesOf({ contributions }: InspectedPlugin): readonly DeclaredRoute[] {
  return contributions?.routes ?? [];
}

function collide(first: DeclaredRoute, second: DeclaredRoute): boolean {
  return (
    first.shape === second.shape &&
    (first.method === second.method || first.method === 'ALL' || second.method === 'ALL')
  );
}
