import type { DynamicModule } from '@nestjs/common';
import type { LazyModuleLoader, ModulesContainer } from '@nestjs/core';

import type { ModuleImport } from '../extensions/module-draft.js';
import { errorOf, isGoing, step, type Candidate } from '../loading/candidate.js';
import { nameIndex, unmetDependency } from '../loading/order-plugins.js';
import { TIME_IS_UP, withTimeLimit } from '../loading/time-limit.js';
import { describeThrown } from '../plugin/printable.js';
import type { InstalledPlugin, ModuleUnit } from './installed-plugin.js';
import { importedFirst, unitsOf, type Root } from './module-units.js';
import { forgetEnhancers, internalsOf, removeModules, type NestModule } from './nest-internals.js';
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
   * @param candidates all there are
   * @param known the modules that every plugin imports, and those of plugins that are in the container already
   * @param earlier the units of the latter, by lower-case plugin name
   * @returns what is in the container now, in load order; plugins that failed are not among it
   */
  async install(
    plugins: readonly InstalledPlugin[],
    candidates: readonly Candidate[],
    known: readonly ModuleImport[],
    earlier: ReadonlyMap<string, ModuleUnit> = new Map(),
  ): Promise<ModuleUnit[]> {
    const foreign = new Set(this.modules.values());
    const roots = plugins.map(({ built }) => built.root);
    const stops = new Set<ModuleDefinition>([...known.flatMap(plain), ...roots]);
    const shared = findSharedImports(roots, stops);
    const sharedLoads = await this.#startShared(plugins, shared, stops);
    await this.#installAll(plugins, candidates, shared, sharedLoads);
    const units = await this.#collectUnits(plugins, shared, foreign, stops, earlier);
    this.#moveBehind(units.map(({ module }) => module));
    forgetEnhancers(this.loader, (moduleKey) => !this.modules.has(moduleKey));
    return units;
  }

  /** The modules in the container that stand behind definitions, where they are there. */
  async modulesOf(definitions: Iterable<ModuleDefinition>): Promise<NestModule[]> {
    const modules = await Promise.all([...definitions].map((definition) => this.#moduleOf(definition)));
    return modules.filter((module) => module !== undefined);
  }

  /** Takes modules out of the container. */
  remove(modules: readonly NestModule[]): void {
    removeModules(this.loader, this.modules, modules);
    forgetEnhancers(this.loader, (moduleKey) => !this.modules.has(moduleKey));
  }

  /** Each shared module waits for the shared ones below it; where two import each other, one does not wait. */
  async #startShared(
    plugins: readonly InstalledPlugin[],
    shared: ReadonlyMap<ModuleDefinition, readonly DynamicModule[]>,
    stops: ReadonlySet<ModuleDefinition>,
  ): Promise<Map<ModuleDefinition, Promise<unknown>>> {
    const loads = new Map<ModuleDefinition, Promise<unknown>>();
    const start = (definition: ModuleDefinition, way: readonly ModuleDefinition[]): Promise<unknown> => {
      const known = loads.get(definition);
      if (known) return known;
      const below = [...reachableFrom(definition, stops)].filter((each) => shared.has(each) && !way.includes(each));
      const users = plugins.flatMap(({ candidate, built }) =>
        shared.get(definition)?.includes(built.root) ? [candidate] : [],
      );
      const load = Promise.all(below.map((each) => start(each, [...way, definition]))).then(() =>
        users[0]?.watch.run(users, 'module', () => this.loader.load(() => definition)),
      );
      load.catch(() => undefined); // told by each plugin that waits for it
      loads.set(definition, load);
      return load;
    };
    const isCareful = plugins.some(({ candidate }) => candidate.watch.journal.isCareful);
    for (const definition of shared.keys()) {
      const load = start(definition, []);
      if (isCareful) await withTimeLimit(() => load, this.timeout).catch(() => undefined);
    }
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
    let turn = nextTurn();
    for (const plugin of plugins) {
      const { candidate } = plugin;
      const before = Object.keys(candidate.metadata.dependsOn ?? {}).flatMap(
        (name) => installs.get(byName.get(name.toLowerCase()) ?? candidate) ?? [],
      );
      const install = this.#installBehind(before, plugin, needed.get(plugin.built.root) ?? [], byName);
      installs.set(candidate, install);
      // One after the other as long as none waits for anything outside, since less is alive at a time; side by side as soon as one does.
      const isNext = candidate.watch.journal.isCareful ? install : Promise.race([install, turn]);
      if (await isNext) turn = nextTurn();
    }
    await Promise.all(installs.values());
  }

  async #installBehind(
    before: readonly Promise<void>[],
    plugin: InstalledPlugin,
    needed: readonly Promise<unknown>[],
    byName: ReadonlyMap<string, Candidate>,
  ): Promise<void> {
    const { candidate } = plugin;
    if (before.length > 0) await Promise.all(before);
    const unmet = unmetDependency(candidate, byName);
    if (unmet) candidate.error = unmet;
    else await step(candidate, 'start', 'module', () => this.#installOne(plugin, needed));
  }

  async #installOne({ candidate, built }: InstalledPlugin, needed: readonly Promise<unknown>[]): Promise<void> {
    try {
      await withTimeLimit(async () => {
        await Promise.all(needed);
        await this.loader.load(() => built.root);
      }, this.timeout);
    } catch (thrown) {
      if (thrown !== TIME_IS_UP) throw moduleError(candidate, thrown);
      throw errorOf(candidate, 'MODULE_TIMEOUT', {
        detail: `it took longer than ${this.timeout} ms`,
        hint: 'Look for an async provider that never settles, or that waits for something which itself waits for the plugins; or raise the option "timeout".',
      });
    }
  }

  async #moduleOf(definition: ModuleDefinition): Promise<NestModule | undefined> {
    const { token } = await this.#internals.moduleCompiler.compile(definition);
    return this.modules.get(token);
  }

  async #collectUnits(
    plugins: readonly InstalledPlugin[],
    shared: ReadonlyMap<ModuleDefinition, readonly DynamicModule[]>,
    foreign: ReadonlySet<NestModule>,
    stops: ReadonlySet<ModuleDefinition>,
    earlier: ReadonlyMap<string, ModuleUnit>,
  ): Promise<ModuleUnit[]> {
    const going = plugins.filter(({ candidate }) => isGoing(candidate));
    const roots: Root[] = [];
    for (const [definition, users] of importedFirst(shared, stops)) {
      const candidates = going.filter(({ built }) => users.includes(built.root)).map(({ candidate }) => candidate);
      const module = await this.#moduleOf(definition);
      if (module && candidates.length > 0) roots.push({ module, candidates, definition });
    }
    for (const { candidate, built } of going) {
      const module = await this.#moduleOf(built.root);
      if (module) roots.push({ module, candidates: [candidate], definition: built.root });
    }
    const units = unitsOf(
      roots.filter(({ module }) => !foreign.has(module)),
      foreign,
      stops,
      earlier,
    );
    this.#removeOrphans(foreign, units);
    return units;
  }

  /** What a plugin that was late has left behind; with NestJS 12.0, what any that failed has. */
  #removeOrphans(foreign: ReadonlySet<NestModule>, units: readonly ModuleUnit[]): void {
    const kept = new Set([...foreign, ...units.map(({ module }) => module)]);
    const orphans = [...this.modules.values()].filter((module) => !kept.has(module));
    if (orphans.length > 0) removeModules(this.loader, this.modules, orphans);
  }

  /** In load order, whichever was quicker; Nest registers routes in the order of this map: the application's come first. */
  #moveBehind(modules: readonly NestModule[]): void {
    for (const module of modules) {
      if (!this.modules.delete(module.token)) continue;
      this.modules.set(module.token, module);
      if (!module.isGlobal) module.distance = LAST;
    }
  }
}

/** Resolves with true when whatever could be done without waiting has been done. */
function nextTurn(): Promise<true> {
  return new Promise((resolve) => {
    setImmediate(resolve, true);
  });
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
