import { Logger } from '@nestjs/common';

import { findPlugins } from './discovery/find-plugins.js';
import { LatePlugins } from './host/late-plugins.js';
import type { PluginHost } from './host/plugin-host.js';
import { candidateFrom, errorOf, isGoing, type Candidate } from './loading/candidate.js';
import { refuseTakenName } from './loading/claim-names.js';
import { CodeGenerations } from './loading/import-again.js';
import { loadAgain, stubOf } from './loading/load-again.js';
import type { PluginWatch } from './loading/plugin-watch.js';
import { nameIndex, unmetDependency } from './loading/order-plugins.js';
import type { Roster } from './loading/roster.js';
import type { ResolvedOptions } from './plugin-kit.options.js';
import { describeThrown, printable } from './plugin/printable.js';
import type { Plugin } from './plugin/plugin.js';
import type { PluginError } from './plugin/plugin-error.js';
import type { LiveChange, LiveSwitch } from './registry/live-switch.js';
import type { StateStore, WantedState } from './state/state-store.js';

/** Changes the running application: switches plugins that are in it, loads others, replaces and unloads them. */
export class LivePlugins implements LiveSwitch {
  readonly #logger = new Logger('PluginKit');
  readonly #late: LatePlugins;
  readonly #code: CodeGenerations;

  /** @param tell is called when the set of plugins has changed: from then on requests and the registry see it */
  constructor(
    private readonly host: PluginHost,
    private readonly roster: Roster,
    private readonly options: ResolvedOptions,
    private readonly states: StateStore,
    private readonly watch: PluginWatch,
    private readonly tell: () => void,
  ) {
    this.#late = new LatePlugins(host);
    this.#code = new CodeGenerations(options.codeBudget);
    for (const { source, milliseconds } of roster.all)
      if (source.origin !== 'inline' && milliseconds.import !== undefined) this.#code.noteImported(source);
  }

  /** @inheritdoc */
  whyNotLive(plugin: Plugin, to: WantedState): string | undefined {
    const candidate = this.roster.get(plugin.name);
    if (candidate.whyOff !== undefined) return `the application runs in ${candidate.whyOff}`;
    if (!this.options.live) return 'the option "live" is off';
    if (to === 'disabled' || this.host.isInstalled(candidate))
      return this.host.whyNot('switch') ?? this.host.transforms.whyNotLive(candidate, to);
    // What has ended the process twice is not let into this one: the next start can leave it out again.
    if (candidate.error?.code === 'QUARANTINED')
      return 'the process has died in it, so it is tried again by the next start';
    return this.host.whyNot('load') ?? this.#whyNotAgain(candidate);
  }

  /** @inheritdoc */
  isLoaded({ name }: Plugin): boolean {
    return this.host.installed.has(this.roster.get(name));
  }

  /** @inheritdoc */
  async switch(plugins: readonly Plugin[], to: WantedState): Promise<LiveChange> {
    const candidates = plugins.map(({ name }) => this.roster.get(name));
    return to === 'enabled' ? this.#enable(candidates) : this.#disable(candidates);
  }

  /** @inheritdoc */
  discover(): readonly string[] {
    const known = new Set(this.roster.all.map(({ source }) => source.origin !== 'inline' && source.folder));
    const { sources } = findPlugins({ ...this.options, plugins: [] });
    const fresh = sources
      .filter((source) => source.origin !== 'inline' && !known.has(source.folder))
      .map((source) => stubOf(candidateFrom(source, this.watch)));
    if (fresh.length === 0) return [];
    for (const candidate of fresh) refuseTakenName(candidate, this.roster.all);
    this.roster.fill(this.roster.reordered(new Map(fresh.map((candidate) => [candidate, candidate]))));
    this.tell();
    return fresh.map(({ name }) => name);
  }

  /** @inheritdoc */
  fail(name: string, error: PluginError): void {
    const candidate = this.roster.get(name);
    candidate.isOff = false;
    candidate.error = error;
    this.tell();
  }

