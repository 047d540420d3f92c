import { RequestMethod } from '@nestjs/common';

import type { PluginHost } from '../host/plugin-host.js';
import type { PluginRegistry } from '../registry/plugin.registry.js';
import type { ReloadService } from '../reload/reload.service.js';
import type { AdminPluginDetail, AdminRoute, PluginList } from './api.js';
import type { AuditTrail } from './audit-trail.js';
import { principalOf, type AdminRequest } from './guards/client.js';
import { readText } from './plugin-texts.js';
import { PluginView } from './plugin-view.js';

/** The injection token of the versions of what runs here. */
export const ADMIN_VERSIONS = Symbol('nestjs-pluginkit:admin-versions');

/** How many entries of the audit stand with a plugin. */
const NEWEST = 20;

/** Puts together what clients read about the plugins. */
export class PluginPages {
  readonly #startedAt = new Date(Date.now() - process.uptime() * 1000).toISOString();

  constructor(
    private readonly registry: PluginRegistry,
    private readonly reloads: ReloadService,
    private readonly trail: AuditTrail,
    private readonly host: PluginHost,
    private readonly versions: PluginList['versions'],
  ) {}

  list(request: AdminRequest): PluginList {
    const view = new PluginView(this.registry);
    const { enabled, disabled, failed, milliseconds, notices } = this.registry.report();
    const { last, reason, hint, ...status } = this.reloads.status();
    const user = principalOf(request);
    return {
      plugins: view.all(),
      enabled,
      disabled,
      failed,
      boot: {
        milliseconds: { ...milliseconds },
        notices: notices.map(({ level, text }) => ({ level, text: view.withoutPaths(text) })),
        at: this.#startedAt,
      },
      reload: {
        ...status,
        ...(reason !== undefined && { reason: view.withoutPaths(reason) }),
        ...(hint !== undefined && { hint: view.withoutPaths(hint) }),
        ...(last && { last: { ...last, at: last.at.toISOString() } }),
      },
      ...(user !== undefined && { user }),
      versions: this.versions,
    };
  }

  /** @throws PluginError NOT_FOUND */
  async one(name: string): Promise<AdminPluginDetail> {
    const plugin = this.registry.get(name);
    const [readme, licenseText, audit] = await Promise.all([
      readText(plugin, 'readmeFile'),
      readText(plugin, 'licenseFile'),
      this.trail.page({ limit: NEWEST, plugin: plugin.name }),
    ]);
    return {
      ...new PluginView(this.registry).of(plugin),
      routes: this.#routesOf(plugin.name),
      ...(readme && { readme }),
      ...(licenseText && { licenseText }),
      engines: Object.fromEntries(Object.entries(plugin.metadata.engines ?? {}) as [string, string][]),
      audit: audit.entries,
    };
  }

  #routesOf(name: string): AdminRoute[] {
    const candidate = [...this.host.snapshots.current].find((each) => each.name === name);
    const routes = candidate && this.host.claims?.of(candidate);
    return (routes ?? []).map(({ method, path, versions }) => ({
      method: RequestMethod[method],
      path,
      ...(versions && { versions: [...versions] }),
    }));
  }
}
