import { Subject } from 'rxjs';

import type { Plugin, PluginState } from '../plugin/plugin.js';
import { PluginError } from '../plugin/plugin-error.js';
import type { BootJournal } from '../state/boot-journal.js';
import type { StateStore, WantedState } from '../state/state-store.js';
import { dependentsOf } from './dependents.js';
import { KeptStates } from './kept-states.js';
import { notConnected, type LiveSwitch } from './live-switch.js';
import { planChange, type Plan } from './plan-change.js';
import { refusal, upgradeRefusal } from './refuse-change.js';
import { answer, type PluginChange, type StateChange, type StateChangePreview } from './state-change.js';
import { whenGone, type Done } from './when-gone.js';

/** Who the plugins are. */
interface Plugins {
  all(): readonly Plugin[];
  get(name: string): Plugin;
}

/** Switches plugins, one change after the other: first what is kept on disk, then the running application. */
export class PluginSwitch {
  readonly #changes = new Subject<PluginChange>();
  readonly changes$ = this.#changes.asObservable();
  readonly #kept: KeptStates;
  #live = notConnected('the application is still starting');
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly plugins: Plugins,
    states: StateStore,
    journal: BootJournal,
  ) {
    this.#kept = new KeptStates(states, journal);
  }

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
      const to = this.#kept.wanted(plugin);
      const plan = this.#plan(name, to);
      const unasked = plan.others.filter((other) => this.#kept.wanted(other) !== to);
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

  /**
   * Takes in plugins that have come since: each is loaded unless its marker says otherwise, or waits for the next start where
   * it must; one that does not start is listed as failed.
   */
  discover(): Promise<readonly StateChange[]> {
    return this.#afterLast(async () => {
      const changes: StateChange[] = [];
      for (const name of this.#live.discover()) {
        const plan = this.#plan(name, 'enabled');
        if (this.#kept.wanted(plan.plugin) === 'disabled' || plan.others.length > 0) continue;
        const reason = this.#live.whyNotLive(plan.plugin, 'enabled');
        if (reason !== undefined) {
          changes.push(answer({ ...plan, changing: [plan.plugin], reason }, 'enabled'));
          continue;
        }
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
    const { waits, gone } = this.#live.unload(plugins);
    if (waits !== undefined) return { change: { ...change, applied: 'on-reload', reason: waits } };
    return { change: { ...change, applied: 'live' }, ...(gone && { gone }) };
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
      if ((this.#kept.wanted(plugin) === 'enabled') !== isRunning) changes.push(await this.follow(plugin.name));
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
    const plugins = this.plugins.all();
    return planChange(this.plugins.get(name), to, { plugins, kept: this.#kept, live: this.#live });
  }

  /** What a change goes out from: a failed plugin has failed until it is switched off. */
  #stateBefore(plugin: Plugin): PluginState {
    const wanted = plugin.state === 'failed' ? this.#kept.wanted(plugin) : plugin.state;
    return wanted === 'enabled' && plugin.state === 'failed' ? 'failed' : wanted;
  }

  /** On disk first: a crash in between leaves what the next start makes true. */
  async #carryOut(plan: Plan, to: WantedState): Promise<StateChange> {
    const { changing, reason, by } = plan;
    let waits = reason;
    const changes = changing.map((plugin) => ({ plugin: plugin.name, from: this.#stateBefore(plugin), to }));
    const putBack = await this.#kept.write(changing, to, reason === undefined);
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
}
