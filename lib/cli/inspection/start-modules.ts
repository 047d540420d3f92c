import { Module } from '@nestjs/common';

import { overridingFactory } from '../../host/overriding-factory.js';
import { PluginError } from '../../plugin/plugin-error.js';
import { PluginKitModule } from '../../plugin-kit.module.js';
import { PluginRegistry, STATE_STORE } from '../../registry/plugin.registry.js';
import type { StateStore } from '../../state/state-store.js';
import type { InspectionOrder } from './inspection.js';

/**
 * Starts the plugins that were fine so far in an application that has nothing but them, and never listens.
 * @returns by folder, why a plugin's module did not start
 */
export async function startModules(
  { directories, folders, packages, typescript, timeout, hostVersion }: InspectionOrder,
  states: StateStore,
): Promise<Map<string, PluginError>> {
  class DoctorModule {}
  Module({
    imports: [
      PluginKitModule.forRoot({
        directories,
        folders,
        packages,
        typescript,
        timeout,
        live: false,
        watch: false,
        ...(hostVersion !== undefined && { hostVersion }),
        onFailure: 'isolate',
      }),
    ],
  })(DoctorModule);
  const factory = overridingFactory(new Map([[STATE_STORE, { useValue: states }]]));
  const app = await factory.create(DoctorModule, { logger: false, abortOnError: false });
  await app.init();
  const plugins = app.get(PluginRegistry).all();
  return new Map(
    plugins.flatMap((plugin) =>
      plugin.state === 'failed' && plugin.folder !== undefined ? [[plugin.folder, plugin.error]] : [],
    ),
  );
}

/** What a plugin lacks that the application around it, which is not here, may give: nothing where it failed for another reason. */
export function missingFromApplication({ cause }: PluginError): string | undefined {
  if (cause instanceof PluginError) return missingFromApplication(cause);
  if (!(cause instanceof Error) || cause.constructor.name !== 'UnknownDependenciesException') return undefined;
  return /argument (.+?) at index/.exec(cause.message)?.[1] ?? 'a provider';
}
