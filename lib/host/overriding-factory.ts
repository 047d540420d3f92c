import { NestFactory } from '@nestjs/core';
import type { FactoryProvider, InjectionToken, Type } from '@nestjs/common';

/** What takes the place of a provider. */
export type Replacement =
  | { readonly useValue: unknown }
  | { readonly useClass: Type }
  | { readonly useFactory: FactoryProvider['useFactory']; readonly inject?: FactoryProvider['inject'] };

/** The part of Nest's container through which every provider of every module goes, whenever that is loaded. */
interface Container {
  addProvider(provider: unknown, ...rest: unknown[]): unknown;
}
type Initialize = (module: unknown, container: Container, ...rest: unknown[]) => Promise<void>;

/**
 * A NestFactory whose applications have other providers in the place of some, in all modules: those of plugins,
 * which are loaded after the application's own were scanned, are out of the reach of Nest's testing module.
 */
export function overridingFactory(overrides: ReadonlyMap<unknown, Replacement>): typeof NestFactory {
  if (overrides.size === 0) return NestFactory;
  const initialize = Reflect.get(NestFactory, 'initialize') as Initialize; // private in Nest's types
  return Object.create(NestFactory, {
    initialize: {
      value(this: unknown, module: unknown, container: Container, ...rest: unknown[]): Promise<void> {
        replaceIn(container, overrides);
        return Reflect.apply(initialize, this, [module, container, ...rest]);
      },
    },
  }) as typeof NestFactory;
}

function replaceIn(container: Container, overrides: ReadonlyMap<unknown, Replacement>): void {
  const add = container.addProvider.bind(container);
  container.addProvider = (provider, ...rest): unknown => {
    const token = tokenOf(provider);
    const replacement = overrides.get(token);
    return add(replacement ? { provide: token, ...replacement } : provider, ...rest);
  };
}

function tokenOf(provider: unknown): InjectionToken {
  const isCustom = typeof provider === 'object' && provider !== null && 'provide' in provider;
  return (isCustom ? provider.provide : provider) as InjectionToken; // one of Nest's two forms of a provider
}
