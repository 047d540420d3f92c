import type { DynamicModule } from '@nestjs/common';
import type { LazyModuleLoader, ModulesContainer } from '@nestjs/core';

import type { ModuleImport } from '../extensions/module-draft.js';
import { errorOf, isGoing, step, type Candidate } from '../loading/candidate.js';
import { nameIndex, unmetDependency } from '../loading/order-plugins.js';
import { withTimeLimit } from '../loading/time-limit.js';
import { describeThrown } from '../plugin/printable.js';
import type { InstalledPlugin, ModuleUnit } from './installed-plugin.js';
import { internalsOf, type NestModule } from './nest-internals.js';
import { findSharedImports, plain, reachableFrom, type ModuleDefinition } from './shared-imports.js';

/** Behind the middleware of every module of the application, yet before that of global ones, which Nest keeps apart. */
const LAST = Number.MAX_SAFE_INTEGER;

/**
 * Loads the plugins' modules into the application's own container while it is being built: routes, middleware, hooks,
 * cron jobs and Swagger are read from the container later, and so find them as if they had been imported by hand.
 * A plugin whose module does not start is taken out again and fails alone.
 */
export class ModuleInstaller {
  readonly #internals;

  constructor(
    private readonly loader: LazyModuleLoader,
    private readonly modules: ModulesContainer,
    private readonly timeout: number,
  ) {
    this.#internals = internalsOf(loader);
  }

  /**
   * @param plugins in load order
   * @param share the modules that every plugin imports
   * @returns what is in the container now, in load order; plugins that failed are not among it
   */
  async install(
    plugins: readonly InstalledPlugin[],
    candidates: readonly Candidate[],
    share: readonly ModuleImport[],
  ): Promise<ModuleUnit[]> {
    const foreign = new Set(this.modules.values());
    const roots = plugins.map(({ built }) => built.root);
    const stops = new Set<ModuleDefinition>([...share.flatMap(plain), ...roots]);
    const shared = findSharedImports(roots, stops);
    const sharedLoads = this.#startShared(shared, stops);
    await this.#installAll(plugins, candidates, shared, sharedLoads);
    const units = await this.#collectUnits(plugins, shared, foreign);
    this.#moveBehind(units.flatMap(({ modules }) => modules));
    this.#forgetEnhancersOfRemovedModules();
    return units;
  }

