import { isGoing, step, errorOf, type Candidate } from '../loading/candidate.js';
import { hintFor } from '../loading/order-plugins.js';
import { TIME_IS_UP, withTimeLimit } from '../loading/time-limit.js';
import type { PluginError } from '../plugin/plugin-error.js';
import { describeThrown } from '../plugin/printable.js';
import { failUnit, type ModuleUnit } from './installed-plugin.js';
import { instancesIn, levelsOf } from './module-instances.js';

/** Nest's hooks of starting, in their order. */
export type StartHook = 'onModuleInit' | 'onApplicationBootstrap';
/** Nest's hooks of stopping, in their order. */
export type StopHook = 'onModuleDestroy' | 'beforeApplicationShutdown' | 'onApplicationShutdown';

const HOOKS = [
  'onModuleInit',
  'onApplicationBootstrap',
  'onModuleDestroy',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
] as const;

type Hook = StartHook | StopHook;
type HookFunction = (signal?: string) => unknown;

/** What went wrong in a hook while the application stops: told, but too late to fail the plugin. */
export interface StopFailure {
  readonly candidates: readonly Candidate[];
  readonly hook: StopHook;
  readonly thrown: unknown;
}

/**
 * Runs the lifecycle hooks of plugins in Nest's stead: Nest runs one module's after the other's, and ends the boot when one throws.
 * Here those of all plugins run side by side, each behind the plugins that it depends on, each for as long as the time limit.
 */
