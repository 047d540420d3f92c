import type { Server } from 'node:http';

import type { Type } from '@nestjs/common';
import type { ApplicationConfig, HttpAdapterHost, LazyModuleLoader, ModulesContainer } from '@nestjs/core';

import { checkViewFiles } from '../extensions/check-view-files.js';
import type { ModuleDraft, ModuleImport } from '../extensions/module-draft.js';
import { mountPaths } from '../extensions/mount-paths.js';
import { readContributions } from '../extensions/read-contributions.js';
import { isGoing, step, type Candidate } from '../loading/candidate.js';
import { failDependents } from '../loading/order-plugins.js';
import type { PluginError } from '../plugin/plugin-error.js';
import { describeThrown } from '../plugin/printable.js';
import { guardAppEnhancers } from './app-enhancers.js';
import { buildModules } from './build-modules.js';
import { contributorsOf, oncePerSnapshot, type Contributor } from './collect.js';
import { lookForFiltersLate } from './exception-layer.js';
import { ExpressGate } from './express.gate.js';
import { FastifyGate } from './fastify.gate.js';
import { markHandlers } from './handler-owners.js';
import { ModuleInstaller } from './install-modules.js';
import { failUnit, unitsByOwner, type InstalledPlugin, type ModuleUnit } from './installed-plugin.js';
import { LateEnhancers } from './late-enhancers.js';
import { registerAgain } from './late-routes.js';
import { MatchedRoutes } from './matched-routes.js';
import { guardMethods } from './method-gate.js';
import { guardMiddleware, MiddlewareOwner } from './middleware-gate.js';
import { livesIn } from './module-instances.js';
import { ModulePaths } from './module-paths.js';
import { letClassesGo, rootModuleOf } from './nest-internals.js';
import { OwnProviders } from './own-providers.js';
import { guardAdapter, type PlatformGate } from './platform-gate.js';
import { PluginLifecycle } from './plugin-lifecycle.js';
import { addPluginMiddleware } from './plugin-middleware.js';
import { PluginTransforms } from './plugin-transforms.js';
import { collectProvided } from './provided-extensions.js';
import { RouteClaims } from './route-conflicts.js';
import { RouteSlots } from './route-slots.js';
import { RouteTable } from './route-table.js';
import { proveSeams, type Fallbacks } from './self-test.js';
import { Snapshots, type Snapshot } from './snapshots.js';
import { callSwitchHook } from './switch-hooks.js';
import { takeOut } from './take-out.js';
import { RequestParticipation } from './take-part-in-requests.js';

/** What the plugins' modules need from the options. */
export interface HostOptions {
  readonly share: readonly ModuleImport[];
  readonly timeout: number;
}

/** Takes plugins into a Nest application that is being built, and sees them through its start. */
export class PluginHost {
  readonly lifecycle: PluginLifecycle;
  /** Who is on now, and who was when a request began. */
  readonly snapshots = new Snapshots();
  /** By plugin, what `register()` returned, checked. */
  readonly drafts = new Map<Candidate, ModuleDraft>();
  readonly transforms = new PluginTransforms(this.drafts);
  /** What each plugin's modules get of their own. */
  readonly ownProviders: OwnProviders;
  readonly installed = new Map<Candidate, InstalledPlugin>();
  /** What is in the container, in load order. */
  readonly units: ModuleUnit[] = [];
  readonly installer: ModuleInstaller;
  /** What plugins that are loaded later give to the whole application. */
  readonly enhancers: LateEnhancers;
  readonly #slots = new RouteSlots((request, rest) => this.snapshots.within(request, rest));
  readonly #middlewareOwner = new MiddlewareOwner();
  readonly #contributors = oncePerSnapshot((snapshot) => contributorsOf(snapshot, this.transforms.draftsIn(snapshot)));
  readonly #paths: ModulePaths;
  #gate: PlatformGate | undefined;
  #claims: RouteClaims | undefined;
  #requests: RequestParticipation | undefined;
  #counts: ReadonlyMap<Candidate, number> = new Map();
  #fallbacks: Fallbacks = {};
  #isOfApplication: (instance: object) => boolean = () => false;

  constructor(
    private readonly loader: LazyModuleLoader,
    readonly modules: ModulesContainer,
    readonly adapterHost: HttpAdapterHost,
    readonly config: ApplicationConfig,
    readonly options: HostOptions,
  ) {
    this.lifecycle = new PluginLifecycle(options.timeout);
    this.ownProviders = new OwnProviders(loader, modules);
    this.installer = new ModuleInstaller(loader, modules, options.timeout);
    this.#paths = new ModulePaths(modules);
    this.enhancers = new LateEnhancers(loader, modules, config, () =>
      this.#slots.exchange(() => registerAgain(modules, config, adapterHost.httpAdapter)),
    );
  }

