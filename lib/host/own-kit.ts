import 'reflect-metadata';

import { errorOf, type Candidate } from '../loading/candidate.js';
import type { ModuleDefinition } from './shared-imports.js';

/** The mark on PluginKitModule: a plugin that imports it would load the plugins again, itself among them. */
export const KIT_MARK = Symbol('nestjs-pluginkit:kit');

/** @throws PluginError EXTENSION_INVALID when PluginKitModule is among what a plugin imports */
export function refuseOwnKit(candidate: Candidate, definitions: Iterable<ModuleDefinition>): void {
  for (const definition of definitions)
    if (Reflect.hasOwnMetadata(KIT_MARK, 'module' in definition ? definition.module : definition))
      throw errorOf(candidate, 'EXTENSION_INVALID', {
        detail: 'it imports PluginKitModule, which only the application does',
        hint: 'Take it out: PluginRegistry can be injected without.',
        field: 'imports',
      });
}
