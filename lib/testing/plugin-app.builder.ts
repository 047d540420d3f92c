import type { FactoryProvider, InjectionToken, Type } from '@nestjs/common';

import type { Replacement } from '../host/overriding-factory.js';
import type { PluginApp } from './plugin-app.js';

/** Starts the application when it is awaited; before, providers can be replaced. */
export class PluginAppBuilder implements PromiseLike<PluginApp> {
  readonly #overrides = new Map<unknown, Replacement>();
  #started: Promise<PluginApp> | undefined;

  constructor(private readonly start: (overrides: ReadonlyMap<unknown, Replacement>) => Promise<PluginApp>) {}

  /** Replaces a provider wherever it stands: in the application and in plugins. */
  overrideProvider(token: InjectionToken): ProviderOverride {
    const by = (replacement: Replacement): this => {
      if (this.#started) throw new Error('The application has started: override providers before it is awaited.');
      this.#overrides.set(token, replacement);
      return this;
    };
    return {
      useValue: (useValue) => by({ useValue }),
      useClass: (useClass) => by({ useClass }),
      useFactory: ({ factory, inject = [] }) => by({ useFactory: factory, inject }),
    };
  }

  // eslint-disable-next-line unicorn/no-thenable -- to be awaited is what it is for
  then<Done = PluginApp, Failed = never>(
    onDone?: ((app: PluginApp) => Done | PromiseLike<Done>) | null,
    onFailed?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    this.#started ??= this.start(this.#overrides);
    return this.#started.then(onDone, onFailed);
  }
}

/** By what a provider is replaced, as `overrideProvider()` of @nestjs/testing has it. */
export interface ProviderOverride {
  useValue(value: unknown): PluginAppBuilder;
  useClass(type: Type): PluginAppBuilder;
  useFactory(options: {
    factory: FactoryProvider['useFactory'];
    inject?: NonNullable<FactoryProvider['inject']>;
  }): PluginAppBuilder;
}