  /** Each shared module waits for the shared ones below it; where two import each other, one does not wait. */
  #startShared(
    shared: ReadonlyMap<ModuleDefinition, unknown>,
    stops: ReadonlySet<ModuleDefinition>,
  ): Map<ModuleDefinition, Promise<unknown>> {
    const loads = new Map<ModuleDefinition, Promise<unknown>>();
    const start = (definition: ModuleDefinition, way: readonly ModuleDefinition[]): Promise<unknown> => {
      const known = loads.get(definition);
      if (known) return known;
      const below = [...reachableFrom(definition, stops)].filter((each) => shared.has(each) && !way.includes(each));
      const load = Promise.all(below.map((each) => start(each, [...way, definition]))).then(() =>
        this.loader.load(() => definition),
      );
      load.catch(() => undefined); // told by each plugin that waits for it
      loads.set(definition, load);
      return load;
    };
    for (const definition of shared.keys()) void start(definition, []);
    return loads;
  }

  async #installAll(
    plugins: readonly InstalledPlugin[],
    candidates: readonly Candidate[],
    shared: ReadonlyMap<ModuleDefinition, readonly DynamicModule[]>,
    sharedLoads: ReadonlyMap<ModuleDefinition, Promise<unknown>>,
  ): Promise<void> {
    const byName = nameIndex(candidates);
    const needed = new Map<DynamicModule, Promise<unknown>[]>();
    for (const [definition, roots] of shared)
      for (const root of roots)
        needed.set(root, [...(needed.get(root) ?? []), sharedLoads.get(definition) ?? Promise.resolve()]);

    const installs = new Map<Candidate, Promise<void>>();
    for (const plugin of plugins) {
      const { candidate } = plugin;
      const before = Object.keys(candidate.metadata.dependsOn ?? {}).flatMap(
        (name) => installs.get(byName.get(name.toLowerCase()) ?? candidate) ?? [],
      );
      const install = Promise.all(before).then(async () => {
        const unmet = unmetDependency(candidate, byName);
        if (unmet) candidate.error = unmet;
        else await step(candidate, 'start', () => this.#installOne(plugin, needed.get(plugin.built.root) ?? []));
      });
      installs.set(candidate, install);
    }
    await Promise.all(installs.values());
  }

  async #installOne({ candidate, built }: InstalledPlugin, needed: readonly Promise<unknown>[]): Promise<void> {
    const late = errorOf(candidate, 'MODULE_TIMEOUT', {
      detail: `it took longer than ${this.timeout} ms`,
      hint: 'Look for an async provider that never settles, or that waits for something which itself waits for the plugins; or raise the option "timeout".',
    });
    try {
      await withTimeLimit(
        async () => {
          await Promise.all(needed);
          await this.loader.load(() => built.root);
        },
        this.timeout,
        () => late,
      );
    } catch (thrown) {
      if (thrown === late) await this.#removeUnfinished(built.root);
      throw thrown === late ? late : moduleError(candidate, thrown);
    }
  }

  /** Nest takes back what fails; what never settles it would keep. */
  async #removeUnfinished(root: DynamicModule): Promise<void> {
    const module = await this.#moduleOf(root);
    if (module) this.#internals.dependenciesScanner.removeModules([module]);
  }

  async #moduleOf(definition: ModuleDefinition): Promise<NestModule | undefined> {
    const { token } = await this.#internals.moduleCompiler.compile(definition);
    return this.modules.get(token);
  }

  async #collectUnits(
    plugins: readonly InstalledPlugin[],
    shared: ReadonlyMap<ModuleDefinition, readonly DynamicModule[]>,
    foreign: ReadonlySet<NestModule>,
  ): Promise<ModuleUnit[]> {
    const taken = new Set(foreign);
    const rootModules = new Map<NestModule, InstalledPlugin>();
    for (const plugin of plugins) {
      const module = isGoing(plugin.candidate) ? await this.#moduleOf(plugin.built.root) : undefined;
      if (module) rootModules.set(module, plugin);
    }
    for (const module of rootModules.keys()) taken.add(module);

    const units = new Map<NestModule, ModuleUnit>();
    const unitOf = (module: NestModule, candidates: readonly Candidate[]): ModuleUnit => {
      const modules = ownModules(module, taken);
      const after = modules.flatMap((each) => [...each.imports].flatMap((imported) => units.get(imported) ?? []));
      const unit = { candidates, modules, after: [...new Set(after)] };
      for (const each of modules) units.set(each, unit);
      return unit;
    };
    const all: ModuleUnit[] = [];
    const sharedModules: [NestModule, readonly Candidate[]][] = [];
    for (const [definition, roots] of shared) {
      const module = await this.#moduleOf(definition);
      const users = plugins
        .filter(({ built, candidate }) => roots.includes(built.root) && isGoing(candidate))
        .map(({ candidate }) => candidate);
      if (!module || taken.has(module)) continue;
      taken.add(module);
      if (users.length > 0) sharedModules.push([module, users]);
      else this.#internals.dependenciesScanner.removeModules([module]);
    }
    for (const [module, users] of importedFirst(sharedModules)) all.push(unitOf(module, users));
    for (const [module, { candidate }] of rootModules) all.push(unitOf(module, [candidate]));
    return all;
  }

  /** In load order, whichever was quicker; Nest registers routes in the order of this map: the application's come first. */
  #moveBehind(modules: readonly NestModule[]): void {
    for (const module of modules) {
      if (!this.modules.delete(module.token)) continue;
      this.modules.set(module.token, module);
      if (!module.isGlobal) module.distance = LAST;
    }
  }

  /** Nest would look for their instances, and stop the boot when it finds none. */
  #forgetEnhancersOfRemovedModules(): void {
    const { dependenciesScanner } = this.#internals;
    dependenciesScanner.applicationProvidersApplyMap = dependenciesScanner.applicationProvidersApplyMap.filter(
      ({ moduleKey }) => this.modules.has(moduleKey),
    );
  }
}

/** A module and what it imports, imported ones first, without those that belong to others. */
function ownModules(root: NestModule, taken: Set<NestModule>): NestModule[] {
  const own: NestModule[] = [];
  const visit = (module: NestModule): void => {
    for (const imported of module.imports) {
      if (taken.has(imported)) continue;
      taken.add(imported);
      visit(imported);
    }
    own.push(module);
  };
  visit(root);
  return own;
}

function importedFirst<T>(entries: readonly [NestModule, T][]): [NestModule, T][] {
  const ordered = new Set<[NestModule, T]>();
  const visit = (entry: [NestModule, T], way: readonly NestModule[]): void => {
    for (const other of entries)
      if (entry[0].imports.has(other[0]) && !way.includes(other[0])) visit(other, [...way, entry[0]]);
    ordered.add(entry);
  };
  for (const entry of entries) visit(entry, []);
  return [...ordered];
}

function moduleError(candidate: Candidate, thrown: unknown): Error {
  const text = describeThrown(thrown);
  const isUnresolved = thrown instanceof Error && thrown.constructor.name === 'UnknownDependenciesException';
  return errorOf(candidate, 'MODULE_FAILED', {
    detail: thrown instanceof Error ? text : `it threw ${text}`,
    hint: isUnresolved
      ? 'Export that provider from its module, and either name the module in the option "share" or, where a plugin brings it, name that plugin in "dependsOn".'
      : 'A provider, controller or import of the plugin throws while Nest builds its module: see the cause.',
    cause: thrown,
  });
}
