import { existsSync } from 'node:fs';

import { Subject } from 'rxjs';

import type { Plugin, PluginState } from '../plugin/plugin.js';
import { TIME_IS_UP, withTimeLimit } from '../loading/time-limit.js';
import { PluginError, type PluginErrorCode } from '../plugin/plugin-error.js';
import { describeThrown } from '../plugin/printable.js';
import { decideState } from '../state/decide-state.js';
import type { BootJournal } from '../state/boot-journal.js';
import type { StateStore, WantedState } from '../state/state-store.js';
import { dependenciesOf, dependentsOf } from './dependents.js';
import type { LiveChange, LiveSwitch } from './live-switch.js';

/** What came of switching a plugin. */
export interface StateChange {
  /** The plugin's name. */
  readonly plugin: string;
  /** Its state from now on, or from the next start of the application on. */
  readonly state: WantedState;
  /** Whether it holds from the next request on, from the next start of the application on, or held before. */
  readonly applied: 'live' | 'on-reload' | 'unchanged';
  /** The other plugins that were taken along, in the order in which it happened. */
  readonly affected: readonly string[];
  /** Why it must wait for the next start, where it must. */
  readonly reason?: string;
  /** What went wrong on the way and did not stop it: an `onPluginDisable()` that failed. */
  readonly problems?: readonly PluginError[];
  /** Requests that began before are open still; what they use stays in memory until the last of them has ended. */
  readonly isDraining?: true;
}

/** What switching a plugin would do. */
export interface StateChangePreview extends StateChange {
  /** The code with which it would be refused without `cascade`. */
  readonly refusedWithoutCascade?: PluginErrorCode;
}

/** One plugin has been switched. */
export interface PluginChange {
  readonly plugin: string;
  readonly from: PluginState;
  readonly to: WantedState;
  readonly at: Date;
  /** Where it was decided, when that was not by a call of `enable()` or `disable()`. */
  readonly by?: 'marker file';
}

/** Who the plugins are. */
interface Plugins {
  all(): readonly Plugin[];
  get(name: string): Plugin;
}

/** What is to be done for one change: the others in their order, then the plugin itself. */
interface Plan {
  readonly plugin: Plugin;
  readonly others: readonly Plugin[];
  readonly changing: readonly Plugin[];
  readonly reason?: string;
  readonly by?: 'marker file';
}

/** What has come of a change, while what was taken out may still be in use. */
type Done = Pick<LiveChange, 'gone'> & { readonly change: StateChange };

/** Has every change wait for the next start. */
function notConnected(waits: string): LiveSwitch {
  return {
    whyNotLive: () => waits,
    isLoaded: () => false,
    discover: () => [],
    fail: () => undefined,
    switch: () => Promise.resolve({ problems: [], waits }),
    unload: () => ({ problems: [], waits }),
    upgrade: () => Promise.resolve({ problems: [], waits }),
  };
}

/** How long `unload()` and `upgrade()` wait until what was taken out is gone, in ms. It goes in the end, whether they wait or not. */
const PATIENCE = 30_000;

