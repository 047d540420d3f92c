import type { MiddlewareConsumer, NestModule as WithMiddleware, Type } from '@nestjs/common';

import type { ModuleDraft } from '../extensions/module-draft.js';
import type { ModuleUnit } from './installed-plugin.js';

/**
 * Has the module of a plugin apply the plugin's `middleware` by Nest's own consumer, behind what its own `configure()` applies:
 * so Nest injects into classes, and the gate that is put before every `configure()` later keeps watch over these, too.
 *
 * @param units those of one plugin alone, its own module last
 */
export function addPluginMiddleware(units: readonly ModuleUnit[], { middleware }: ModuleDraft): void {
  const root = units.at(-1)?.module.instance as Partial<WithMiddleware> | undefined;
  if (!root || middleware.length === 0) return;
  const inherited = root.configure;
  const controllers = units.flatMap(({ module }) =>
    [...module.controllers.values()].flatMap(({ metatype }) => (metatype as Type | null) ?? []),
  );
  const configure = async (consumer: MiddlewareConsumer): Promise<void> => {
    if (inherited) await (Reflect.apply(inherited, root, [consumer]) as unknown);
    for (const { use, forRoutes = controllers } of middleware)
      if (forRoutes.length > 0) consumer.apply(...(use as Type[])).forRoutes(...(forRoutes as Type[]));
  };
  Object.defineProperty(root, 'configure', { value: configure, configurable: true, writable: true });
}
