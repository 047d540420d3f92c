import { createRequire } from 'node:module';
import path from 'node:path';

import type { INestApplication, InjectionToken } from '@nestjs/common';
import type supertest from 'supertest';

import { PluginRegistry } from '../registry/plugin.registry.js';
import type { StateChange } from '../registry/state-change.js';
import { PluginView } from '../views/plugin-view.js';

/** A running application with plugins, and what a test asks of it. */
export class PluginApp implements AsyncDisposable {
  /** Who is here and in which state. */
  readonly registry: PluginRegistry;

  constructor(
    /** The application, listening on a free port of 127.0.0.1. */
    readonly app: INestApplication,
    /** Its address, without a slash at the end. */
    readonly url: string,
  ) {
    this.registry = app.get(PluginRegistry);
  }

  /** An agent of supertest, which must be installed. */
  request(): supertest.Agent;
  /** Fetches a path of the application. */
  request(path: string, init?: RequestInit): Promise<Response>;
  request(place?: string, init?: RequestInit): supertest.Agent | Promise<Response> {
    return place === undefined ? agentOf(this.url) : fetch(new URL(place, `${this.url}/`), init);
  }

  /** What pages show of plugins. */
  get view(): PluginView {
    return this.app.get(PluginView);
  }

  /** Switches a plugin on; no marker file is written. */
  enable(name: string, options?: { cascade?: boolean }): Promise<StateChange> {
    return this.registry.enable(name, options);
  }

  /** Switches a plugin off; no marker file is written. */
  disable(name: string, options?: { cascade?: boolean }): Promise<StateChange> {
    return this.registry.disable(name, options);
  }

  /** A provider of the application or of a plugin. */
  get<T>(token: InjectionToken<T>): T {
    return this.app.get<T>(token, { strict: false });
  }

  /** Ends the application; more than once does no harm. */
  async close(): Promise<void> {
    this.#closed ??= this.app.close();
    await this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #closed: Promise<void> | undefined;
}

/** From where the tests run, then from where this library lies. */
function agentOf(url: string): supertest.Agent {
  for (const base of [path.resolve('package.json'), import.meta.url]) {
    try {
      return (createRequire(base)('supertest') as typeof supertest)(url);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error;
    }
  }
  throw new Error(
    'request() without a path needs supertest: npm install --save-dev supertest. request("/path") does without it.',
  );
}
