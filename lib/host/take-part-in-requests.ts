import { Logger } from '@nestjs/common';
import type { AbstractHttpAdapter, ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { RouterExceptionFilters } from '@nestjs/core/router/router-exception-filters.js';

import type { Contributor } from './collect.js';
import { takePartInErrors } from './exception-layer.js';
import { resultSender } from './handler-results.js';
import type { MatchedRoutes } from './matched-routes.js';
import { RequestGate } from './request-gate.js';
import { RequestLifecycle } from './request-lifecycle.js';
import { requestPointsOf, type RequestPoints } from './request-points.js';
import type { Snapshot, Snapshots } from './snapshots.js';

/** What the host has that hooks and error handlers need. */
export interface RequestParts {
  readonly adapter: AbstractHttpAdapter;
  readonly modules: ModulesContainer;
  readonly config: ApplicationConfig;
  readonly snapshots: Snapshots;
  readonly routes: MatchedRoutes;
  readonly timeout: number;
  collected<T>(collect: (plugins: readonly Contributor[]) => T): (snapshot: Snapshot) => T;
}

/** Has the hooks and error handlers of plugins take part in requests, whenever a plugin that has some is on. */
export class RequestParticipation {
  readonly #logger = new Logger('PluginKit');
  readonly #pointsOf: (snapshot: Snapshot) => RequestPoints;
  readonly #told = new Set<string>();
  #gate: RequestGate | undefined;

  constructor(private readonly parts: RequestParts) {
    this.#pointsOf = parts.collected(requestPointsOf);
    this.#follow(parts.snapshots.current);
    parts.snapshots.onChange((snapshot) => this.#follow(snapshot));
  }

  /** Errors that two plugins handle. */
  clashes(snapshot: Snapshot): readonly string[] {
    return this.#pointsOf(snapshot).clashes;
  }

  /** From now on clashes are logged when they come up; those that are there have been reported. */
  tellClashes(): void {
    for (const clash of this.clashes(this.parts.snapshots.current)) this.#told.add(clash);
    this.parts.snapshots.onChange((snapshot) => {
      for (const clash of this.clashes(snapshot).filter((each) => !this.#told.has(each))) {
        this.#told.add(clash);
        this.#logger.warn(clash);
      }
    });
  }

  #follow(snapshot: Snapshot): void {
    const { isEmpty } = this.#pointsOf(snapshot);
    if (!isEmpty) this.#gate ??= this.#makeGate();
    this.#gate?.open(!isEmpty);
  }

  #makeGate(): RequestGate {
    const { adapter, modules, config, snapshots, routes, timeout } = this.parts;
    // Filters of the application; nothing else is looked for in the container.
    const filters = new RouterExceptionFilters({ getModules: () => modules } as never, config, adapter);
    const lifecycle = new RequestLifecycle({
      adapter,
      snapshots,
      routes,
      timeout,
      pointsOf: this.#pointsOf,
      send: resultSender(adapter),
      raise: (error, request, response) => {
        const callback = (): void => undefined;
        filters
          .create({}, callback, undefined)
          .next(error as Error, new ExecutionContextHost([request, response, callback]));
      },
    });
    takePartInErrors(adapter, lifecycle);
    return new RequestGate(adapter, lifecycle);
  }
}
