import { Inject, Module, type CanActivate, type DynamicModule, type NestModule, type Type } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import 'reflect-metadata';

import { answerEarlyErrors, wildcardOf } from '../host/early-errors.js';
import { modulePathKey } from '../host/module-paths.js';
import type { PluginHost } from '../host/plugin-host.js';
import { RouteTable } from '../host/route-table.js';
import { PluginRegistry } from '../registry/plugin.registry.js';
import { ReloadService } from '../reload/reload.service.js';
import { AdminErrorsFilter } from './admin-errors.filter.js';
import { AdminEventStream } from './admin-event-stream.js';
import { AdminPage } from './admin-page.js';
import { answerAllBelow, restController } from './admin-rest.controller.js';
import { ADMIN_GUARDS, ADMIN_OPTIONS, AdminGuard } from './admin.guard.js';
import type { AdminOptions, ResolvedAdmin } from './admin.options.js';
import { Answers } from './answers.js';
import type { PluginList } from './api.js';
import { AuditFile } from './audit-file.js';
import { AuditTrail } from './audit-trail.js';
import { servePageAssets } from './page-assets.js';
import { PluginAdminController } from './plugin-admin.controller.js';
import { PluginChanges } from './plugin-changes.js';
import { ADMIN_VERSIONS, PluginPages } from './plugin-pages.js';
import { Throttle } from './throttle.js';

const REST_CONTROLLER = Symbol('nestjs-pluginkit:admin-rest');

/** The admin, which is part of the application only where that asks for it. */
@Module({ providers: [Answers, AdminPage, AuditTrail, AdminEventStream, AdminErrorsFilter, PluginChanges] })
class AdminModule implements NestModule {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly adapterHost: HttpAdapterHost,
    private readonly config: ApplicationConfig,
    private readonly errors: AdminErrorsFilter,
    @Inject(REST_CONTROLLER) private readonly rest: Type,
  ) {}

  /** Is called by Nest when the prefix is known and no route is registered. */
  configure(): void {
    const module = [...this.modules.values()].find(({ metatype }) => metatype === AdminModule);
    if (!module) return;
    answerAllBelow(this.rest, wildcardOf(this.adapterHost.httpAdapter));
    const table = new RouteTable(this.config, this.adapterHost, this.modules.applicationId);
    const bases = table.routesOf(module).flatMap(({ reserves }) => reserves ?? []);
    for (const base of new Set(bases)) {
      servePageAssets(this.adapterHost, this.config, base);
      answerEarlyErrors(this.adapterHost.httpAdapter, base, (error, request, response) =>
        this.errors.answer(error, request, response),
      );
    }
  }
}

/** What the admin needs of the application around it. */
export interface AdminSurroundings {
  readonly options: ResolvedAdmin;
  readonly share: NonNullable<AdminOptions['imports']>;
  readonly host: PluginHost;
  readonly versions: PluginList['versions'];
  readonly applicationId: string;
}

/** Puts the admin's module together, which lies below the path that the application chose. */
export function adminModule({ options, share, host, versions, applicationId }: AdminSurroundings): DynamicModule {
  const rest = restController();
  const classes = options.guards.filter((guard) => typeof guard === 'function');
  Reflect.defineMetadata(modulePathKey(applicationId), `/${options.path}`, AdminModule);
  return {
    module: AdminModule,
    controllers: [PluginAdminController, rest],
    imports: [...share, ...options.imports],
    providers: [
      ...classes,
      { provide: ADMIN_OPTIONS, useValue: options },
      { provide: REST_CONTROLLER, useValue: rest },
      {
        provide: ADMIN_GUARDS,
        inject: classes,
        useFactory: (...made: CanActivate[]): CanActivate[] => inOrder(options.guards, classes, made),
      },
      AdminGuard,
      { provide: Throttle, useFactory: (): Throttle => new Throttle(options.throttle) },
      { provide: AuditFile, useFactory: (): AuditFile => new AuditFile(options.audit) },
      { provide: ADMIN_VERSIONS, useValue: versions },
      {
        provide: PluginPages,
        inject: [PluginRegistry, ReloadService, AuditTrail],
        useFactory: (registry: PluginRegistry, reloads: ReloadService, trail: AuditTrail): PluginPages =>
          new PluginPages(registry, reloads, trail, host, versions),
      },
    ],
  };
}

function inOrder(
  guards: ResolvedAdmin['guards'],
  classes: readonly Type<CanActivate>[],
  made: readonly CanActivate[],
): CanActivate[] {
  return guards.flatMap((guard) => (typeof guard === 'function' ? (made[classes.indexOf(guard)] ?? []) : [guard]));
}