export class PluginLifecycle {
  readonly #units: ModuleUnit[] = [];
  /** The units in which somebody has the hook: most have none, and cost nothing then. */
  readonly #having: Readonly<Record<Hook, Set<ModuleUnit>>> = {
    onModuleInit: new Set(),
    onApplicationBootstrap: new Set(),
    onModuleDestroy: new Set(),
    beforeApplicationShutdown: new Set(),
    onApplicationShutdown: new Set(),
  };
  readonly #started = new Set<ModuleUnit>();

  constructor(private readonly timeout: number) {}

  /**
   * Takes the hooks of these modules over. They must come in load order.
   * @param isForeign tells instances that belong to the application: a plugin may hand one on under a token of its own
   */
  adopt(units: readonly ModuleUnit[], isForeign: (instance: object) => boolean): void {
    for (const unit of units) {
      this.#units.push(unit);
      this.#takeOverModule(unit, isForeign);
    }
  }

  /** Runs a hook of starting; a plugin whose hook fails or is late fails, and those that depend on it are passed by. */
  async start(hook: StartHook, units: readonly ModuleUnit[] = this.#units): Promise<void> {
    const runs = new Map<ModuleUnit, Promise<void>>();
    for (const unit of units) {
      if (unit.after.length === 0 && !this.#having[hook].has(unit)) {
        if (unit.candidates.some(isGoing)) this.#started.add(unit);
        continue;
      }
      const before = unit.after.map((each) => runs.get(each) ?? Promise.resolve());
      const run = Promise.all(before).then(() => this.#startUnit(unit, hook));
      runs.set(unit, run);
      if (unit.candidates.some(({ watch }) => watch.journal.isCareful)) await run;
    }
    await Promise.all(runs.values());
  }

  /** Runs a hook of stopping, dependents first, once for each of them; what fails is returned and stops nobody else. */
  async stop(hook: StopHook, signal?: string, units: readonly ModuleUnit[] = this.#units): Promise<StopFailure[]> {
    const failures: StopFailure[] = [];
    const runs = new Map<ModuleUnit, Promise<void>>();
    for (const unit of units.toReversed().filter((each) => this.#started.has(each))) {
      const before = [...runs].filter(([each]) => each.after.includes(unit)).map(([, run]) => run);
      const run = Promise.all(before)
        .then(() => {
          if (this.#having[hook].delete(unit)) return withTimeLimit(() => this.#run(unit, hook, signal), this.timeout);
          return undefined;
        })
        .catch(
          (thrown: unknown) =>
            void failures.push({
              candidates: unit.candidates,
              hook,
              thrown: thrown === TIME_IS_UP ? new Error(`it took longer than ${this.timeout} ms`) : thrown,
            }),
        );
      runs.set(unit, run);
    }
    await Promise.all(runs.values());
    return failures;
  }

  /** Has nothing to do with these modules any more. */
  forget(units: ReadonlySet<ModuleUnit>): void {
    for (let place = this.#units.length - 1; place >= 0; place -= 1)
      if (units.has(this.#units[place] as ModuleUnit)) this.#units.splice(place, 1);
    for (const unit of units) {
      this.#started.delete(unit);
      for (const having of Object.values(this.#having)) having.delete(unit);
    }
  }

  async #startUnit(unit: ModuleUnit, hook: StartHook): Promise<void> {
    const owner = unit.candidates.find(isGoing);
    const [failed] = unit.after.flatMap(({ candidates }) => candidates.filter(({ error }) => error));
    if (!owner) return;
    this.#started.add(unit);
    await step(owner, 'start', undefined, async () => {
      if (failed?.error && unit.after.some(({ candidates }) => !candidates.some(isGoing)))
        throw dependencyError(owner, failed, failed.error);
      try {
        await owner.watch.run(unit.candidates.filter(isGoing), hook, () =>
          withTimeLimit(() => this.#run(unit, hook), this.timeout),
        );
      } catch (thrown) {
        if (thrown === TIME_IS_UP)
          throw errorOf(owner, 'MODULE_TIMEOUT', {
            detail: `its ${hook} took longer than ${this.timeout} ms`,
            hint: `Look for a promise in ${hook} that never settles, or raise the option "timeout".`,
          });
        throw errorOf(owner, 'MODULE_FAILED', {
          detail: `its ${hook} threw: ${describeThrown(thrown)}`,
          hint: `Mend what ${hook} throws: see the cause.`,
          cause: thrown,
        });
      }
    });
    if (owner.error)
      failUnit(unit, owner.error.code, {
        detail: 'a module that it imports did not start',
        hint: owner.error.hint,
        cause: owner.error,
      });
  }

  /** As Nest does: the instances by depth, the module's own class last. Stopping is the reverse. */
  async #run(unit: ModuleUnit, hook: Hook, signal?: string): Promise<void> {
    const isStart = hook === 'onModuleInit' || hook === 'onApplicationBootstrap';
    const levels = levelsOf(unit.module);
    for (const { instances } of isStart ? levels : levels.toReversed())
      await Promise.all(instances.map((instance) => callKept(instance, hook, signal)));
  }

  #takeOverModule(unit: ModuleUnit, isForeign: (instance: object) => boolean): void {
    try {
      for (const instance of instancesIn(unit.module))
        if (hasHook(instance) && !isForeign(instance)) this.#takeOver(instance, unit);
    } catch (cause) {
      failUnit(unit, 'MODULE_FAILED', {
        detail: describeThrown(cause),
        hint: 'Leave objects that have lifecycle hooks as they are: neither frozen, nor with hooks that cannot be redefined.',
        cause,
      });
    }
  }

  /** @throws TypeError when Nest would go on finding a hook: it would run it unguarded */
  #takeOver(instance: object, unit: ModuleUnit): void {
    // A value may be provided in two applications of one process, one after the other: its hooks are hidden already then.
    const kept = keptHooks(instance);
    const hooks: Hooks = { ...kept };
    for (const name of HOOKS) {
      const original: unknown = Reflect.get(instance, name);
      if (typeof original === 'function') {
        const takesSignal = name === 'beforeApplicationShutdown' || name === 'onApplicationShutdown';
        hooks[name] = (signal) => Reflect.apply(original, instance, takesSignal ? [signal] : []) as unknown;
        const hidden = Reflect.defineProperty(instance, name, {
          value: undefined,
          configurable: true,
          writable: true,
          enumerable: false,
        });
        if (!hidden) throw new TypeError(`${name}() of ${nameOf(instance)} cannot be guarded: the object is frozen`);
      }
      if (hooks[name]) this.#having[name].add(unit);
    }
    Object.defineProperty(instance, KEPT, { value: hooks, configurable: true });
  }
}

/** Under this key an instance keeps its hooks as they were: Nest finds none any more. */
const KEPT = Symbol('nestjs-pluginkit:hooks');

type Hooks = Partial<Record<Hook, HookFunction>>;

function keptHooks(instance: object): Hooks | undefined {
  return Object.hasOwn(instance, KEPT) ? (Reflect.get(instance, KEPT) as Hooks) : undefined;
}

async function callKept(instance: object, hook: Hook, signal: string | undefined): Promise<void> {
  await keptHooks(instance)?.[hook]?.(signal);
}

function hasHook(instance: object): boolean {
  return keptHooks(instance) !== undefined || HOOKS.some((name) => typeof Reflect.get(instance, name) === 'function');
}

function nameOf(instance: object): string {
  return typeof instance === 'function' ? instance.name : instance.constructor.name;
}

function dependencyError(candidate: Candidate, failed: Candidate, cause: PluginError): PluginError {
  return errorOf(candidate, 'DEPENDENCY_FAILED', {
    detail: `${failed.name}: ${cause.code}`,
    hint: hintFor(failed.name, cause),
    field: 'dependsOn',
    cause,
  });
}
