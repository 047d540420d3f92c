import { mountPaths } from '../extensions/mount-paths.js';
import { errorOf, type Candidate } from '../loading/candidate.js';
import { faultOf, withTimeLimit } from '../loading/time-limit.js';
import type { PluginError } from '../plugin/plugin-error.js';
import { describeThrown } from '../plugin/printable.js';
import { buildModules } from './build-modules.js';
import { soleOwnerOf, type InstalledPlugin, type ModuleUnit } from './installed-plugin.js';
import { startListeners } from './late-listeners.js';
import { registerLate } from './late-routes.js';
import { whyNeedsStart } from './needs-start.js';
import type { PluginHost } from './plugin-host.js';
import type { StartHook, StopFailure, StopHook } from './plugin-lifecycle.js';
import { plain, reachableFrom, type ModuleDefinition } from './shared-imports.js';

/** Loads plugins into the running application, and takes them out again. */
export class LatePlugins {
  /** What takes the cron jobs and event listeners of a late plugin away. */
  readonly #listeners = new Map<Candidate, () => void>();

  constructor(private readonly host: PluginHost) {}

  /**
   * Loads plugins: all of them or none. No request sees them before the next snapshot.
   * @param fresh in load order, as far as their `register()`
   * @param candidates all that there will be, in load order
   * @param replaced former generations: their listeners make room
   * @returns why it must wait for the next start, where it must; then nothing has changed
   * @throws PluginError of the first that fails; then nothing has changed
   */
  async load(
    fresh: readonly Candidate[],
    candidates: readonly Candidate[],
    replaced: readonly Candidate[] = [],
  ): Promise<string | undefined> {
    try {
      const plugins = await this.#prepare(fresh, candidates);
      const [transforms] = fresh.flatMap((each) => this.host.transforms.whyNotLive(each, 'enabled') ?? []);
      const reason = whyNeedsStart(definitionsOf(plugins, this.#known())) ?? transforms;
      if (reason !== undefined) {
        await this.discard(fresh);
        return reason;
      }
      const unmatched = await this.#install(plugins, fresh, candidates);
      if (unmatched !== undefined) {
        await this.discard(fresh);
        return unmatched;
      }
      this.#exchangeListeners(fresh, replaced);
      return undefined;
    } catch (error) {
      await this.discard(fresh);
      throw error;
    }
  }

  /**
   * Takes a plugin out of the application, when no request is open any more that began while it was on.
   * @returns what went wrong in its hooks of stopping
   */
  async retire(candidate: Candidate): Promise<StopFailure[]> {
    this.#stopListeners(candidate);
    await this.host.snapshots.drained(candidate);
    return this.discard([candidate]);
  }

  async #prepare(fresh: readonly Candidate[], candidates: readonly Candidate[]): Promise<InstalledPlugin[]> {
    const { host } = this;
    throwFirst(fresh);
    await host.readContributions(fresh);
    host.transforms.apply(candidates);
    throwFirst(fresh);
    const plugins = await buildModules(fresh, host);
    throwFirst(fresh);
    this.#paths = mountPaths(host.drafts, candidates, fresh);
    throwFirst(fresh);
    return plugins;
  }

  #paths: ReadonlyMap<string, string> = new Map();

  async #install(
    plugins: readonly InstalledPlugin[],
    fresh: readonly Candidate[],
    candidates: readonly Candidate[],
  ): Promise<string | undefined> {
    const { host } = this;
    const known = this.#known();
    const units = await host.installer.install(plugins, candidates, known, this.#earlier());
    host.units.push(...units);
    throwFirst(fresh);
    await this.#shareModules(plugins, known);
    host.adopt(units, plugins, this.#paths);
    throwFirst(fresh);
    host.claimRoutes(units, candidates);
    const { httpAdapter } = host.adapterHost;
    if (host.gate) await registerLate(units, host.modules, host.config, httpAdapter);
    throwFirst(fresh);
    if (host.gate && !host.enhancers.add(units, host.units, candidates))
      return 'what it provides for the whole application cannot reach routes that are there already';
    for (const hook of ['onModuleInit', 'onApplicationBootstrap'] as const) {
      await host.lifecycle.start(hook, units);
      await callOnMiddleware(units, hook);
      throwFirst(fresh);
    }
    return undefined;
  }

  /** The last unit of each plugin that is there already, by lower-case name: that of its own module. */
  #earlier(): Map<string, ModuleUnit> {
    return new Map(
      this.host.units.flatMap((unit) => {
        const owner = soleOwnerOf(unit);
        return owner ? [[owner.name.toLowerCase(), unit] as const] : [];
      }),
    );
  }

  /** Modules that stand for others: what plugins share, and the other plugins' own. */
  #known(): ModuleDefinition[] {
    const { installed, options } = this.host;
    return [...options.share.flatMap(plain), ...[...installed.values()].map(({ built }) => built.root)];
  }

