import { Inject, Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { httpServersOf } from '../host/http-servers.js';
import type { BootReport } from '../registry/boot-report.js';
import { HttpTraffic } from './http-traffic.js';
import { RELOAD_OPTIONS, type ReloadOptions } from './reload-options.js';
import { findSupervisor, type BootedPlugins, type SupervisorLink } from './supervisor-link.js';
import { listenAfter, untilHealthy } from './worker-health.js';

/** The application as a worker of `pluginkit serve`: tells how its start went, and drains when it is to leave. */
@Injectable()
export class SupervisedApp {
  readonly #logger = new Logger('PluginKit');
  readonly #supervisor = findSupervisor();

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(RELOAD_OPTIONS) private readonly options: ReloadOptions,
  ) {}

  /**
   * Tells the supervisor what has come of the plugins. Where that ends the reload, it ends this process as well, before it listens.
   * @param directories the plugin directories, as absolute paths
   */
  async mayListen(report: BootReport, directories: readonly string[]): Promise<void> {
    const supervisor = this.#supervisor;
    if (!supervisor) return;
    await supervisor.booted(bootedPlugins(report, directories));
    const servers = httpServersOf(this.adapterHost.httpAdapter);
    const traffic = new HttpTraffic();
    for (const server of servers) traffic.watch(server);
    this.#drainWhenAsked(supervisor, traffic);
    const { health } = this.options;
    const healthy = health && ((): Promise<void> => untilHealthy(health, (reason) => supervisor.unfit?.(reason)));
    if (servers.length === 0) void (healthy?.() ?? Promise.resolve()).then(() => supervisor.ready());
    if (healthy) for (const server of servers) listenAfter(server, healthy);
    this.adapterHost.listen$.subscribe(() => {
      for (const server of httpServersOf(this.adapterHost.httpAdapter)) traffic.watch(server);
      supervisor.ready();
    });
  }

  #drainWhenAsked(supervisor: SupervisorLink, traffic: HttpTraffic): void {
    supervisor.onDrain(async (reason, limit) => {
      const cut = await traffic.drain(reason, limit);
      if (cut.length > 0) this.#logger.warn(`Cut after ${limit} ms of draining: ${cut.join(', ')}`);
      return cut;
    });
  }
}

function bootedPlugins({ plugins }: BootReport, directories: readonly string[]): BootedPlugins {
  return {
    failed: plugins.flatMap(({ name, error }) => {
      if (!error) return [];
      const { code, message, hint } = error;
      return [{ plugin: name, code, message, hint }];
    }),
    watched: [
      ...directories,
      ...plugins.flatMap(({ origin, folder }) => (origin === 'package' && folder ? folder : [])),
    ],
  };
}
