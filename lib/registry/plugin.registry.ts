import { Inject, Injectable } from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';

import type { EnabledPlugin, Plugin, PluginState } from '../plugin/plugin.js';
import { PluginError } from '../plugin/plugin-error.js';
import { describeThrown } from '../plugin/printable.js';
import { decideState } from '../state/decide-state.js';
import type { StateStore, WantedState } from '../state/state-store.js';
import type { BootReport } from './boot-report.js';
import { dependenciesOf, dependentsOf } from './dependents.js';

/** The injection token of the {@link StateStore}. */
export const STATE_STORE = Symbol('nestjs-pluginkit:state-store');

/** What came of {@link PluginRegistry.enable} or {@link PluginRegistry.disable}. */
export interface StateChange {
  /** The plugin's name. */
  readonly plugin: string;
  /** Its state from now on, or from the next start of the application on. */
  readonly state: WantedState;
  /** Whether it holds already, holds from the next start on, or held before. */
  readonly applied: 'live' | 'on-reload' | 'unchanged';
  /** The other plugins that were taken along, in the order in which it happened. */
  readonly affected: readonly string[];
}

/** One plugin has been switched. */
export interface PluginChange {
  readonly plugin: string;
  readonly from: PluginState;
  readonly to: WantedState;
  readonly at: Date;
}

/** What the start of the application found out. */
export interface BootResult {
  /** In load order. */
  readonly plugins: readonly Plugin[];
  readonly report: BootReport;
  /** By extension point, the values of the enabled plugins in load order. */
  readonly extensions: ReadonlyMap<string, readonly unknown[]>;
}

