import type { Type } from '@nestjs/common';
import type { LazyModuleLoader, ModulesContainer } from '@nestjs/core';

import type { Candidate } from '../loading/candidate.js';
import { internalsOf, type NestModule } from './nest-internals.js';

/** A provider of which the modules of each plugin get one of their own, so that it knows whom it serves. */
export interface OwnProvider {
  readonly token: Type<object>;
  /** @param owners the plugins to which a module belongs; more than one where several import it */
  make(owners: readonly Candidate[]): object;
}

/** Which modules belong to which plugins, from before Nest makes anything of them; and what each gets of its own. */
export class OwnProviders {
  readonly #owners = new WeakMap<object, Candidate[]>();
  readonly #providers: OwnProvider[] = [];
  #isWatching = false;

  constructor(
    private readonly loader: LazyModuleLoader,
    private readonly modules: ModulesContainer,
  ) {}

  /** Must be called before the plugins are loaded. */
  add(provider: OwnProvider): void {
    this.#providers.push(provider);
  }

  /** Notes that a module class belongs to a plugin. */
  claim(metatype: object, candidate: Candidate): void {
    const owners = this.#owners.get(metatype) ?? [];
    if (!owners.includes(candidate)) owners.push(candidate);
    this.#owners.set(metatype, owners);
    if (!this.#isWatching) this.#watch();
  }

  /** Nest's `app.get()` takes the last one of several providers with the same token: that must be the one of the application. */
  keepLast(): void {
    const isHolder = (module: NestModule): boolean =>
      !this.#owners.has(module.metatype) && this.#providers.some(({ token }) => module.providers.has(token));
    for (const [key, module] of [...this.modules].filter(([, each]) => isHolder(each))) {
      this.modules.delete(key);
      this.modules.set(key, module);
    }
  }

  /** Nest reads what a module declares, then makes it: the moment in between is the one to add something. */
  #watch(): void {
    this.#isWatching = true;
    const { dependenciesScanner } = internalsOf(this.loader);
    const scan = dependenciesScanner.scanModulesForDependencies.bind(dependenciesScanner);
    dependenciesScanner.scanModulesForDependencies = async (modules) => {
      await scan(modules);
      for (const module of modules?.values() ?? []) {
        const owners = this.#owners.get(module.metatype);
        if (!owners) continue;
        for (const own of this.#providers)
          if (!module.providers.has(own.token)) module.addProvider({ provide: own.token, useValue: own.make(owners) });
      }
    };
  }
}
