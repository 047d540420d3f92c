import path from 'node:path';

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

import { collectExtensions, type CollectedExtensions } from './extensions/collect-extensions.js';
import { PluginHost } from './host/plugin-host.js';
import { ProcessWatch } from './host/process-watch.js';
import type { StartHook, StopHook } from './host/plugin-lifecycle.js';
import type { Snapshot } from './host/snapshots.js';
import type { Candidate } from './loading/candidate.js';
import { loadPlugins, type LoadedPlugins } from './loading/load-plugins.js';
import { Roster } from './loading/roster.js';
import { LivePlugins } from './plugin-kit.live.js';
import { PluginWatch } from './loading/plugin-watch.js';
import type { Plugin } from './plugin/plugin.js';
import { describeThrown } from './plugin/printable.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from './plugin-kit.options.js';
import { bootReport } from './registry/boot-report.js';
import { followMarkers } from './registry/follow-markers.js';
import { logBoot } from './registry/log-boot.js';
import { PluginErrors } from './registry/plugin-errors.js';
import { PluginRegistry, STATE_STORE } from './registry/plugin.registry.js';
import { toPlugin } from './registry/to-plugin.js';
import { tellPreflight } from './reload/preflight-report.js';
import { SupervisedApp } from './reload/supervised-app.js';
import { BootJournal } from './state/boot-journal.js';
import type { StateStore } from './state/state-store.js';
import type { MarkerWatch } from './state/watch-markers.js';
import { viewContributions } from './views/view-contributions.js';
import { Pages } from './views/pages.js';

/** Leads the plugins through the start and the end of the application: from their folders into the registry. */
@Injectable()
export class PluginBoot
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #logger = new Logger('PluginKit');
  readonly #roster = new Roster();
  /** What was told of each, and when it holds no more. */
  readonly #known = new WeakMap<Candidate, { readonly by: readonly unknown[]; readonly plugin: Plugin }>();
  #hasStarted = false;
  #markers: MarkerWatch | undefined;
  #loaded: LoadedPlugins = { candidates: [], notices: [], milliseconds: { scan: 0, import: 0, register: 0 } };
  #startMilliseconds = 0;
  readonly #watch: PluginWatch;
  readonly #process: ProcessWatch;
  readonly #errors: PluginErrors;
  readonly #extensions: (snapshot: Snapshot) => CollectedExtensions;

  constructor(
    private readonly registry: PluginRegistry,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(STATE_STORE) private readonly states: StateStore,
    private readonly host: PluginHost,
    private readonly pages: Pages,
    private readonly supervised: SupervisedApp,
    private readonly journal: BootJournal,
  ) {
    this.#watch = new PluginWatch(journal);
    this.#errors = new PluginErrors(registry, this.#logger, options);
    this.#process = new ProcessWatch(this.#watch, ({ name }, thrown) => this.#errors.take(name, thrown));
    this.#extensions = host.collected(collectExtensions);
  }

  /** While Nest instantiates providers: finds, imports and registers the plugins, and loads their modules. */
  async load(): Promise<void> {
    this.#process.start();
    await this.journal.begin();
    this.#loaded = await loadPlugins(this.options, this.states, this.#watch);
    this.#roster.fill(this.#loaded.candidates);
    this.host.runHooksAtTheTurnOf(PluginBoot);
    await this.#timed(() => this.host.install(this.#roster.all));
    this.#tellRegistry();
  }

  /** When all modules are there, and before routes are registered. */
  settleRoutes(): void {
    this.host.settleRoutes(this.#roster.all);
    this.#tellRegistry();
  }

  async onModuleInit(): Promise<void> {
    await this.#start('onModuleInit');
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#start('onApplicationBootstrap');
    this.host.openGate((why) => this.#logger.warn(`Changes of plugins wait for the next start: ${why}.`));
    this.registry.connect(
      new LivePlugins(this.host, this.#roster, this.options, this.states, this.#watch, () => this.#tellRegistry()),
    );
    this.#errors.start();
    this.#hasStarted = true;
    if (this.#roster.all.every(({ whyOff }) => whyOff === undefined)) await this.journal.finish();
    logBoot(this.#logger, this.registry.report());
    tellPreflight(this.registry.report());
    if (this.options.watch && this.options.live)
      this.#markers = followMarkers(this.registry, this.options.directories, this.#logger);
    await this.supervised.mayListen(
      this.registry.report(),
      this.options.directories.map((directory) => path.resolve(directory)),
    );
    const errors = this.#roster.all.flatMap(({ error }) => error ?? []);
    if (this.options.onFailure === 'throw' && errors.length > 0)
      throw new AggregateError(
        errors,
        `${errors.length} of ${this.#roster.all.length} plugins failed:\n${errors.map(({ message, hint }) => `- ${message} ${hint}`).join('\n')}`,
      );
  }

  async onModuleDestroy(): Promise<void> {
    this.journal.leave();
    await this.#markers?.stop();
    await this.registry.close();
    await this.#stop('onModuleDestroy');
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    await this.#stop('beforeApplicationShutdown', signal);
  }

  async onApplicationShutdown(signal?: string): Promise<void> {
    await this.#stop('onApplicationShutdown', signal);
    this.#process.stop();
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
    const { milliseconds, notices } = this.#loaded;
    const candidates = this.#roster.all;
    this.host.showGoing(candidates);
    this.registry.accept(() => {
      const plugins = candidates.map((candidate) => this.#told(candidate));
      const extensions = this.#extensions(this.host.snapshots.current);
      return {
        plugins,
        report: () =>
          bootReport(plugins, { ...milliseconds, start: this.#startMilliseconds }, [
            ...this.journal.notices,
            ...notices,
            ...this.host.transforms.notices,
            ...this.host.warnings.map((text) => ({ level: 'warn', text }) as const),
            ...this.pages.notices(),
            ...extensions.notices,
          ]),
        extensions: extensions.values,
      };
    });
  }

  /** To make all of them anew would take longer than to switch one. While the application starts, more becomes known of each. */
  #told(candidate: Candidate): Plugin {
    const known = this.#known.get(candidate);
    const { name, metadata, isOff, error } = candidate;
    const by = [name, metadata, isOff, error];
    if (known && this.#hasStarted && by.every((each, place) => each === known.by[place])) return known.plugin;
    const plugin = toPlugin(candidate, this.#contributionsOf(candidate));
    this.#known.set(candidate, { by, plugin });
    return plugin;
  }

  #contributionsOf(candidate: Candidate): Record<string, number> {
    const draft = this.host.drafts.get(candidate);
    const counts = {
      routes: this.host.routeCount(candidate),
      controllers: draft?.controllers.length ?? 0,
      providers: draft?.providers.length ?? 0,
      middleware: draft?.middleware.length ?? 0,
      hooks: Object.keys(draft?.hooks ?? {}).length,
      errorHandlers: draft?.errorHandlers.length ?? 0,
      extensions: [...(draft?.extensions.values() ?? []), ...(draft?.provided.values() ?? [])].flat().length,
      transforms: draft?.transforms.reduce((count, { byKey }) => count + byKey.size, 0) ?? 0,
      ...viewContributions(candidate, draft),
    };
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  }
}