/** The plugins of the application: who is here, in which state, and what they contribute. Inject it anywhere. */
@Injectable()
export class PluginRegistry {
  #boot: BootResult = {
    plugins: [],
    report: {
      plugins: [],
      enabled: 0,
      disabled: 0,
      failed: 0,
      milliseconds: { scan: 0, import: 0, register: 0, start: 0, total: 0 },
      notices: [],
    },
    extensions: new Map(),
  };
  #byName: ReadonlyMap<string, Plugin> = new Map();
  #byFolder: ReadonlyMap<string, Plugin> = new Map();
  readonly #changes = new Subject<PluginChange>();
  #tellReady: () => void = () => undefined;
  /** Changes of state happen one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(@Inject(STATE_STORE) private readonly states: StateStore) {}

  /** Resolves when the plugins' modules are loaded. Never wait for it in a provider that a plugin needs: both would wait for ever. */
  readonly ready = new Promise<void>((resolve) => {
    this.#tellReady = resolve;
  });

  /** Every change of state that was written, as it happens. */
  readonly changes$: Observable<PluginChange> = this.#changes.asObservable();

  /** All plugins in load order, disabled and failed ones too. */
  all(): readonly Plugin[] {
    return this.#boot.plugins;
  }

  /** The plugins that are part of the application, in load order. */
  enabled(): readonly EnabledPlugin[] {
    return this.#boot.plugins.filter((plugin) => plugin.state === 'enabled');
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

  /** What the enabled plugins contribute to an extension point of the application, in load order. */
  extensions<T = unknown>(point: string): readonly T[] {
    return (this.#boot.extensions.get(point) ?? []) as readonly T[]; // the point's name is the agreement on its type
  }

  /** What came of the plugins when the application started, with how long each step took. */
  report(): BootReport {
    return this.#boot.report;
  }

  /**
   * Switches a plugin on, from the next start of the application on.
   * @throws PluginError NOT_FOUND; DEPENDENCY_DISABLED unless `cascade` takes its disabled dependencies along; STATE_WRITE_FAILED
   */
  enable(name: string, options: { cascade?: boolean } = {}): Promise<StateChange> {
    return this.#change(name, 'enabled', options.cascade ?? false);
  }

  /**
   * Switches a plugin off, from the next start of the application on.
   * @throws PluginError NOT_FOUND; HAS_DEPENDENTS unless `cascade` takes the plugins along that depend on it; STATE_WRITE_FAILED
   */
  disable(name: string, options: { cascade?: boolean } = {}): Promise<StateChange> {
    return this.#change(name, 'disabled', options.cascade ?? false);
  }

  /** @internal Is told by the boot what it found out, when the modules are loaded and again when they have started. */
  accept(result: BootResult): void {
    this.#boot = result;
    this.#byName = indexBy(result.plugins, ({ name }) => name);
    this.#byFolder = indexBy(result.plugins, ({ folder }) => folder?.split(/[/\\]/).at(-1));
    this.#tellReady();
  }

  #find(name: string): Plugin | undefined {
    const key = name.toLowerCase();
    return this.#byName.get(key) ?? this.#byFolder.get(key);
  }

  #change(name: string, to: WantedState, cascade: boolean): Promise<StateChange> {
    const change = this.#last.then(async () => {
      const plugin = this.get(name);
      const own = this.#wantedState(plugin) === to ? [] : [plugin];
      // A plugin that is off already needs nothing; one that is on may still have failed for want of another.
      const others = to === 'disabled' && own.length === 0 ? [] : this.#othersToChange(plugin, to);
      if (others.length > 0 && !cascade) throw refusal(plugin, to, others);
      const changing = [...others, ...own];
      await this.#writeAll(changing, to);
      const applied = changing.length > 0 ? ('on-reload' as const) : ('unchanged' as const);
      return { plugin: plugin.name, state: to, applied, affected: others.map((other) => other.name) };
    });
    this.#last = change.catch(() => undefined);
    return change;
  }

  /** What the marker on disk tells now, be it written by this process or another. */
  #wantedState({ folder, metadata, state }: Plugin): WantedState {
    if (folder === undefined) return state === 'disabled' ? 'disabled' : 'enabled';
    return decideState(this.states.read(folder), metadata.state);
  }

  /** What a change goes out from: a failed plugin has failed until it is switched off. */
  #stateBefore(plugin: Plugin): PluginState {
    const wanted = this.#wantedState(plugin);
    return wanted === 'enabled' && plugin.state === 'failed' ? 'failed' : wanted;
  }

  #othersToChange(plugin: Plugin, to: WantedState): Plugin[] {
    const related = to === 'disabled' ? dependentsOf(plugin.name, this.all()) : dependenciesOf(plugin, this.all());
    return related.filter((other) => this.#wantedState(other) !== to);
  }

  /** All or none: when one cannot be written, those before it are put back. */
  async #writeAll(plugins: readonly Plugin[], to: WantedState): Promise<void> {
    const changes = plugins.map((plugin) => ({ plugin: plugin.name, from: this.#stateBefore(plugin), to }));
    const written: Plugin[] = [];
    try {
      for (const plugin of plugins) {
        await this.#write(plugin, to);
        written.push(plugin);
      }
    } catch (error) {
      for (const plugin of written.toReversed())
        await this.#write(plugin, to === 'enabled' ? 'disabled' : 'enabled').catch(() => undefined);
      throw error;
    }
    const at = new Date();
    for (const change of changes) this.#changes.next({ ...change, at });
  }

  async #write({ name, folder }: Plugin, to: WantedState): Promise<void> {
    if (folder === undefined)
      throw new PluginError('STATE_WRITE_FAILED', {
        plugin: name,
        detail: 'it has no folder to keep a marker file in',
        hint: 'Set "state" in the definition that the application passes.',
      });
    try {
      await this.states.write(folder, to);
    } catch (cause) {
      throw new PluginError('STATE_WRITE_FAILED', {
        plugin: name,
        detail: describeThrown(cause),
        hint: "Make the plugin's folder writable for the application, or free some space.",
        file: folder,
        cause,
      });
    }
  }
}

function refusal(plugin: Plugin, to: WantedState, others: readonly Plugin[]): PluginError {
  const names = others.map(({ name }) => name).join(', ');
  return to === 'disabled'
    ? new PluginError('HAS_DEPENDENTS', {
        plugin: plugin.name,
        detail: names,
        hint: `Disable ${names} as well: { cascade: true } does.`,
      })
    : new PluginError('DEPENDENCY_DISABLED', {
        plugin: plugin.name,
        detail: names,
        hint: `Enable ${names} as well: { cascade: true } does.`,
      });
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
