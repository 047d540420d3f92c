import { Injectable } from '@nestjs/common';

import type { PluginErrorCode } from '../plugin/plugin-error.js';
import type { Plugin } from '../plugin/plugin.js';
import { PluginRegistry } from '../registry/plugin.registry.js';
import type { HealthOfPlugins } from './api.js';

/**
 * Tells @nestjs/terminus how the plugins are: `down` as long as one of them has failed.
 *
 * @example
 * health.check([() => plugins.isHealthy('pluginkit')])
 */
@Injectable()
export class PluginKitHealthIndicator {
  constructor(private readonly registry: PluginRegistry) {}

  /** @param failed what a failed plugin means: the application runs without it, so `degraded` suits probes that restart it */
  isHealthy<Key extends string>(
    key: Key,
    { failed = 'down' }: { failed?: 'down' | 'degraded' } = {},
  ): Record<Key, HealthOfPlugins> {
    const plugins = this.registry.all();
    const count = (state: Plugin['state']): number => plugins.filter((plugin) => plugin.state === state).length;
    const failures = plugins.flatMap((plugin): [string, PluginErrorCode][] =>
      plugin.state === 'failed' ? [[plugin.name, plugin.error.code]] : [],
    );
    const health: HealthOfPlugins = {
      status: failures.length === 0 ? 'up' : failed,
      enabled: count('enabled'),
      disabled: count('disabled'),
      failed: failures.length,
      ...(failures.length > 0 && { failures: Object.fromEntries(failures) }),
    };
    return { [key]: health } as Record<Key, HealthOfPlugins>; // TypeScript widens computed keys
  }
}
