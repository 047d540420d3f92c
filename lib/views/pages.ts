import { existsSync } from 'node:fs';
import path from 'node:path';

import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { HttpAdapterHost, type AbstractHttpAdapter } from '@nestjs/core';

import type { Notice } from '../discovery/plugin-source.js';
import type { ViewFilter } from '../extensions/view-filters.extension.js';
import { PluginHost } from '../host/plugin-host.js';
import { answerEarly } from '../host/early-answers.js';
import type { Snapshot } from '../host/snapshots.js';
import { baseViewsFolders, renderViewsBy } from '../host/view-rendering.js';
import type { Candidate } from '../loading/candidate.js';
import { describeThrown } from '../plugin/printable.js';
import { PluginRegistry } from '../registry/plugin.registry.js';
import { AssetFiles } from './asset-files.js';
import { AssetServer } from './asset-server.js';
import { AssetTags } from './asset-tags.js';
import { joinEmitted } from './join-emitted.js';
import { endingsOf, loadEngine } from './load-engine.js';
import { SnapshotView } from './snapshot-view.js';
import type { TemplateSource, ViewEngine } from './view-engine.js';
import { VIEW_OPTIONS, type ResolvedViewOptions } from './view-options.js';

/** The injection token of {@link ViewEvents}. */
export const VIEW_EVENTS = Symbol('nestjs-pluginkit:view-events');

/** Where pages get what the listeners of an event return. */
export interface ViewEvents {
  emit(event: string, ...args: readonly unknown[]): readonly unknown[];
}

/** More different warnings than these would be about names that requests make up. */
const MOST_WARNINGS = 200;

/** Keeps a view for each snapshot, and puts pages and files of plugins into the application. */
@Injectable()
export class Pages {
  readonly #logger = new Logger('PluginKit');
  readonly #of: (snapshot: Snapshot) => SnapshotView;
  readonly #files = new AssetFiles();
  readonly #told = new Set<string>();
  readonly #templates = new WeakMap<Candidate, Map<string, TemplateSource>>();
  #engine: ViewEngine | undefined;

  constructor(
    private readonly host: PluginHost,
    private readonly registry: PluginRegistry,
    private readonly adapterHost: HttpAdapterHost,
    @Inject(VIEW_OPTIONS) private readonly options: ResolvedViewOptions,
    @Optional() @Inject(VIEW_EVENTS) private readonly events?: ViewEvents,
  ) {
    const tags = new AssetTags(this.#files, options.assetsPath, (plugin, file) =>
      this.#warnOnce(
        `A page asks for the file "${file}" of the plugin "${plugin}", which is not in its folder "static".`,
      ),
    );
    this.#of = host.collected(
      (plugins) =>
        new SnapshotView(plugins, {
          engine: () => this.#loaded(),
          folders: () => this.#folders(),
          cache: options.views.cache,
          templatesOf: (candidate) => this.#templatesOf(candidate),
          filters: options.views.filters,
          absentFilter: (name) => this.#absentFilter(name),
          tag: (owners, plugin, file, how, request) =>
            tags.tag(owners, plugin, file, how, { baseUrl: options.baseUrl, request, address: this.#address() }),
          emitConfig: (name) => this.emitConfig(name),
          emitEvent: (name, ...args) => this.emitEvent(name, ...args),
          tell: (level, text) => this.#logger[level](text),
        }),
    );
  }

  /** When no route is registered yet: files are answered before routes are looked for, and `@Render()` finds an engine. */
  mount(): void {
    const { httpAdapter } = this.adapterHost;
    const { views, assetsPath } = this.options;
    const server = new AssetServer(this.#files, assetsPath, (request) => this.during(request).owners);
    answerEarly(httpAdapter, assetsPath, (request, response, next, beforeAnswer) =>
      server.handle(request, response, next, beforeAnswer),
    );
    renderViewsBy(httpAdapter, {
      endings: endingsOf(views.engine),
      render: (template, context, request) =>
        (request ? this.during(request) : this.now()).render(template, context, request),
    });
    if (views.isGiven) this.#loaded();
    if (views.isGiven || [...this.host.drafts.values()].some(({ slots }) => slots.size > 0))
      this.host.snapshots.carry();
  }

  /** With the plugins that were on when the request began for which this is called. */
  now(): SnapshotView {
    this.host.snapshots.carry();
    return this.#of(this.host.snapshots.here());
  }

  /** With the plugins that were on when a request began. */
  during(request: object): SnapshotView {
    return this.#of(this.host.snapshots.of(request));
  }

  /** Own values only: `constructor` is none. */
  emitConfig(name: string): unknown {
    return Object.hasOwn(this.options.config, name) ? this.options.config[name] : undefined;
  }

  emitEvent(name: string, ...args: readonly unknown[]): string {
    return joinEmitted(this.events?.emit(name, ...args));
  }

  /** What an operator should know, before the first page is asked for. */
  notices(): readonly Notice[] {
    const missing = (this.options.views.folders ?? []).filter((folder) => !existsSync(folder));
    const warnings = missing.map(
      (folder) => ({ level: 'warn', text: `The folder of views ${folder} does not exist.` }) as const,
    );
    try {
      return [...warnings, ...this.#of(this.host.snapshots.current).notices()];
    } catch (thrown) {
      return [...warnings, { level: 'warn', text: describeThrown(thrown) }];
    }
  }

  #loaded(): ViewEngine {
    this.#engine ??= loadEngine(this.options.views.engine);
    return this.#engine;
  }

  #templatesOf(candidate: Candidate): Map<string, TemplateSource> {
    const known = this.#templates.get(candidate) ?? new Map<string, TemplateSource>();
    this.#templates.set(candidate, known);
    return known;
  }

  #folders(): readonly string[] {
    return this.options.views.folders ?? baseViewsFolders(this.adapterHost.httpAdapter) ?? [path.resolve('views')];
  }

  #address(): unknown {
    const adapter = this.adapterHost.httpAdapter as AbstractHttpAdapter | undefined; // there is none without HTTP
    const server = adapter?.getHttpServer() as { address?: () => unknown } | undefined;
    return server?.address?.();
  }

  /** What a plugin that is off would do to a value is left out. Of one that was never imported nobody knows which filters it has. */
  #absentFilter(name: string): ViewFilter | undefined {
    const drafts = [...this.host.drafts];
    if (!drafts.some(([, { viewFilters }]) => viewFilters.has(name))) {
      const known = new Set(drafts.map(([candidate]) => candidate.name));
      const isAnyUnknown = this.registry.all().some((plugin) => plugin.state !== 'enabled' && !known.has(plugin.name));
      if (!isAnyUnknown) return undefined;
      this.#warnOnce(
        `A template uses the filter "${name}", which no enabled plugin has: the value stays as it is, since a plugin that is off may have it.`,
      );
    }
    return (value: unknown) => value;
  }

  #warnOnce(text: string): void {
    if (this.#told.has(text) || this.#told.size === MOST_WARNINGS) return;
    this.#told.add(text);
    this.#logger.warn(text);
  }
}
