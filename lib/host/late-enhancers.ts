import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import type { ApplicationConfig, LazyModuleLoader, ModulesContainer } from '@nestjs/core';

import type { Candidate } from '../loading/candidate.js';
import type { ModuleUnit } from './installed-plugin.js';
import { ranksOf } from './load-order.js';
import { internalsOf } from './nest-internals.js';

interface Enhancer {
  readonly type: string;
  readonly instance: unknown;
  readonly unit: ModuleUnit | undefined;
}

/**
 * Makes what plugins provide under APP_GUARD and its kin global while the application runs, and takes it back.
 * Nest does so only once, at the start.
 */
export class LateEnhancers {
  /** Of plugins that are gone, yet the handlers could not be made without them. */
  #isStale = false;

  constructor(
    private readonly loader: LazyModuleLoader,
    private readonly modules: ModulesContainer,
    private readonly config: ApplicationConfig,
    /** Makes the handlers of all routes anew; tells whether it could. */
    private readonly refresh: () => boolean,
  ) {}

  /**
   * @param units whose enhancers are to hold; each steps aside by itself while its plugin is off
   * @param all the units in the container
   * @param candidates all plugins that there will be, in load order
   * @returns whether they hold now; if not, nothing has changed
   */
  add(units: readonly ModuleUnit[], all: readonly ModuleUnit[], candidates: readonly Candidate[]): boolean {
    const provided = this.#provided(all);
    const added = provided.filter(({ unit }) => unit && units.includes(unit));
    if (added.length === 0) return true;
    const ranks = ranksOf(new Set(candidates));
    const rankOf = ({ unit }: Enhancer): number => (unit ? ranks(unit) : -1);
    for (const each of added) {
      const list = this.#listOf(each.type);
      // Behind those of the application's modules and of earlier plugins, yet before what `app.useGlobalGuards()` and its kin added.
      const before = provided.filter((other) => list.includes(other.instance) && rankOf(other) <= rankOf(each));
      list.splice(Math.max(0, ...before.map(({ instance }) => list.indexOf(instance) + 1)), 0, each.instance);
    }
    if (this.#tryRefresh()) return true;
    this.#takeOut(added);
    return false;
  }

  /** Must be called while the modules are in the container still. */
  of(units: readonly ModuleUnit[]): readonly Enhancer[] {
    return this.#provided(units).filter(({ unit, type, instance }) => unit && this.#listOf(type).includes(instance));
  }

  /** Must be called when the modules are out of the container. */
  remove(enhancers: readonly Enhancer[]): void {
    this.#takeOut(enhancers);
    if (enhancers.length > 0 || this.#isStale) this.#isStale = !this.#tryRefresh();
  }

  #takeOut(enhancers: readonly Enhancer[]): void {
    for (const { type, instance } of enhancers) {
      const list = this.#listOf(type);
      const place = list.indexOf(instance);
      if (place !== -1) list.splice(place, 1);
    }
  }

  #tryRefresh(): boolean {
    try {
      return this.refresh();
    } catch {
      return false;
    }
  }

  /** In Nest's order. One that is made for each request has no instance here. */
  #provided(units: readonly ModuleUnit[]): Enhancer[] {
    const byToken = new Map(units.map((unit) => [unit.module.token, unit]));
    const { applicationProvidersApplyMap } = internalsOf(this.loader).dependenciesScanner;
    return applicationProvidersApplyMap.flatMap(({ type, moduleKey, providerKey }) => {
      const instance: unknown = this.modules.get(moduleKey)?.providers.get(providerKey)?.instance;
      return instance === undefined || instance === null ? [] : [{ type, instance, unit: byToken.get(moduleKey) }];
    });
  }

  /** Nest's own lists. */
  #listOf(type: string): unknown[] {
    const { config } = this;
    switch (type) {
      case APP_GUARD:
        return config.getGlobalGuards();
      case APP_INTERCEPTOR:
        return config.getGlobalInterceptors();
      case APP_PIPE:
        return config.getGlobalPipes();
      case APP_FILTER:
        return config.getGlobalFilters();
      default:
        return [];
    }
  }
}