  /** @inheritdoc */
  unload(plugins: readonly Plugin[]): LiveChange {
    const waits = this.host.whyNot('load');
    if (waits !== undefined) return { problems: [], waits };
    const gone = this.#builtUpon(plugins.map(({ name }) => this.roster.get(name)));
    const replacements = new Map(gone.map((candidate) => [candidate, stubOf(candidate)]));
    this.roster.fill(this.roster.reordered(replacements));
    this.tell();
    return { problems: [], gone: this.#retire(gone) };
  }

  /** @inheritdoc */
  async upgrade(plugins: readonly Plugin[]): Promise<LiveChange> {
    const wanted = plugins.map(({ name }) => this.roster.get(name));
    const waits = this.host.whyNot('load') ?? wanted.flatMap((each) => this.#whyNotAgain(each) ?? [])[0];
    if (waits !== undefined) return { problems: [], waits };
    // Those that are off, but were built upon one of these, are loaded anew when they are switched on.
    const resting = this.#builtUpon(wanted).filter((candidate) => !wanted.includes(candidate) && candidate.isOff);
    return this.#replace(wanted, new Map(resting.map((candidate) => [candidate, stubOf(candidate)])));
  }

  async #enable(candidates: readonly Candidate[]): Promise<LiveChange> {
    const missing = candidates.filter((candidate) => !this.host.isInstalled(candidate));
    const ready = candidates.filter((candidate) => !missing.includes(candidate));
    for (const candidate of ready) candidate.isOff = false;
    let change: LiveChange;
    try {
      for (const candidate of ready) this.#checkFit(candidate);
      change = missing.length > 0 ? await this.#replace(missing, new Map(), ready) : { problems: [] };
      if (change.waits === undefined && missing.length === 0) await this.#callEnable(ready);
    } catch (error) {
      for (const candidate of ready) candidate.isOff = true;
      throw error;
    }
    if (change.waits === undefined) this.tell();
    else for (const candidate of ready) candidate.isOff = true;
    return change;
  }

  async #disable(candidates: readonly Candidate[]): Promise<LiveChange> {
    for (const candidate of candidates) candidate.isOff = true;
    this.tell();
    const problems = await this.#callHooks('onPluginDisable', candidates);
    for (const { message } of problems) this.#logger.error(message);
    return { problems };
  }

