import { ConsoleLogger, type LoggerService } from '@nestjs/common';
import type { AbstractHttpAdapter, ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { NoopGraphInspector } from '@nestjs/core/inspector/noop-graph-inspector.js';
import { Injector } from '@nestjs/core/injector/injector.js';
import { MiddlewareContainer } from '@nestjs/core/middleware/container.js';
import { MiddlewareModule } from '@nestjs/core/middleware/middleware-module.js';
import { RoutesResolver } from '@nestjs/core/router/routes-resolver.js';

import { describeThrown } from '../plugin/printable.js';
import { failUnit, type ModuleUnit } from './installed-plugin.js';
import { containerOf, type NestContainer } from './nest-internals.js';

/**
 * Has Nest register the middleware and the routes of modules that came while the application runs, with its own classes
 * for that: prefix, versions, guards, pipes and filters are those of all other routes.
 */
export async function registerLate(
  units: readonly ModuleUnit[],
  modules: ModulesContainer,
  config: ApplicationConfig,
  adapter: AbstractHttpAdapter,
): Promise<void> {
  const container = containerOf(modules);
  const injector = new Injector();
  const middleware = new MiddlewareModule();
  const configured = new MiddlewareContainer(container);
  const inspector = NoopGraphInspector;
  const view = onlyWalkingThrough(container, units);
  await middleware.register(configured, view, config, injector, adapter, inspector, {});
  await middleware.registerMiddleware(configured, adapter);

  const base = basePathOf(config);
  // Private in Nest's types.
  const resolver = new RoutesResolver(container, config, injector, inspector) as unknown as Resolver;
  for (const unit of units) {
    const { module } = unit;
    const path = resolver.getModulePathMetadata(module.metatype);
    try {
      resolver.registerRouters(module.controllers, module.token, base, path, adapter);
    } catch (cause) {
      failUnit(unit, 'MODULE_FAILED', {
        detail: `its routes cannot be registered: ${describeThrown(cause)}`,
        hint: 'In paths, parameters are written :name, wildcards *name, optional parts {/part}.',
        cause,
      });
    }
  }
}

/** Has Nest register all routes once more, and what it calls for errors and for requests without a route. */
export function registerAgain(
  modules: ModulesContainer,
  config: ApplicationConfig,
  adapter: AbstractHttpAdapter,
): void {
  const container = containerOf(modules);
  const resolver = new RoutesResolver(container, config, new Injector(), NoopGraphInspector) as unknown as Resolver;
  // It would log each route as if it were a new one.
  for (const holder of [resolver, resolver.routerExplorer]) holder.logger = new ConsoleLogger({ logLevels: [] });
  resolver.resolve(adapter, basePathOf(config));
  resolver.registerNotFoundHandler();
  resolver.registerExceptionHandler();
}

function basePathOf(config: ApplicationConfig): string {
  const prefix = config.getGlobalPrefix();
  return prefix === '' || prefix.startsWith('/') ? prefix || '/' : `/${prefix}`;
}

interface Resolver {
  logger: LoggerService;
  readonly routerExplorer: { logger: LoggerService };
  resolve(adapter: AbstractHttpAdapter, base: string): void;
  registerNotFoundHandler(): void;
  registerExceptionHandler(): void;
  getModulePathMetadata(metatype: unknown): string | undefined;
  registerRouters(
    controllers: object,
    token: string,
    base: string,
    path: string | undefined,
    adapter: AbstractHttpAdapter,
  ): void;
}

/** Nest walks through the entries of all modules to find those with middleware; here only through some. All are there to look up. */
function onlyWalkingThrough(container: NestContainer, units: readonly ModuleUnit[]): NestContainer {
  const all = container.getModules();
  const some = new Map(units.map(({ module }) => [module.token, module]));
  const modules = new Proxy(all, {
    get(target, key) {
      if (key === 'entries') return () => some.entries();
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return Object.create(container, { getModules: { value: () => modules } }) as NestContainer;
}
