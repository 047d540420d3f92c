import type { Server } from 'node:http';

import { Module, type INestApplication, type LoggerService, type LogLevel, type ModuleMetadata } from '@nestjs/common';
import 'reflect-metadata';

import { overridingFactory, type Replacement } from '../host/overriding-factory.js';
import { PluginKitModule } from '../plugin-kit.module.js';
import type { PluginKitOptions } from '../plugin-kit.options.js';
import { STATE_STORE } from '../registry/plugin.registry.js';
import { PluginApp } from './plugin-app.js';
import { PluginAppBuilder, type ProviderOverride } from './plugin-app.builder.js';
import { sortPlugins, type TestedPlugin } from './tested-plugin.js';
import { StatesInMemory } from './states-in-memory.js';

export type { PluginApp, PluginAppBuilder, ProviderOverride, TestedPlugin };

/** What a test wants; options of `PluginKitModule` besides. Everything has a default. */
export interface PluginAppOptions extends Omit<PluginKitOptions, 'plugins' | 'folders'> {
  /** The plugins under test: each a folder (relative to the working directory, or a file: URL) or a definition. @default [] */
  plugins?: readonly TestedPlugin[];
  /** Folders whose sub-folders are plugins. @default [] */
  directories?: readonly string[];
  /** Modules of the application around them. @default [] */
  imports?: NonNullable<ModuleMetadata['imports']>;
  /** Providers of the application around them. @default [] */
  providers?: NonNullable<ModuleMetadata['providers']>;
  /** Controllers of the application around them. @default [] */
  controllers?: NonNullable<ModuleMetadata['controllers']>;
  /** The platform; its package must be installed. @default 'express' */
  platform?: 'express' | 'fastify';
  /** Where the application logs to. @default false */
  logger?: false | LoggerService | LogLevel[];
  /** A plugin that fails ends the test, as long as it says nothing else. @default 'throw' */
  onFailure?: 'isolate' | 'throw';
  /** Is called before the application starts: the place for a global prefix, pipes and the like. */
  prepare?: (app: INestApplication) => void | Promise<void>;
}

/**
 * Starts an application with plugins on a free port.
 * @throws AggregateError with every plugin that failed, unless `onFailure` is 'isolate'
 *
 * @example
 * const app = await createPluginApp({ plugins: ['.'] });
 * const other = await createPluginApp({ plugins: ['.'] }).overrideProvider(Clock).useValue(frozenClock);
 */
export function createPluginApp(options: PluginAppOptions = {}): PluginAppBuilder {
  return new PluginAppBuilder((overrides) => start(options, overrides));
}

async function start(options: PluginAppOptions, overrides: ReadonlyMap<unknown, Replacement>): Promise<PluginApp> {
  const { imports, providers, controllers, platform, logger, prepare, plugins, ...kit } = options;
  class TestAppModule {}
  Module({
    imports: [
      PluginKitModule.forRoot({
        directories: [],
        onFailure: 'throw',
        typescript: true,
        live: true,
        watch: false,
        ...kit,
        ...sortPlugins(plugins),
      }),
      ...(imports ?? []),
    ],
    providers: providers ?? [],
    controllers: controllers ?? [],
  })(TestAppModule);

  const factory = overridingFactory(new Map([[STATE_STORE, { useValue: new StatesInMemory() }], ...overrides]));
  const nest = { logger: logger ?? false, abortOnError: false } as const;
  const app = await (platform === 'fastify'
    ? factory.create(TestAppModule, new (await import('@nestjs/platform-fastify')).FastifyAdapter(), nest)
    : factory.create(TestAppModule, nest));
  try {
    await prepare?.(app);
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close().catch(() => undefined); // what went wrong first is what there is to tell
    throw error;
  }
  keepsNobodyAlive(app.getHttpServer() as Server);
  return new PluginApp(app, await app.getUrl());
}

/** A test that forgets `close()` ends all the same. */
function keepsNobodyAlive(server: Server): void {
  server.unref();
  server.on('connection', (socket) => void socket.unref());
}
