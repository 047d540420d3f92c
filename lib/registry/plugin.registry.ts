import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';

import { pointName, type ExtensionPoints, type TypedPoint } from '../extensions/typed-points.js';
import type { EnabledPlugin, Plugin } from '../plugin/plugin.js';
import { PluginError } from '../plugin/plugin-error.js';
import { BootJournal } from '../state/boot-journal.js';
import type { StateStore } from '../state/state-store.js';
import { bootReport, type BootReport } from './boot-report.js';
import type { LiveSwitch } from './live-switch.js';
import { PluginSwitch } from './plugin-switch.js';
import type { PluginChange, StateChange, StateChangePreview } from './state-change.js';

/** The injection token of the {@link StateStore}. */
export const STATE_STORE = Symbol('nestjs-pluginkit:state-store');

/** What a plugin has thrown while nobody waited for it: in a timer, a rejected promise, a listener. */
export interface UncaughtErrors {
  readonly count: number;
  readonly last?: { readonly message: string; readonly at: Date };
}

/** What the start of the application found out. */
export interface BootResult {
  /** In load order. */
  readonly plugins: readonly Plugin[];
  /** Puts the report together: a copy of all that is known, which nobody keeps. */
  readonly report: () => BootReport;
  /** By extension point, the values of the enabled plugins in their order. */
  readonly extensions: ReadonlyMap<string, readonly unknown[]>;
}

