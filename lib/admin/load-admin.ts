import type { LazyModuleLoader, ModulesContainer } from '@nestjs/core';

import type { PluginHost } from '../host/plugin-host.js';
import { LIBRARY_VERSION } from '../loading/check-compatibility.js';
import { adminModule } from './admin.module.js';
import type { AdminOptions, ResolvedAdmin } from './admin.options.js';

/**
 * Loads the admin while Nest instantiates providers: only then is it known whether there is one, when the options come
 * from a factory.
 */
export async function loadAdmin(
  loader: LazyModuleLoader,
  modules: ModulesContainer,
  host: PluginHost,
  options: {
    readonly admin: false | ResolvedAdmin;
    readonly share: NonNullable<AdminOptions['imports']>;
    readonly hostVersion?: string;
  },
): Promise<void> {
  const { admin, share, hostVersion } = options;
  if (!admin) return;
  const versions = {
    'nestjs-pluginkit': LIBRARY_VERSION,
    node: process.versions.node,
    ...(hostVersion !== undefined && { host: hostVersion }),
  };
  const { applicationId } = modules;
  await loader.load(() => adminModule({ options: admin, share, host, versions, applicationId }));
}
