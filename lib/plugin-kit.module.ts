import {
  ConfigurableModuleBuilder,
  Global,
  Module,
  SetMetadata,
  type DynamicModule,
  type NestModule,
} from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, LazyModuleLoader, ModulesContainer } from '@nestjs/core';

import { KIT_MARK } from './host/own-kit.js';
import { PluginHost, type HostOptions } from './host/plugin-host.js';
import { PluginBoot } from './plugin-kit.boot.js';
import { RESOLVED_OPTIONS, resolveOptions, type PluginKitOptions, type ResolvedOptions } from './plugin-kit.options.js';
import { PluginRegistry, STATE_STORE } from './registry/plugin.registry.js';
import { ReloadService } from './reload/reload.service.js';
import { BootJournal } from './state/boot-journal.js';
import { journalPlaces } from './state/journal-places.js';
import { MarkerFiles } from './state/marker-files.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<PluginKitOptions>({
  moduleName: 'PluginKit',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createPluginKitOptions')
  .build();

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
    ReloadService,
    { provide: LOADED, inject: [PluginBoot], useFactory: (boot: PluginBoot): Promise<void> => boot.load() },
  ],
  exports: [PluginRegistry, ReloadService],
})
export class PluginKitModule extends ConfigurableModuleClass implements NestModule {
  constructor(private readonly boot: PluginBoot) {
    super();
  }

  /** Takes the options as they are. */
  static override forRoot(options: PluginKitOptions = {}): DynamicModule {
    return super.forRoot(options);
  }

  /** Is called by Nest when all modules are there and no route is. */
  configure(): void {
    this.boot.settleRoutes();
  }
}
