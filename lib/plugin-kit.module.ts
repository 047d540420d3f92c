import {
  ConfigurableModuleBuilder,
  Global,
  Module,
  SetMetadata,
  type DynamicModule,
  type NestModule,
} from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, LazyModuleLoader, ModulesContainer } from '@nestjs/core';

import { loadAdmin } from './admin/load-admin.js';
import { PluginKitHealthIndicator } from './admin/plugin-kit.health.js';
import { connectEvents } from './events/connect-events.js';
import { EventListeners } from './events/event-listeners.js';
import { PluginEvents } from './events/plugin-events.js';
import { PluginEventsModule } from './events/plugin-events.module.js';
import { keepTickShape } from './host/keep-tick-shape.js';
import { KIT_MARK } from './host/own-kit.js';
import { PluginHost, type HostOptions } from './host/plugin-host.js';
import { PluginBoot } from './plugin-kit.boot.js';
import { RESOLVED_OPTIONS, resolveOptions, type PluginKitOptions, type ResolvedOptions } from './plugin-kit.options.js';
import { PluginRegistry, STATE_STORE } from './registry/plugin.registry.js';
import { RELOAD_OPTIONS, type ReloadOptions } from './reload/reload-options.js';
import { ReloadService } from './reload/reload.service.js';
import { SupervisedApp } from './reload/supervised-app.js';
import { BootJournal } from './state/boot-journal.js';
import { journalPlaces } from './state/journal-places.js';
import { MarkerFiles } from './state/marker-files.js';
import { Pages, VIEW_EVENTS } from './views/pages.js';
import { PluginView } from './views/plugin-view.js';
import { VIEW_OPTIONS } from './views/view-options.js';

keepTickShape();

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<PluginKitOptions>({
  moduleName: 'PluginKit',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createPluginKitOptions')
  .build();

/** The application's own admin is loaded before the plugins, so that none of them takes its paths. */
const ADMIN_LOADED = Symbol('nestjs-pluginkit:admin-loaded');

/** Nobody else may inject it: what a plugin needs must not wait for the plugins. */
const LOADED = Symbol('nestjs-pluginkit:loaded');

/**
 * Makes an application extensible by plugins: import it in the root module.
 *
 * @example
 * PluginKitModule.forRoot({ directories: ['plugins'], share: [UsersModule] })
 * PluginKitModule.forRootAsync({ inject: [ConfigService], useFactory: (config) => ({ directories: [config.get('PLUGINS')] }) })
 */
@SetMetadata(KIT_MARK, true)
@Global()
@Module({
  imports: [PluginEventsModule],
  providers: [
    { provide: RESOLVED_OPTIONS, inject: [MODULE_OPTIONS_TOKEN], useFactory: resolveOptions },
    { provide: STATE_STORE, useClass: MarkerFiles },
    {
      provide: PluginHost,
      inject: [LazyModuleLoader, ModulesContainer, HttpAdapterHost, ApplicationConfig, RESOLVED_OPTIONS],
      useFactory: (
        loader: LazyModuleLoader,
        modules: ModulesContainer,
        adapterHost: HttpAdapterHost,
        config: ApplicationConfig,
        options: HostOptions,
      ): PluginHost => new PluginHost(loader, modules, adapterHost, config, options),
    },
    {
      provide: BootJournal,
      inject: [RESOLVED_OPTIONS],
      useFactory: ({ journal, directories }: ResolvedOptions): BootJournal =>
        new BootJournal(journalPlaces(journal, directories)),
    },
    PluginRegistry,
    PluginBoot,
    {
      provide: RELOAD_OPTIONS,
      inject: [RESOLVED_OPTIONS],
      useFactory: ({ reload }: ResolvedOptions): ReloadOptions => reload,
    },
    ReloadService,
    SupervisedApp,
    { provide: VIEW_OPTIONS, useExisting: RESOLVED_OPTIONS },
    Pages,
    PluginView,
    { provide: VIEW_EVENTS, useExisting: PluginEvents },
    PluginKitHealthIndicator,
    {
      provide: ADMIN_LOADED,
      inject: [LazyModuleLoader, ModulesContainer, PluginHost, RESOLVED_OPTIONS],
      useFactory: (
        loader: LazyModuleLoader,
        modules: ModulesContainer,
        host: PluginHost,
        options: ResolvedOptions,
      ): Promise<void> => loadAdmin(loader, modules, host, options),
    },
    {
      provide: LOADED,
      inject: [PluginBoot, PluginHost, EventListeners, ADMIN_LOADED],
      useFactory: (boot: PluginBoot, host: PluginHost, listeners: EventListeners): Promise<void> => {
        connectEvents(host, listeners);
        return boot.load();
      },
    },
  ],
  exports: [PluginRegistry, ReloadService, PluginView, PluginEventsModule, PluginKitHealthIndicator],
})
export class PluginKitModule extends ConfigurableModuleClass implements NestModule {
  constructor(
    private readonly boot: PluginBoot,
    private readonly pages: Pages,
  ) {
    super();
  }

  /** Takes the options as they are. */
  static override forRoot(options: PluginKitOptions = {}): DynamicModule {
    return super.forRoot(options);
  }

  /** Is called by Nest when all modules are there and no route is. */
  configure(): void {
    this.boot.settleRoutes();
    this.pages.mount();
  }
}
