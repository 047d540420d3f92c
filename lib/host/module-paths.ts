import type { Type } from '@nestjs/common';
import { MODULE_PATH } from '@nestjs/common/internal';
import type { ModulesContainer } from '@nestjs/core';
import 'reflect-metadata';

import { soleOwnerOf, type InstalledPlugin, type ModuleUnit } from './installed-plugin.js';
import { noteMounted, type NestModule } from './nest-internals.js';

/** Mounts the modules of plugins: leaves on each class below which path its controllers lie, as RouterModule does. */
export class ModulePaths {
  readonly #key: string;
  /** Modules whose classes were told their path, with the path that they had before. */
  readonly #mounted = new Map<NestModule, string | undefined>();

  constructor(private readonly modules: ModulesContainer) {
    this.#key = modulePathKey(modules.applicationId);
  }

  /**
   * A class that the application or another plugin uses as well stays as it is: its path would move with it.
   * @param paths by lower-case plugin name
   */
  mount(units: readonly ModuleUnit[], plugins: readonly InstalledPlugin[], paths: ReadonlyMap<string, string>): void {
    const attached = new Map(plugins.flatMap(({ built }) => [...built.attached]));
    const uses = new Map<Type, number>();
    for (const { metatype } of this.modules.values()) uses.set(metatype, (uses.get(metatype) ?? 0) + 1);
    for (const unit of units) {
      const { module } = unit;
      const { metatype } = module;
      const owner = soleOwnerOf(unit);
      if (!owner) continue; // a module of several plugins lies below none of them
      const path = paths.get((attached.get(metatype) ?? owner.name).toLowerCase()) ?? '';
      const inner = Reflect.getOwnMetadata(this.#key, metatype) as string | undefined; // a RouterModule of the plugin's own
      if (!path || uses.get(metatype) !== 1) continue;
      Reflect.defineMetadata(this.#key, path + (inner ?? ''), metatype);
      noteMounted(this.modules, module);
      this.#mounted.set(module, inner);
    }
  }

  /** The same class may come again, with the path that it brought itself. */
  unmount(module: NestModule): void {
    if (!this.#mounted.has(module)) return;
    const before = this.#mounted.get(module);
    if (before === undefined) Reflect.deleteMetadata(this.#key, module.metatype);
    else Reflect.defineMetadata(this.#key, before, module.metatype);
    this.#mounted.delete(module);
  }
}

/** RouterModule and this library leave the path of a module on its class, under a key of the application's own. */
export function modulePathKey(applicationId: string): string {
  return `${MODULE_PATH}${applicationId}`;
}

/** Below which path the controllers of a module lie, whoever has said so. */
export function modulePathOf({ metatype }: NestModule, applicationId: string): string | undefined {
  return read(modulePathKey(applicationId), metatype) ?? read(MODULE_PATH, metatype);
}

function read(key: string, metatype: Type): string | undefined {
  return Reflect.getMetadata(key, metatype) as string | undefined;
}
