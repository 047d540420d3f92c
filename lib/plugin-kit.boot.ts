import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';

import type { Contributor } from './host/collect.js';
import { PluginHost } from './host/plugin-host.js';
import { ProcessWatch } from './host/process-watch.js';
import type { StartHook, StopHook } from './host/plugin-lifecycle.js';
import type { Snapshot } from './host/snapshots.js';
import type { Candidate } from './loading/candidate.js';
import { loadPlugins, type LoadedPlugins } from './loading/load-plugins.js';
import { PluginWatch } from './loading/plugin-watch.js';
import { describeThrown } from './plugin/printable.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from './plugin-kit.options.js';
import type { Plugin } from './plugin/plugin.js';
import type { PluginError } from './plugin/plugin-error.js';
import { bootReport } from './registry/boot-report.js';
import type { LiveSwitch } from './registry/live-switch.js';
import { logBoot } from './registry/log-boot.js';
import { PluginErrors } from './registry/plugin-errors.js';
import { PluginRegistry, STATE_STORE } from './registry/plugin.registry.js';
import { toPlugin } from './registry/to-plugin.js';
import { tellPreflight } from './reload/preflight-report.js';
import { BootJournal } from './state/boot-journal.js';
import type { StateStore, WantedState } from './state/state-store.js';

