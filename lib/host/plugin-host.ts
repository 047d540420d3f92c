import type { Server } from 'node:http';

import type { Type } from '@nestjs/common';
import type { ApplicationConfig, HttpAdapterHost, LazyModuleLoader, ModulesContainer } from '@nestjs/core';
import 'reflect-metadata';

import { buildModule } from '../extensions/build-module.js';
import type { ModuleDraft, ModuleImport } from '../extensions/module-draft.js';
import { mountPaths } from '../extensions/mount-paths.js';
import { readContributions } from '../extensions/read-contributions.js';
import { isGoing, step, type Candidate } from '../loading/candidate.js';
import { failDependents } from '../loading/order-plugins.js';
import type { PluginError } from '../plugin/plugin-error.js';
import { describeThrown } from '../plugin/printable.js';
import { guardAppEnhancers } from './app-enhancers.js';
import { collectedBySnapshot, type Contributor } from './collect.js';
import { ExpressGate } from './express.gate.js';
import { FastifyGate } from './fastify.gate.js';
import { markHandlers } from './handler-owners.js';
import { ModuleInstaller } from './install-modules.js';
import { failUnit, type InstalledPlugin, type ModuleUnit } from './installed-plugin.js';
import { guardMethods } from './method-gate.js';
import { guardMiddleware, MiddlewareOwner } from './middleware-gate.js';
import { rootModuleOf, type NestModule } from './nest-internals.js';
import { refuseOwnKit } from './own-kit.js';
import { guardAdapter, type PlatformGate } from './platform-gate.js';
import { PluginLifecycle } from './plugin-lifecycle.js';
import { settleRoutes } from './route-conflicts.js';
import { modulePathKey, RouteTable } from './route-table.js';
import { plain, reachableFrom, type ModuleDefinition } from './shared-imports.js';
import { Snapshots, type Snapshot } from './snapshots.js';
import { callSwitchHook } from './switch-hooks.js';
import { takeOut } from './take-out.js';

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
  readonly #middlewareOwner = new MiddlewareOwner();
  #gate: PlatformGate | undefined;
  #hasRequests = false;
  /** By plugin, what `register()` returned, checked. */
  readonly drafts = new Map<Candidate, ModuleDraft>();
  #units: readonly ModuleUnit[] = [];
  #routes: ReadonlyMap<Candidate, number> = new Map();

  constructor(
    private readonly loader: LazyModuleLoader,
    private readonly modules: ModulesContainer,
    private readonly adapterHost: HttpAdapterHost,
    private readonly config: ApplicationConfig,
    private readonly options: HostOptions,
  ) {
    this.lifecycle = new PluginLifecycle(options.timeout);
  }

  /** Has something worked out of what the plugins of a snapshot add, once for each snapshot. */
  collected<T>(collect: (plugins: readonly Contributor[]) => T): (snapshot: Snapshot) => T {
    return collectedBySnapshot(this.drafts, collect);
  }

  /** How many routes a plugin has; 0 for an application without HTTP. */
  routeCount(candidate: Candidate): number {
    return this.#routes.get(candidate) ?? 0;
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
    for (const candidate of candidates.filter(isGoing)) await this.#readContributions(candidate);
    failDependents(candidates);
    const paths = mountPaths(this.drafts, candidates);
    failDependents(candidates);

    const ofApplication = [...this.modules.values()];
    const plugins = await this.#build(candidates);
    const installer = new ModuleInstaller(this.loader, this.modules, this.options.timeout);
    this.#units = await installer.install(plugins, candidates, this.options.share);
    this.#mount(plugins, paths, ofApplication);
    for (const unit of this.#units) {
      orFail(unit, () => {
        markHandlers(unit);
        guardMethods(unit, this.snapshots);
        guardMiddleware(unit, this.options.timeout, this.snapshots, this.#middlewareOwner);
      });
    }
    guardAppEnhancers(this.loader, this.modules, this.#units, this.snapshots);
    this.lifecycle.adopt(this.#units, instancesOf(ofApplication));
    this.#takeOutFailed();
  }

  /** Fails the plugins whose routes are taken, and takes them out; must run before Nest registers middleware and routes. */
  settleRoutes(candidates: readonly Candidate[]): void {
    this.#guardPlatform();
    const ofPlugins = new Set(this.#units.flatMap(({ modules }) => modules));
    const ofApplication = [...this.modules.values()].filter((module) => !ofPlugins.has(module));
    const table = new RouteTable(this.config, this.adapterHost, this.modules.applicationId);
    this.#routes = settleRoutes(table, ofApplication, this.#units, candidates);
    failDependents(candidates);
    this.#takeOutFailed();
  }

  /** Leaves nothing of the modules whose plugins have all failed. */
  #takeOutFailed(): void {
    for (const unit of this.#units) if (!unit.candidates.some(isGoing)) takeOut(unit, this.loader);
  }

  /** Makes those that are going the ones that requests see; again after each step in which a plugin can fail or be switched. */
  showGoing(candidates: readonly Candidate[]): void {
    this.snapshots.change(candidates.filter(isGoing));
  }

  /** When all routes are registered: from now on each change of who is on reaches the platform. */
  openGate(): void {
    const gate = this.#gate;
    if (!gate) return;
    gate.apply(this.snapshots.current);
    this.snapshots.onChange((snapshot) => gate.apply(snapshot));
  }

  /** Whether requests can be kept from plugins that are off: on Express and Fastify, and where there are no requests. */
  get canSwitch(): boolean {
    return this.#gate !== undefined || !this.#hasRequests;
  }

  /** Whether the modules of a plugin are part of the application, so that it can be switched while that runs. */
  isInstalled(candidate: Candidate): boolean {
    return !candidate.error && this.#units.some(({ candidates }) => candidates.includes(candidate));
  }

  /** Calls `onPluginEnable` or `onPluginDisable` of a plugin. */
  callSwitchHook(hook: 'onPluginEnable' | 'onPluginDisable', candidate: Candidate): Promise<PluginError[]> {
    return callSwitchHook(hook, candidate, this.#units, this.options.timeout);
  }

  #guardPlatform(): void {
    const { httpAdapter } = this.adapterHost;
    const platform = httpAdapter.getType();
    if (platform === 'express') this.#gate = new ExpressGate(httpAdapter);
    else if (platform === 'fastify') this.#gate = new FastifyGate(httpAdapter, this.snapshots);
    this.#hasRequests = true;
    if (!this.#gate) return;
    guardAdapter(httpAdapter, this.#gate, this.#middlewareOwner);
    this.snapshots.watch(httpAdapter.getHttpServer() as Server);
  }

  async #readContributions(candidate: Candidate): Promise<void> {
    const { returned } = candidate;
    if (!returned) return;
    await step(candidate, 'register', undefined, () => {
      this.drafts.set(candidate, readContributions(candidate, returned));
      delete candidate.returned; // the draft has all of it
      return Promise.resolve();
    });
  }

  async #build(candidates: readonly Candidate[]): Promise<InstalledPlugin[]> {
    const plugins = new Map<string, InstalledPlugin>();
    const stops = new Set<ModuleDefinition>(this.options.share.flatMap(plain));
    for (const candidate of candidates) {
      const draft = this.drafts.get(candidate);
      if (!draft || !isGoing(candidate)) continue;
      await step(candidate, 'start', undefined, () => {
        const dependencies = Object.keys(candidate.metadata.dependsOn ?? {}).flatMap(
          (name) => plugins.get(name.toLowerCase())?.built.root ?? [],
        );
        const built = buildModule(candidate.name, draft, [...this.options.share, ...dependencies]);
        refuseOwnKit(candidate, [built.root, ...reachableFrom(built.root, stops)]);
        plugins.set(candidate.name.toLowerCase(), { candidate, draft, built });
        return Promise.resolve();
      });
    }
    return [...plugins.values()];
  }

  /**
   * Leaves on each module class below which path its controllers lie, as RouterModule does. A class that the application or
   * another plugin uses as well stays as it is: its path would move with it.
   */
  #mount(
    plugins: readonly InstalledPlugin[],
    paths: ReadonlyMap<string, string>,
    ofApplication: readonly NestModule[],
  ): void {
    const key = modulePathKey(this.modules.applicationId);
    const attached = new Map(plugins.flatMap(({ built }) => [...built.attached]));
    const uses = new Map<Type, number>();
    for (const { metatype } of [...ofApplication, ...this.#units.flatMap(({ modules }) => modules)])
      uses.set(metatype, (uses.get(metatype) ?? 0) + 1);
    for (const { candidates, modules } of this.#units) {
      const [owner, ...others] = candidates;
      if (!owner || others.length > 0) continue; // a module of several plugins lies below none of them
      for (const { metatype } of modules) {
        const path = paths.get((attached.get(metatype) ?? owner.name).toLowerCase()) ?? '';
        const inner = (Reflect.getOwnMetadata(key, metatype) as string | undefined) ?? ''; // a RouterModule of the plugin's own
        if (path && uses.get(metatype) === 1) Reflect.defineMetadata(key, path + inner, metatype);
      }
    }
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

/** Tells instances that live in these modules; asked only for the few that have hooks, so the answer is made once. */
function instancesOf(modules: readonly NestModule[]): (instance: object) => boolean {
  let known: Set<unknown> | undefined;
  return (instance) => {
    known ??= new Set(
      modules.flatMap((module) =>
        [...module.providers.values(), ...module.controllers.values()].map((wrapper) => wrapper.instance),
      ),
    );
    return known.has(instance);
  };
}
