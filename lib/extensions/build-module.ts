import { Module, type DynamicModule, type Type } from '@nestjs/common';

import type { ModuleDraft, ModuleImport } from './module-draft.js';
import { routeController } from './route-controllers.js';
import type { Route } from './routes.extension.js';

/** A plugin's Nest module, and the inner ones whose routes lie below another plugin's prefix. */
export interface BuiltModule {
  readonly root: DynamicModule;
  /** Module class to the name of the plugin below which it is mounted. */
  readonly attached: ReadonlyMap<Type, string>;
}

/**
 * Builds a plugin's Nest module: always a new dynamic module, so that Nest never takes two for one.
 * @param imports the modules that every plugin shares, and those of the plugins it depends on
 */
export function buildModule(name: string, draft: ModuleDraft, imports: readonly ModuleImport[]): BuiltModule {
  const groups = byTarget(draft.routes);
  const attached = new Map<Type, string>();
  const inner: DynamicModule[] = [];
  const controllers: Type[] = [];
  for (const [attachTo, routes] of groups) {
    if (attachTo === undefined) controllers.push(routeController(classNameOf(name, 'Routes'), routes));
    else {
      const module = moduleClass(classNameOf(name, `RoutesBelow${classNameOf(attachTo, '')}`));
      attached.set(module, attachTo);
      inner.push({ module, controllers: [routeController(classNameOf(name, 'Routes'), routes)] });
    }
  }
  return { root: rootModule(name, draft, [...inner, ...imports], controllers), attached };
}

function rootModule(
  name: string,
  draft: ModuleDraft,
  imports: readonly ModuleImport[],
  controllers: readonly Type[],
): DynamicModule {
  if (draft.module) {
    const own = 'module' in draft.module ? draft.module : { module: draft.module };
    return {
      ...own,
      module: subclassOf(own.module as Type<object>),
      imports: [...(own.imports ?? []), ...imports],
      controllers: [...(own.controllers ?? []), ...controllers],
    };
  }
  return {
    module: moduleClass(classNameOf(name, 'Plugin')),
    imports: [...draft.imports, ...imports],
    controllers: [...draft.controllers, ...controllers],
    providers: draft.providers,
    exports: draft.exports,
  };
}

/** A class of its own: the application may import the plugin's module class as well, and must not be moved below a prefix. */
function subclassOf(module: Type<object>): Type {
  const made = class extends module {};
  Object.defineProperty(made, 'name', { value: module.name });
  return made;
}

function byTarget(routes: readonly Route[]): Map<string | undefined, Route[]> {
  const groups = new Map<string | undefined, Route[]>();
  for (const route of routes) groups.set(route.attachTo, [...(groups.get(route.attachTo) ?? []), route]);
  return groups;
}

/** An empty module class that Nest's messages call by the plugin's name: `NoticeBoardPlugin` for `notice-board`. */
function moduleClass(className: string): Type {
  const made = { [className]: class {} }[className] ?? class {};
  Module({})(made);
  return made;
}

/** `notice-board` to `NoticeBoard`, with a role behind it. */
function classNameOf(name: string, role: string): string {
  const words = name.split(/[._-]+/).filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('') + role;
}