  /** A module that other plugins brought along belongs to the new ones as well, from now on. */
  async #shareModules(plugins: readonly InstalledPlugin[], known: readonly ModuleDefinition[]): Promise<void> {
    const units = new Map(this.host.units.map((unit) => [unit.module, unit]));
    const stops = new Set([...known, ...plugins.map(({ built }) => built.root)]); // a plugin's own module is nobody else's
    for (const { candidate, built } of plugins) {
      const used = await this.host.installer.modulesOf(reachableFrom(built.root, stops));
      for (const module of used) {
        const owners = units.get(module)?.candidates;
        if (owners && !owners.includes(candidate)) owners.push(candidate);
      }
    }
  }

  /** The former generation's go first: a cron job's name is there only once. */
  #exchangeListeners(fresh: readonly Candidate[], replaced: readonly Candidate[]): void {
    const former = replaced.filter((candidate) => this.#listeners.has(candidate));
    for (const candidate of former) this.#stopListeners(candidate);
    try {
      for (const candidate of fresh) this.#startListeners(candidate);
    } catch (error) {
      for (const candidate of fresh) this.#stopListeners(candidate);
      for (const candidate of former) this.#startListeners(candidate);
      throw error;
    }
  }

  #startListeners(candidate: Candidate): void {
    const units = this.#unitsOf(candidate).filter(({ candidates }) => candidates[0] === candidate);
    try {
      this.#listeners.set(candidate, startListeners(units, this.host.modules));
    } catch (cause) {
      throw errorOf(candidate, 'MODULE_FAILED', {
        detail: `its jobs or listeners cannot be started: ${describeThrown(cause)}`,
        hint: 'Give each job a name of its own.',
        cause,
      });
    }
  }

  #stopListeners(candidate: Candidate): void {
    this.#listeners.get(candidate)?.();
    this.#listeners.delete(candidate);
  }

  #unitsOf(candidate: Candidate): ModuleUnit[] {
    return this.host.units.filter(({ candidates }) => candidates.includes(candidate));
  }

  /** Takes plugins out at once, whoever may use them still. */
  async discard(candidates: readonly Candidate[]): Promise<StopFailure[]> {
    const { host } = this;
    const gone: ModuleUnit[] = [];
    for (const candidate of candidates) {
      this.#stopListeners(candidate);
      for (const unit of this.#unitsOf(candidate)) {
        unit.candidates.splice(unit.candidates.indexOf(candidate), 1);
        if (unit.candidates.length === 0) gone.push(unit);
      }
    }
    const failures: StopFailure[] = [];
    for (const hook of ['onModuleDestroy', 'beforeApplicationShutdown', 'onApplicationShutdown'] as const) {
      failures.push(...(await host.lifecycle.stop(hook, undefined, gone)));
      failures.push(...(await this.#stopMiddleware(gone, hook)));
    }
    host.drop(gone);
    for (const candidate of candidates) {
      host.drafts.delete(candidate);
      host.transforms.forget(candidate);
      host.installed.delete(candidate);
    }
    return failures;
  }

  async #stopMiddleware(units: readonly ModuleUnit[], hook: StopHook): Promise<StopFailure[]> {
    const failures: StopFailure[] = [];
    for (const unit of units) {
      try {
        await withTimeLimit(() => callOnMiddleware([unit], hook), this.host.options.timeout);
      } catch (error) {
        const { told } = faultOf(error, this.host.options.timeout);
        failures.push({ candidates: unit.candidates, hook, thrown: new Error(`that of its middleware: ${told}`) });
      }
    }
    return failures;
  }
}

function throwFirst(candidates: readonly Candidate[]): void {
  const errors = candidates.flatMap(({ error }): PluginError[] => (error ? [error] : []));
  // Where one failed for want of another, that other one tells more.
  const first = errors.find(({ code }) => code !== 'DEPENDENCY_FAILED') ?? errors[0];
  if (first) throw first;
}

function definitionsOf(plugins: readonly InstalledPlugin[], known: readonly ModuleDefinition[]): ModuleDefinition[] {
  const stops = new Set(known);
  return plugins.flatMap(({ built }) => [built.root, ...reachableFrom(built.root, stops)]);
}

/** Nest runs the hooks of middleware when the application starts; here nobody else does. */
async function callOnMiddleware(units: readonly ModuleUnit[], hook: StartHook | StopHook): Promise<void> {
  for (const { module } of units) {
    for (const { instance } of module.middlewares.values()) {
      const method: unknown = Reflect.get(Object(instance) as object, hook);
      if (typeof method === 'function') await (Reflect.apply(method, instance, []) as unknown);
    }
  }
}