/** The plugins of the application: who is here, in which state, and what they contribute. Inject it anywhere. */
@Injectable()
export class PluginRegistry {
  #make: () => BootResult = () => ({
    plugins: [],
    report: () => bootReport([], { scan: 0, import: 0, register: 0, start: 0 }, []),
    extensions: new Map(),
  });
  #known: Known | undefined;
  readonly #switch: PluginSwitch;
  #tellReady: () => void = () => undefined;
  readonly #errors = new Map<string, UncaughtErrors>();

  constructor(@Inject(STATE_STORE) states: StateStore, journal: BootJournal) {
    this.#switch = new PluginSwitch(this, states, journal);
    this.changes$ = this.#switch.changes$;
  }

  /** Resolves when the plugins' modules are loaded. Never wait for it in a provider that a plugin needs: both would wait for ever. */
  readonly ready = new Promise<void>((resolve) => {
    this.#tellReady = resolve;
  });

  /** Every change of state that this process makes, when it is made. */
  readonly changes$: Observable<PluginChange>;

  /** All plugins in load order, disabled and failed ones too. */
  all(): readonly Plugin[] {
    return this.#now.plugins;
  }

  /** The plugins that are part of the application, in load order. */
  enabled(): readonly EnabledPlugin[] {
    return this.#now.plugins.filter((plugin) => plugin.state === 'enabled');
  }

  /**
   * One plugin by its name without regard to case, else by its folder's name.
   * @throws PluginError NOT_FOUND
   */
  get(name: string): Plugin {
    const plugin = this.#find(name);
    if (plugin) return plugin;
    throw new PluginError('NOT_FOUND', {
      plugin: name,
      detail: 'no plugin bears this name, nor does a folder of one',
      hint: 'PluginRegistry.all() tells the names there are.',
    });
  }

  /** Whether there is a plugin of this name or folder, in whatever state. */
  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** What the enabled plugins contribute to an extension point of the application, in their order: a list that never changes. */
  extensions<T>(point: TypedPoint<T>): readonly T[];
  extensions<Name extends keyof ExtensionPoints>(point: Name): readonly ExtensionPoints[Name][];
  extensions<T = unknown>(point: string): readonly T[];
  extensions(point: string | TypedPoint<unknown>): readonly unknown[] {
    return this.#now.extensions.get(pointName(point)) ?? NONE;
  }

  /** What has come of the plugins, and how long each step took when the application started. */
  report(): BootReport {
    return this.#now.report();
  }

  /**
   * Switches a plugin on from the next request on, or, where the answer says so, from the next start on. One that is not loaded yet is loaded.
   * @throws PluginError NOT_FOUND; DEPENDENCY_DISABLED unless `cascade` takes its disabled dependencies along; STATE_WRITE_FAILED;
   * whatever is wrong with it when it is loaded or its `onPluginEnable()` fails: then nothing has changed
   */
  async enable(name: string, options: { cascade?: boolean } = {}): Promise<StateChange> {
    if (!this.has(name)) await this.#switch.discover(); // its folder may have come since
    return this.#switch.change(name, 'enabled', options.cascade ?? false);
  }

  /**
   * Switches a plugin off: from the next request on, the application is as if it had never been installed.
   * @throws PluginError NOT_FOUND; HAS_DEPENDENTS unless `cascade` takes the plugins along that depend on it; STATE_WRITE_FAILED
   */
  disable(name: string, options: { cascade?: boolean } = {}): Promise<StateChange> {
    return this.#switch.change(name, 'disabled', options.cascade ?? false);
  }

  /**
   * Switches a plugin off and takes it out of memory: its modules, its instances, and its code where that is CommonJS.
   * Resolves when no request is open any more that began while it was on, or after 30 s, with `isDraining`.
   * @throws PluginError as `disable()`
   */
  unload(name: string, options: { cascade?: boolean } = {}): Promise<StateChange> {
    return this.#switch.unload(name, options.cascade ?? false);
  }

  /**
   * Replaces a plugin by the code that is in its folder now, from the next request on. Requests under way end with the former code.
   * @throws PluginError NOT_FOUND; HAS_DEPENDENTS unless `cascade` has the plugins loaded anew that depend on it; whatever is wrong
   * with the new code: then the former goes on as it was
   */
  upgrade(name: string, options: { cascade?: boolean } = {}): Promise<StateChange> {
    return this.#switch.upgrade(name, options.cascade ?? false);
  }

  /**
   * Tells what `enable()` or `disable()` would do, without doing it.
   * @throws PluginError NOT_FOUND
   */
  preview(verb: 'enable' | 'disable', name: string): StateChangePreview {
    return this.#switch.preview(name, verb === 'enable' ? 'enabled' : 'disabled');
  }

  /**
   * The errors of a plugin that nobody caught, since the application started.
   * @throws PluginError NOT_FOUND
   */
  errors(name: string): UncaughtErrors {
    return this.#errors.get(this.get(name).name) ?? { count: 0 };
  }

  /** @internal Counts one of these. */
  countError(name: string, message: string): void {
    const { count } = this.#errors.get(name) ?? { count: 0 };
    this.#errors.set(name, { count: count + 1, last: { message, at: new Date() } });
  }

  /** @internal Is told by the boot who switches plugins in the running application. */
  connect(live: LiveSwitch): void {
    this.#switch.connect(live);
  }

  /** @internal Is told by the boot that the application stops. */
  close(): Promise<void> {
    return this.#switch.close();
  }

  /** @internal Brings the running application to what the marker file of a plugin tells, when another process wrote it. */
  follow(name: string): Promise<StateChange> {
    return this.#switch.follow(name);
  }

  /**
   * Looks for plugin folders that have come since the start, and loads those plugins that no marker switches off.
   * @returns what came of each; a plugin that does not start is listed as failed, and told in `problems`
   */
  discover(): Promise<readonly StateChange[]> {
    return this.#switch.discover();
  }

  /** @internal Does so for all plugins whose markers tell something else than what runs, and takes in new folders. */
  async followAll(): Promise<readonly StateChange[]> {
    return [...(await this.#switch.followAll()), ...(await this.discover())];
  }

  /** @internal Is told by the boot how to find out what has come of the plugins, whenever that has changed; it is asked when somebody wants to know. */
  accept(make: () => BootResult): void {
    this.#make = make;
    this.#known = undefined;
    this.#tellReady();
  }

  get #now(): Known {
    this.#known ??= indexed(this.#make());
    return this.#known;
  }

  #find(name: string): Plugin | undefined {
    const key = name.toLowerCase();
    return this.#now.byName.get(key) ?? this.#now.byFolder.get(key);
  }
}

const NONE: readonly unknown[] = Object.freeze([]);

/** What is known of the plugins, with what is needed to find one. */
interface Known extends BootResult {
  readonly byName: ReadonlyMap<string, Plugin>;
  readonly byFolder: ReadonlyMap<string, Plugin>;
}

function indexed(result: BootResult): Known {
  return {
    ...result,
    byName: indexBy(result.plugins, ({ name }) => name),
    byFolder: indexBy(result.plugins, ({ folder }) => folder?.split(/[/\\]/).at(-1)),
  };
}

/** Of two with one key the one that runs is found, else the first. */
function indexBy(plugins: readonly Plugin[], keyOf: (plugin: Plugin) => string | undefined): Map<string, Plugin> {
  const index = new Map<string, Plugin>();
  for (const plugin of plugins) {
    const key = keyOf(plugin)?.toLowerCase();
    if (key === undefined) continue;
    if (!index.has(key) || (plugin.state !== 'failed' && index.get(key)?.state === 'failed')) index.set(key, plugin);
  }
  return index;
}
