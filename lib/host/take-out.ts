import type { LazyModuleLoader, ModulesContainer } from '@nestjs/core';

import type { ModuleUnit } from './installed-plugin.js';
import { withoutMiddleware } from './middleware-gate.js';
import { forgetDiscoverable, forgetEnhancers, type NestModule } from './nest-internals.js';

/** Leaves nothing of a module of a plugin that has failed when it was in the container already. */
export function takeOut(unit: ModuleUnit, loader: LazyModuleLoader, modules: ModulesContainer): void {
  withoutMiddleware(unit);
  hollowOut(unit.module);
  forgetDiscoverable(modules, unit.module);
  forgetEnhancers(loader, (moduleKey) => moduleKey === unit.module.token);
}

/**
 * Leaves nothing of a module but its name: Nest has begun to walk through its modules and would miss one that is gone,
 * while it looks for controllers, providers and enhancers only where it finds some.
 */
function hollowOut(module: NestModule): void {
  module.controllers.clear();
  module.injectables.clear();
  for (const token of module.providers.keys()) if (token !== module.metatype) module.providers.delete(token);
  const own = module.providers.get(module.metatype);
  if (own) own.instance = {}; // a frozen one would keep its configure() and its hooks
}