/** Switches plugins, one change after the other: first what is kept on disk, then the running application. */
export class PluginSwitch {
  readonly #changes = new Subject<PluginChange>();
  readonly changes$ = this.#changes.asObservable();
  #live = notConnected('the application is still starting');
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly plugins: Plugins,
    private readonly states: StateStore,
    private readonly journal: BootJournal,
  ) {}

  connect(live: LiveSwitch): void {
    this.#live = live;
  }

  /** Lets the change that is under way come to its end; those behind it wait for the next start. */
  async close(): Promise<void> {
    this.#live = notConnected('the application is stopping');
    await this.#last;
  }

  change(name: string, to: WantedState, cascade: boolean): Promise<StateChange> {
    return this.#afterLast(() => this.#change(name, to, cascade));
  }

  async #change(name: string, to: WantedState, cascade: boolean): Promise<StateChange> {
    const plan = this.#plan(name, to);
    if (plan.others.length > 0 && !cascade) throw refusal(plan, to);
    try {
      return await this.#carryOut(plan, to);
    } catch (error) {
      // On whom it depends is known only when its code has been read.
      const isNews = error instanceof PluginError && error.code === 'DEPENDENCY_DISABLED';
      if (!cascade || !isNews || this.#plan(name, to).others.length <= plan.others.length) throw error;
      return this.#change(name, to, cascade);
    }
  }

  /** What the markers tell has been decided elsewhere: nothing is refused, what cannot be done live waits. */
  follow(name: string): Promise<StateChange> {
    return this.#afterLast(async () => {
      const plugin = this.plugins.get(name);
      const to = this.#wantedState(plugin);
      const plan = this.#plan(name, to);
      const unasked = plan.others.filter((other) => this.#wantedState(other) !== to);
      if (unasked.length === 0) return this.#carryOut({ ...plan, by: 'marker file' }, to);
      return this.#carryOut(
        {
          ...plan,
          others: [],
          changing: plan.changing.filter((each) => each === plugin),
          by: 'marker file',
          reason: `${unasked.map((other) => other.name).join(', ')} would have to be switched as well`,
        },
        to,
      );
    });
  }

  /** Takes in plugins that have come since: each is loaded unless its marker says otherwise; one that does not start is listed as failed. */
  discover(): Promise<readonly StateChange[]> {
    return this.#afterLast(async () => {
      const changes: StateChange[] = [];
      for (const name of this.#live.discover()) {
        const plan = this.#plan(name, 'enabled');
        if (this.#wantedState(plan.plugin) === 'disabled' || plan.others.length > 0) continue;
        try {
          changes.push(await this.#carryOut(plan, 'enabled'));
        } catch (error) {
          if (!(error instanceof PluginError)) throw error;
          this.#live.fail(name, error);
          changes.push({ ...answer(plan, 'enabled'), applied: 'unchanged', problems: [error] });
        }
      }
      return changes;
    });
  }

  /** Switches a plugin off, and takes it out of memory. */
  async unload(name: string, cascade: boolean): Promise<StateChange> {
    return whenGone(await this.#afterLast(() => this.#unload(name, cascade)));
  }

  async #unload(name: string, cascade: boolean): Promise<Done> {
    const plan = this.#plan(name, 'disabled');
    if (plan.others.length > 0 && !cascade) throw refusal(plan, 'disabled');
    const change = await this.#carryOut(plan, 'disabled');
    const plugins = [plan.plugin, ...plan.others];
    if (change.applied === 'on-reload' || !plugins.some((each) => this.#live.isLoaded(each))) return { change };
    return { change: { ...change, applied: 'live' }, ...this.#live.unload(plugins) };
  }

  /** Replaces a plugin by what is on disk now; one that is off is forgotten, so that it is loaded anew when it is switched on. */
  async upgrade(name: string, cascade: boolean): Promise<StateChange> {
    return whenGone(
      await this.#afterLast(() => {
        const plugin = this.plugins.get(name);
        return plugin.state === 'disabled' ? this.#unload(name, cascade) : this.#upgrade(plugin, cascade);
      }),
    );
  }

  async #upgrade(plugin: Plugin, cascade: boolean): Promise<Done> {
    const others = dependentsOf(plugin.name, this.plugins.all())
      .filter(({ state }) => state === 'enabled')
      .toReversed();
    const plan = { plugin, others, changing: [plugin, ...others] };
    if (others.length > 0 && !cascade) throw upgradeRefusal(plan);
    const reason = this.#live.whyNotLive(plugin, 'enabled');
    if (reason !== undefined) return { change: answer({ ...plan, reason }, 'enabled') };
    const { waits, gone } = await this.#live.upgrade(plan.changing);
    if (waits !== undefined) return { change: answer({ ...plan, reason: waits }, 'enabled') };
    const at = new Date();
    for (const each of plan.changing)
      this.#changes.next({ plugin: each.name, from: each.state, to: this.#stateNow(each), at });
    return { change: answer(plan, this.#stateNow(plugin)), ...(gone && { gone }) };
  }

  /** New code, or a marker that came along with it, may tell that the plugin is off. */
  #stateNow({ name, folder }: Plugin): WantedState {
    const now = this.plugins.all().find((each) => (folder === undefined ? each.name === name : each.folder === folder));
    return now?.state === 'disabled' ? 'disabled' : 'enabled';
  }

  /** Follows every marker that tells something else than what runs. */
  async followAll(): Promise<StateChange[]> {
    const changes: StateChange[] = [];
    for (const plugin of this.plugins.all()) {
      const isRunning = plugin.state !== 'disabled';
      if ((this.#wantedState(plugin) === 'enabled') !== isRunning) changes.push(await this.follow(plugin.name));
    }
    return changes;
  }

  preview(name: string, to: WantedState): StateChangePreview {
    const plan = this.#plan(name, to);
    return { ...answer(plan, to), ...(plan.others.length > 0 && { refusedWithoutCascade: refusal(plan, to).code }) };
  }

  #afterLast<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  #plan(name: string, to: WantedState): Plan {
    const plugin = this.plugins.get(name);
    const own = this.#needsChange(plugin, to) || (to === 'enabled' && this.#isQuarantined(plugin)) ? [plugin] : [];
    // A plugin that is off already needs nothing; one that is on may still have failed for want of another.
    const related =
      to === 'disabled' ? dependentsOf(plugin.name, this.plugins.all()) : dependenciesOf(plugin, this.plugins.all());
    const others = to === 'disabled' && own.length === 0 ? [] : related.filter((other) => this.#needsChange(other, to));
    const changing = [...others, ...own];
    const [reason] = changing.flatMap((each) => this.#live.whyNotLive(each, to) ?? []);
    return { plugin, others, changing, ...(reason !== undefined && { reason }) };
  }

  /** A change that was written and waits for the next start is not made twice; a plugin that failed is tried again. */
  #needsChange(plugin: Plugin, to: WantedState): boolean {
    if (isUnread(plugin)) return plugin.folder === undefined || this.states.read(plugin.folder) !== to;
    const isThere = to === 'enabled' ? plugin.state === 'enabled' : plugin.state === 'disabled';
    return this.#wantedState(plugin) !== to || (!isThere && this.#live.whyNotLive(plugin, to) === undefined);
  }

  /** What the marker on disk tells now, be it written by this process or another. */
  #wantedState({ folder, metadata, state }: Plugin): WantedState {
    if (folder === undefined || !existsSync(folder)) return state === 'disabled' ? 'disabled' : 'enabled';
    return decideState(this.states.read(folder), metadata.state);
  }

  /** What a change goes out from: a failed plugin has failed until it is switched off. */
  #stateBefore(plugin: Plugin): PluginState {
    const wanted = plugin.state === 'failed' ? this.#wantedState(plugin) : plugin.state;
    return wanted === 'enabled' && plugin.state === 'failed' ? 'failed' : wanted;
  }

  /** On disk first: a crash in between leaves what the next start makes true. */
  async #carryOut(plan: Plan, to: WantedState): Promise<StateChange> {
    const { changing, reason, by } = plan;
    let waits = reason;
    const changes = changing.map((plugin) => ({ plugin: plugin.name, from: this.#stateBefore(plugin), to }));
    const putBack = await this.#writeAll(changing, to, reason === undefined);
    if (to === 'enabled') await this.#release(changing, putBack);
    let problems: readonly PluginError[] = [];
    if (reason === undefined && changing.length > 0) {
      try {
        ({ problems, waits } = { waits, ...(await this.#live.switch(changing, to)) });
      } catch (error) {
        await putBack();
        throw error;
      }
    }
    const at = new Date();
    for (const change of changes) this.#changes.next({ ...change, at, ...(by && { by }) });
    const done = waits === undefined ? plan : { ...plan, reason: waits };
    return { ...answer(done, to), ...(problems.length > 0 && { problems }) };
  }

  #isQuarantined(plugin: Plugin): boolean {
    return this.journal.isQuarantined(keyOf(plugin));
  }

  /** Who is enabled is given another try, whatever the process died of. */
  async #release(plugins: readonly Plugin[], putBack: () => Promise<void>): Promise<void> {
    for (const plugin of plugins.filter((each) => this.#isQuarantined(each))) {
      try {
        await this.journal.release(keyOf(plugin));
      } catch (cause) {
        await putBack();
        throw new PluginError('STATE_WRITE_FAILED', {
          plugin: plugin.name,
          detail: `the journal of the start: ${describeThrown(cause)}`,
          hint: 'Make the journal of the start writable for the application: it is where the option "journal" says.',
          cause,
        });
      }
    }
  }

  /**
   * All or none: when one cannot be written, those before it are put back.
   * @param isLive whether it is also switched in the running application: then a plugin without a folder needs no file
   * @returns what puts all of them back
   */
  async #writeAll(plugins: readonly Plugin[], to: WantedState, isLive: boolean): Promise<() => Promise<void>> {
    const written: { folder: string; before: WantedState | undefined }[] = [];
    const putBack = async (): Promise<void> => {
      for (const { folder, before } of written.toReversed())
        await (before ? this.states.write(folder, before) : this.states.clear(folder)).catch(() => undefined);
    };
    try {
      for (const plugin of plugins) {
        if (this.#wantedState(plugin) === to && !isUnread(plugin)) continue;
        const { folder } = plugin;
        const before = folder === undefined ? undefined : this.states.read(folder);
        await this.#write(plugin, to, isLive);
        if (folder !== undefined) written.push({ folder, before });
      }
    } catch (error) {
      await putBack();
      throw error;
    }
    return putBack;
  }

  async #write({ name, folder }: Plugin, to: WantedState, isLive: boolean): Promise<void> {
    if (folder === undefined) {
      if (isLive) return;
      throw new PluginError('STATE_WRITE_FAILED', {
        plugin: name,
        detail: 'it has no folder to keep a marker file in',
        hint: 'Set "state" in the definition that the application passes.',
      });
    }
    try {
      await this.states.write(folder, to);
    } catch (cause) {
      const isGone = !existsSync(folder);
      if (isGone && isLive && to === 'disabled') return; // the next start does not find it either
      throw new PluginError('STATE_WRITE_FAILED', {
        plugin: name,
        detail: isGone ? 'its folder is gone' : describeThrown(cause),
        hint: isGone
          ? 'Put its folder back to where it was.'
          : "Make the plugin's folder writable for the application, or free some space.",
        file: folder,
        cause,
      });
    }
  }
}

/** Nothing of it was imported, so that what its metadata says of its state is not known. */
function isUnread(plugin: Plugin): boolean {
  return plugin.state === 'disabled' && plugin.reason !== undefined;
}

/** What the journal knows it by. */
function keyOf({ folder, name }: Plugin): string {
  return folder ?? `inline:${name}`;
}

function answer({ plugin, others, changing, reason }: Plan, to: WantedState): StateChange {
  const applied = changing.length === 0 ? 'unchanged' : reason === undefined ? 'live' : 'on-reload';
  return {
    plugin: plugin.name,
    state: to,
    applied,
    affected: others.map(({ name }) => name),
    ...(applied === 'on-reload' && reason !== undefined && { reason }),
  };
}

/** Waits until what was taken out is gone, though not for ever. */
async function whenGone({ change, gone }: Done): Promise<StateChange> {
  if (!gone) return change;
  try {
    const problems = await withTimeLimit(() => gone, PATIENCE);
    return problems.length > 0 ? { ...change, problems: [...(change.problems ?? []), ...problems] } : change;
  } catch (thrown) {
    if (thrown !== TIME_IS_UP) throw thrown;
    return { ...change, isDraining: true };
  }
}

function upgradeRefusal({ plugin, others }: Plan): PluginError {
  const names = others.map(({ name }) => name).join(', ');
  return new PluginError('HAS_DEPENDENTS', {
    plugin: plugin.name,
    detail: names,
    hint: `They are built upon it: let ${names} be loaded anew as well, by { cascade: true }.`,
  });
}

function refusal({ plugin, others }: Plan, to: WantedState): PluginError {
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