  /** Has something worked out of what the plugins of a snapshot add, once for each snapshot. */
  collected<T>(collect: (plugins: readonly Contributor[]) => T): (snapshot: Snapshot) => T {
    return oncePerSnapshot((snapshot) => collect(this.#contributors(snapshot)));
  }

  /** How many routes a plugin has; 0 for an application without HTTP. */
  routeCount(candidate: Candidate): number {
    return this.#counts.get(candidate) ?? 0;
  }

  /** The door between the platform and the plugins; none for an application without HTTP, or on a platform that is not known. */
  get gate(): PlatformGate | undefined {
    return this.#gate;
  }

  /** Who has which route; none for an application without HTTP. */
  get claims(): RouteClaims | undefined {
    return this.#claims;
  }

  /**
   * Moves the turn of the module that has this provider, when Nest runs hooks: behind all modules of the application,
   * whose services plugins use, yet before the root module, which may use the plugins.
   */
  runHooksAtTheTurnOf(provider: Type): void {
    const module = [...this.modules.values()].find(({ providers }) => providers.has(provider));
    if (module) module.distance = (rootModuleOf(this.modules)?.distance ?? 1) + 0.5;
  }

  /**
   * Builds and loads the modules of all plugins that are going; must run while Nest instantiates providers.
   * @param candidates in load order
   */
  async install(candidates: readonly Candidate[]): Promise<void> {
    letClassesGo(this.loader);
    await this.readContributions(candidates);
    this.transforms.apply(candidates);
    failDependents(candidates);
    const paths = mountPaths(this.drafts, candidates);
    failDependents(candidates);

    const ofApplication = [...this.modules.values()];
    this.#isOfApplication = livesIn(ofApplication);
    const plugins = await buildModules(candidates, this);
    this.units.push(...(await this.installer.install(plugins, candidates, this.options.share)));
    this.adopt(this.units, plugins, paths);
    this.#takeOutFailed();
  }

  /** Fails the plugins whose routes are taken, and takes them out; must run before Nest registers middleware and routes. */
  settleRoutes(candidates: readonly Candidate[]): void {
    const matched = this.#guardPlatform();
    const ofPlugins = new Set(this.units.map(({ module }) => module));
    const ofApplication = [...this.modules.values()].filter((module) => !ofPlugins.has(module));
    const table = new RouteTable(this.config, this.adapterHost, this.modules.applicationId);
    this.#claims = new RouteClaims(table, ofApplication);
    this.claimRoutes(this.units, candidates);
    failDependents(candidates);
    this.#takeOutFailed();
    matched?.expect(() => [...this.modules.values()].flatMap((module) => table.readRoutesOf(module)));
  }

  /** Gives modules their routes; a plugin that cannot have one of its own fails. */
  claimRoutes(units: readonly ModuleUnit[], candidates: readonly Candidate[]): void {
    this.#claims?.settle(units, candidates);
    this.#counts = this.#claims?.counts() ?? new Map();
  }

  /** Makes those that are going the ones that requests see; again after each step in which a plugin can fail or be switched. */
  showGoing(candidates: readonly Candidate[]): void {
    this.snapshots.change(candidates.filter(isGoing));
  }

  /** When all routes are registered: from now on each change of who is on reaches the platform. */
  openGate(report: (text: string) => void): void {
    this.#requests?.tellClashes();
    const gate = this.#gate;
    if (!gate) return;
    this.#fallbacks = proveSeams(
      {
        adapter: this.adapterHost.httpAdapter,
        loader: this.loader,
        modules: this.modules,
        withRoutes: this.units.filter((unit) => this.#claims?.has(unit) && unit.candidates.some(isGoing)),
        gate,
      },
      report,
    );
    if (this.#fallbacks.switch !== undefined) return;
    gate.open();
    gate.apply(this.snapshots.current);
    this.snapshots.onChange((snapshot) => gate.apply(snapshot));
  }

  /** What an operator should know of the plugins that are on: each is a sentence. */
  get warnings(): readonly string[] {
    return this.#requests?.clashes(this.snapshots.current) ?? [];
  }

  /** Why plugins cannot be switched, or loaded, in the running application, if so. */
  whyNot(feature: keyof Fallbacks): string | undefined {
    if (!this.#gate && this.#claims) return 'the HTTP adapter is neither that of Express nor that of Fastify';
    return this.#fallbacks[feature];
  }

  /** Whether the modules of a plugin are part of the application, so that it can be switched while that runs. */
  isInstalled(candidate: Candidate): boolean {
    return !candidate.error && this.installed.has(candidate);
  }

  /** Calls `onPluginEnable` or `onPluginDisable` of a plugin. */
  callSwitchHook(hook: 'onPluginEnable' | 'onPluginDisable', candidate: Candidate): Promise<PluginError[]> {
    return callSwitchHook(hook, candidate, this.units, this.options.timeout);
  }

  /** Checks what `register()` of each returned. */
  async readContributions(candidates: readonly Candidate[]): Promise<void> {
    for (const candidate of candidates.filter(isGoing)) {
      const { returned } = candidate;
      if (!returned) continue;
      await step(candidate, 'register', undefined, () => {
        const draft = readContributions(candidate, returned);
        checkViewFiles(candidate, draft);
        this.drafts.set(candidate, draft);
        return Promise.resolve();
      });
    }
  }

  /** Puts the gates between modules that have just been loaded and everything that calls them. */
  adopt(units: readonly ModuleUnit[], plugins: readonly InstalledPlugin[], paths: ReadonlyMap<string, string>): void {
    for (const plugin of plugins) this.installed.set(plugin.candidate, plugin);
    this.#paths.mount(units, plugins, paths);
    const own = unitsByOwner(units);
    for (const { candidate, draft } of plugins) {
      const mine = own.get(candidate) ?? [];
      for (const unit of mine.slice(-1)) orFail(unit, () => addPluginMiddleware(mine, draft));
    }
    for (const unit of units) {
      orFail(unit, () => {
        collectProvided(unit, this.drafts);
        markHandlers(unit);
        guardMethods(unit, this.snapshots);
        guardMiddleware(unit, this.options.timeout, this.snapshots, this.#middlewareOwner);
      });
    }
    guardAppEnhancers(this.loader, this.modules, units, this.snapshots);
    this.lifecycle.adopt(units, this.#isOfApplication);
    this.ownProviders.keepLast();
  }

  /** Leaves nothing of modules in the running application; nobody may use them any more. */
  drop(units: readonly ModuleUnit[]): void {
    const gone = new Set(units);
    const enhancers = this.enhancers.of(units);
    this.#gate?.remove(gone);
    this.#slots.remove(gone);
    this.#claims?.release(units);
    this.#counts = this.#claims?.counts() ?? new Map();
    this.lifecycle.forget(gone);
    for (const { module } of units) this.#paths.unmount(module);
    const left = this.units.filter((unit) => !gone.has(unit));
    this.units.splice(0, this.units.length, ...left);
    this.installer.remove(units.map(({ module }) => module));
    this.enhancers.remove(enhancers);
  }

  /** Leaves nothing of the modules whose plugins have all failed. */
  #takeOutFailed(): void {
    for (const unit of this.units) if (!unit.candidates.some(isGoing)) takeOut(unit, this.loader, this.modules);
  }

  #guardPlatform(): MatchedRoutes | undefined {
    const { httpAdapter } = this.adapterHost;
    const platform = httpAdapter.getType();
    const routes = new MatchedRoutes(httpAdapter);
    if (platform === 'express') this.#gate = new ExpressGate(httpAdapter, this.config);
    else if (platform === 'fastify') this.#gate = new FastifyGate(httpAdapter, this.snapshots, routes);
    if (!this.#gate) return undefined;
    lookForFiltersLate();
    guardAdapter(httpAdapter, this.#gate, this.#middlewareOwner, routes, this.#slots);
    this.snapshots.watch(httpAdapter.getHttpServer() as Server);
    this.#requests = new RequestParticipation({
      adapter: httpAdapter,
      modules: this.modules,
      config: this.config,
      snapshots: this.snapshots,
      routes,
      timeout: this.options.timeout,
      collected: (collect) => this.collected(collect),
    });
    return routes;
  }
}

function orFail(unit: ModuleUnit, work: () => void): void {
  try {
    work();
  } catch (cause) {
    failUnit(unit, 'MODULE_FAILED', {
      detail: describeThrown(cause),
      hint: 'Leave controllers and modules as they are: neither frozen nor behind a Proxy.',
      cause,
    });
  }
}
