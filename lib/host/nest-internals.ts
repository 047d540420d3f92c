import type { DynamicModule, Type } from '@nestjs/common';
import type { LazyModuleLoader, ModulesContainer } from '@nestjs/core';
import { DiscoverableMetaHostCollection } from '@nestjs/core/discovery/discoverable-meta-host-collection.js';
import type { MiddlewareContainer } from '@nestjs/core/middleware/container.js';
import { targetModulesByContainer } from '@nestjs/core/router/router-module.js';

/** A module in Nest's container. */
export type NestModule = ModulesContainer extends Map<string, infer Entry> ? Entry : never;
/** A provider or controller in Nest's container, with its instance. */
export type InstanceWrapper = NestModule['providers'] extends Map<unknown, infer Entry> ? Entry : never;

/** Nest's container of modules. */
export type NestContainer = ConstructorParameters<typeof MiddlewareContainer>[0];

/** Where a provider under APP_GUARD and its kin waits to become global. */
interface GlobalEnhancer {
  readonly type: string;
  readonly moduleKey: string;
  readonly providerKey: string;
}

/** The private parts of Nest's lazy loader: loading leans on these. */
export interface LoaderInternals {
  readonly dependenciesScanner: {
    applicationProvidersApplyMap: GlobalEnhancer[];
    readonly metadataScanner: { cachedScannedPrototypes: Map<object, unknown> | WeakMap<object, unknown> };
    /** Not there in NestJS 12.0. */
    removeModules?(modules: readonly NestModule[]): void;
    scanModulesForDependencies(modules?: ReadonlyMap<string, NestModule>): Promise<void>;
  };
  readonly moduleCompiler: { compile(definition: Type | DynamicModule): Promise<{ token: string }> };
}

/** Private in Nest's types: by container and the key of a decorator, what bears it. */
interface Discoverable {
  readonly providersByMetaKey: WeakMap<ModulesContainer, Map<string, Set<InstanceWrapper>>>;
  readonly controllersByMetaKey: WeakMap<ModulesContainer, Map<string, Set<InstanceWrapper>>>;
}

/** The private parts of Nest's container from which a module must be taken. */
interface ContainerInternals {
  readonly globalModules: Set<NestModule>;
  readonly dynamicModulesMetadata: Map<string, unknown>;
}

export function internalsOf(loader: LazyModuleLoader): LoaderInternals {
  return loader as unknown as LoaderInternals; // private in Nest's types; their names are checked when they are used
}

/** Takes modules out of the container, which that of NestJS 12.0 cannot do by itself: enough for modules that never started. */
export function removeModules(loader: LazyModuleLoader, modules: ModulesContainer, gone: readonly NestModule[]): void {
  const { dependenciesScanner } = internalsOf(loader);
  if (dependenciesScanner.removeModules) {
    dependenciesScanner.removeModules(gone);
    return;
  }
  const container = containerOf(modules) as unknown as ContainerInternals; // private in Nest's types
  for (const module of gone) {
    modules.delete(module.token);
    container.globalModules.delete(module);
    container.dynamicModulesMetadata.delete(module.token);
    for (const { imports } of modules.values()) imports.delete(module);
    forgetDiscoverable(modules, module);
  }
}

/** What `DiscoveryService` finds by a decorator of its own is kept apart from the modules. */
export function forgetDiscoverable(modules: ModulesContainer, gone: NestModule): void {
  const { providersByMetaKey, controllersByMetaKey } = DiscoverableMetaHostCollection as unknown as Discoverable;
  for (const byMetaKey of [providersByMetaKey, controllersByMetaKey])
    for (const wrappers of byMetaKey.get(modules)?.values() ?? [])
      for (const wrapper of wrappers) if (wrapper.host === gone) wrappers.delete(wrapper);
}

/** Nest would look for the instances of enhancers whose modules are gone or empty, and stop the boot when it finds none. */
export function forgetEnhancers(loader: LazyModuleLoader, isGone: (moduleKey: string) => boolean): void {
  const { dependenciesScanner } = internalsOf(loader);
  dependenciesScanner.applicationProvidersApplyMap = dependenciesScanner.applicationProvidersApplyMap.filter(
    ({ moduleKey }) => !isGone(moduleKey),
  );
}

/** The container that all of these modules are in. */
export function containerOf(modules: ModulesContainer): NestContainer {
  const [module] = modules.values();
  return Reflect.get(module ?? {}, 'container') as NestContainer;
}

/** Nest keeps each class for ever whose methods it has looked at: those of plugins that are gone must not be among them. */
export function letClassesGo(loader: LazyModuleLoader): void {
  const { metadataScanner } = internalsOf(loader).dependenciesScanner;
  if (!(metadataScanner.cachedScannedPrototypes instanceof WeakMap))
    metadataScanner.cachedScannedPrototypes = new WeakMap();
}

/** NestJS 12.0 asks only those modules for the path of their controllers, when it looks for routes of middleware, that are noted as RouterModule does it. */
export function noteMounted(modules: ModulesContainer, mounted: NestModule): void {
  const noted = targetModulesByContainer.get(modules) ?? new WeakSet();
  targetModulesByContainer.set(modules, noted.add(mounted));
}

/** The module that `NestFactory.create()` was given: Nest puts it second, behind its own core module. */
export function rootModuleOf(modules: ModulesContainer): NestModule | undefined {
  return [...modules.values()][1];
}
