import type { DynamicModule, Type } from '@nestjs/common';
import 'reflect-metadata';

import { buildModule } from '../../extensions/build-module.js';
import { isRecord } from '../../extensions/extension-point.js';
import type { ModuleDraft } from '../../extensions/module-draft.js';
import { declaredRoutes } from '../../host/declared-routes.js';
import type { Candidate } from '../../loading/candidate.js';
import type { InspectedContributions } from './inspection.js';

/** Sums up what a plugin adds: what the rules of the doctor look at, and what can be sent to another process. */
export function contributionsOf(
  { name }: Candidate,
  draft: ModuleDraft,
  returned: object,
  paths: ReadonlyMap<string, string>,
): InspectedContributions {
  const { root, attached } = buildModule(name, draft, []);
  const prefixOf = (module: Type): string => paths.get((attached.get(module) ?? name).toLowerCase()) ?? '';
  const given = Object.entries(returned).filter(([, value]) => value !== undefined);
  return {
    keys: Object.fromEntries(given.map(([key, value]) => [key, !isEmpty(value)])),
    routes: modulesBelow(root).flatMap(({ module, controllers }) => declaredRoutes(controllers, prefixOf(module))),
    transforms: Object.keys(recordOf(Object.fromEntries(given)['transforms'])),
  };
}

/** The plugin's own module, with the inner ones that hold the routes below other plugins. */
function modulesBelow(root: DynamicModule): { module: Type; controllers: Type[] }[] {
  const inner = (root.imports ?? []).filter((each): each is DynamicModule => isRecord(each) && 'controllers' in each);
  const declared = (Reflect.getMetadata('controllers', root.module) as Type[] | undefined) ?? [];
  return [
    { module: root.module, controllers: [...declared, ...(root.controllers ?? [])] },
    ...inner.map(({ module, controllers = [] }) => ({ module, controllers })),
  ];
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return (
    value === '' ||
    (isRecord(value) && Object.getPrototypeOf(value) === Object.prototype && Object.keys(value).length === 0)
  );
}