/** Leads the plugins through the start and the end of the application: from their folders into the registry. */
@Injectable()
export class PluginBoot
  implements
    OnModuleInit,
    OnApplicationBootstrap,
    OnModuleDestroy,
    BeforeApplicationShutdown,
    OnApplicationShutdown,
    LiveSwitch
{
  readonly #logger = new Logger('PluginKit');
  #loaded: LoadedPlugins = { candidates: [], notices: [], milliseconds: { scan: 0, import: 0, register: 0 } };
  #startMilliseconds = 0;
  readonly #watch: PluginWatch;
  readonly #process: ProcessWatch;
  readonly #errors: PluginErrors;
  readonly #extensions: (snapshot: Snapshot) => ReadonlyMap<string, readonly unknown[]>;

  constructor(
    private readonly registry: PluginRegistry,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(STATE_STORE) private readonly states: StateStore,
    private readonly host: PluginHost,
    private readonly journal: BootJournal,
  ) {
    this.#watch = new PluginWatch(journal);
    this.#errors = new PluginErrors(registry, this.#logger, options);
    this.#process = new ProcessWatch(this.#watch, ({ name }, thrown) => this.#errors.take(name, thrown));
    this.#extensions = host.collected(extensionsOf);
  }

  /** While Nest instantiates providers: finds, imports and registers the plugins, and loads their modules. */
  async load(): Promise<void> {
    this.#process.start();
    await this.journal.begin();
    this.#loaded = await loadPlugins(this.options, this.states, this.#watch);
    this.host.runHooksAtTheTurnOf(PluginBoot);
    await this.#timed(() => this.host.install(this.#loaded.candidates));
    this.#tellRegistry();
  }

  /** When all modules are there, and before routes are registered. */
  settleRoutes(): void {
    this.host.settleRoutes(this.#loaded.candidates);
    this.#tellRegistry();
  }

  async onModuleInit(): Promise<void> {
    await this.#start('onModuleInit');
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#start('onApplicationBootstrap');
    this.host.openGate();
    this.registry.connect(this);
    this.#errors.start();
    if (this.#loaded.candidates.every(({ whyOff }) => whyOff === undefined)) await this.journal.finish();
    logBoot(this.#logger, this.registry.report());
    tellPreflight(this.registry.report());
    const errors = this.#loaded.candidates.flatMap(({ error }) => error ?? []);
    if (this.options.onFailure === 'throw' && errors.length > 0)
      throw new AggregateError(
        errors,
        `${errors.length} of ${this.#loaded.candidates.length} plugins failed:\n${errors.map(({ message, hint }) => `- ${message} ${hint}`).join('\n')}`,
      );
  }

  async onModuleDestroy(): Promise<void> {
    this.journal.leave();
    await this.#stop('onModuleDestroy');
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    await this.#stop('beforeApplicationShutdown', signal);
  }

  async onApplicationShutdown(signal?: string): Promise<void> {
    await this.#stop('onApplicationShutdown', signal);
    this.#process.stop();
  }

  /** @inheritdoc */
  whyNotLive({ name }: Plugin, to: WantedState): string | undefined {
    const candidate = this.#candidate(name);
    if (candidate.whyOff !== undefined) return `the application runs in ${candidate.whyOff}`;
    if (!this.options.live) return 'the option "live" is off';
    if (!this.host.canSwitch) return 'the HTTP adapter is neither that of Express nor that of Fastify';
    if (to === 'disabled' || this.host.isInstalled(candidate)) return undefined;
    return candidate.error
      ? `${name} failed when the application started`
      : `${name} was off when the application started, so its code is not loaded`;
  }

  /** @inheritdoc */
  async switch(plugins: readonly Plugin[], to: WantedState): Promise<readonly PluginError[]> {
    const candidates = plugins.map(({ name }) => this.#candidate(name));
    if (to === 'enabled') {
      const [failed] = (
        await Promise.all(candidates.map((each) => this.host.callSwitchHook('onPluginEnable', each)))
      ).flat();
      if (failed) throw failed;
    }
    for (const candidate of candidates) candidate.isOff = to === 'disabled';
    this.#tellRegistry();
    if (to === 'enabled') return [];
    const problems = (
      await Promise.all(candidates.map((each) => this.host.callSwitchHook('onPluginDisable', each)))
    ).flat();
    for (const { message } of problems) this.#logger.error(message);
    return problems;
  }

  #candidate(name: string): Candidate {
    const candidate = this.#loaded.candidates.find((each) => each.name === name);
    if (!candidate) throw new Error(`There is no plugin "${name}".`); // the registry was told the very same list
    return candidate;
  }

  async #start(hook: StartHook): Promise<void> {
    await this.#timed(() => this.host.lifecycle.start(hook));
    this.#tellRegistry();
  }

  async #stop(hook: StopHook, signal?: string): Promise<void> {
    for (const { candidates, thrown } of await this.host.lifecycle.stop(hook, signal))
      this.#logger.error(`${candidates.map(({ name }) => name).join(', ')}: ${hook} failed: ${describeThrown(thrown)}`);
  }

  async #timed(work: () => Promise<void>): Promise<void> {
    const begun = performance.now();
    await work();
    this.#startMilliseconds += performance.now() - begun;
  }

  /** Whatever has changed, requests and the registry see it from here on. */
  #tellRegistry(): void {
    const { candidates, milliseconds, notices } = this.#loaded;
    this.host.showGoing(candidates);
    this.registry.accept(() => {
      const plugins = candidates.map((candidate) => toPlugin(candidate, this.#contributionsOf(candidate)));
      return {
        plugins,
        report: () =>
          bootReport(plugins, { ...milliseconds, start: this.#startMilliseconds }, [
            ...this.journal.notices,
            ...notices,
          ]),
        extensions: this.#extensions(this.host.snapshots.current),
      };
    });
  }

  #contributionsOf(candidate: Candidate): Record<string, number> {
    const draft = this.host.drafts.get(candidate);
    const counts = {
      routes: this.host.routeCount(candidate),
      controllers: draft?.controllers.length ?? 0,
      providers: draft?.providers.length ?? 0,
      extensions: [...(draft?.extensions.values() ?? [])].flat().length,
    };
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  }
}

function extensionsOf(plugins: readonly Contributor[]): Map<string, unknown[]> {
  const extensions = new Map<string, unknown[]>();
  for (const { draft } of plugins)
    for (const [point, values] of draft.extensions)
      extensions.set(point, [...(extensions.get(point) ?? []), ...values]);
  return extensions;
}