  /** What another plugin took while this one was off, or a dependency that is another one by now. */
  #checkFit(candidate: Candidate): void {
    const unmet = unmetDependency(candidate, nameIndex(this.roster.all));
    if (unmet) throw unmet;
    const units = this.host.units.filter(({ candidates }) => candidates.includes(candidate));
    const conflict = this.host.claims?.conflictOf(units, this.roster.all);
    if (conflict) throw errorOf(candidate, 'ROUTE_CONFLICT', conflict);
  }

  /**
   * Loads new generations of plugins from disk and puts them in the place of the former ones.
   * @param others replaced along with them, without being loaded
   * @param enabled are switched on at the same moment
   */
  async #replace(
    former: readonly Candidate[],
    others: ReadonlyMap<Candidate, Candidate>,
    enabled: readonly Candidate[] = [],
  ): Promise<LiveChange> {
    const replacements = new Map(others);
    for (const candidate of former) replacements.set(candidate, await this.#loadAgain(candidate, replacements));
    const ordered = this.roster.reordered(replacements);
    const fresh = ordered.filter((each) => former.some((candidate) => replacements.get(candidate) === each));
    this.#learn(replacements);
    for (const { error } of fresh) if (error) throw error;
    for (const [each, { name }] of replacements) if (isGoing(each) && name !== each.name) throw renamed(each, name);
    this.#checkDependents(ordered, fresh);
    const replaced = [...replacements.keys()];
    const waits = await this.#late.load(fresh, ordered, replaced);
    if (waits !== undefined) return { problems: [], waits };
    try {
      await this.#callEnable(enabled);
    } catch (error) {
      await this.#late.discard(fresh);
      throw error;
    }
    this.roster.fill(ordered);
    for (const candidate of replaced) candidate.isOff = true;
    this.tell();
    return { problems: [], gone: this.#retire(replaced.filter((candidate) => this.host.installed.has(candidate))) };
  }

  /** Of a plugin that is off, its code tells more than its package.json. */
  #learn(replacements: ReadonlyMap<Candidate, Candidate>): void {
    const read = [...replacements].filter(
      ([former, { error }]) => former.isOff && error?.code === 'DEPENDENCY_DISABLED',
    );
    for (const [former, { metadata }] of read) former.metadata = metadata;
    if (read.length > 0) this.tell();
  }

  #loadAgain(candidate: Candidate, replacements: ReadonlyMap<Candidate, Candidate>): Promise<Candidate> {
    const others = this.roster.all.filter((each) => each !== candidate).map((each) => replacements.get(each) ?? each);
    return loadAgain(candidate, others, this.options, this.states, this.#code);
  }

  /** Those that stay must go on having what they need. */
  #checkDependents(ordered: readonly Candidate[], fresh: readonly Candidate[]): void {
    const byName = nameIndex(ordered);
    for (const candidate of ordered) {
      if (fresh.includes(candidate) || !isGoing(candidate)) continue;
      const unmet = unmetDependency(candidate, byName);
      if (unmet) throw unmet;
    }
  }

  /** Why its code cannot be loaded once more, if so. */
  #whyNotAgain({ source }: Candidate): string | undefined {
    return source.origin === 'inline' || source.entry === undefined
      ? undefined
      : this.#code.whyNot({ ...source, entry: source.entry });
  }

  /** Plugins and all in the application that depend on them, dependents first. */
  #builtUpon(candidates: readonly Candidate[]): Candidate[] {
    const found = new Set(candidates);
    for (const candidate of found)
      for (const each of this.roster.all)
        if (this.host.installed.has(each) && dependsOn(each, candidate)) found.add(each);
    return this.roster.all.filter((each) => found.has(each)).toReversed();
  }

  /** All or none: where one fails, the others are told that they are off. */
  async #callEnable(candidates: readonly Candidate[]): Promise<void> {
    const outcomes = await Promise.all(
      candidates.map(async (candidate) => ({
        candidate,
        errors: await this.#callHooks('onPluginEnable', [candidate]),
      })),
    );
    const [failed] = outcomes.flatMap(({ errors }) => errors);
    if (!failed) return;
    const told = outcomes.filter(({ errors }) => errors.length === 0).map(({ candidate }) => candidate);
    for (const { message } of await this.#callHooks('onPluginDisable', told)) this.#logger.error(message);
    throw failed;
  }

  async #callHooks(
    hook: 'onPluginEnable' | 'onPluginDisable',
    candidates: readonly Candidate[],
  ): Promise<PluginError[]> {
    return (await Promise.all(candidates.map((each) => this.host.callSwitchHook(hook, each)))).flat();
  }

  /** Dependents first; each when no request is open that began while it was on. */
  async #retire(candidates: readonly Candidate[]): Promise<PluginError[]> {
    const problems: PluginError[] = [];
    for (const candidate of candidates) {
      for (const { hook, thrown } of await this.#late.retire(candidate))
        problems.push(
          errorOf(candidate, 'MODULE_FAILED', {
            detail: `its ${hook} failed: ${describeThrown(thrown)}`,
            hint: `Mend what ${hook} throws or waits for.`,
            cause: thrown,
          }),
        );
    }
    for (const { message } of problems) this.#logger.error(message);
    return problems;
  }
}

function dependsOn({ metadata }: Candidate, { name }: Candidate): boolean {
  return Object.keys(metadata.dependsOn ?? {}).some((each) => each.toLowerCase() === name.toLowerCase());
}

/** Others know it by its name: those that depend on it, and who asked for the change. */
function renamed(candidate: Candidate, name: string): PluginError {
  return errorOf(candidate, 'METADATA_INVALID', {
    detail: `its name was "${candidate.name}" when it was loaded, and is "${printable(name)}" now`,
    hint: 'Give it its former name back; or unload it, and enable it then.',
    field: 'name',
  });
}
