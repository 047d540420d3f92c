import type { BuiltModule } from '../extensions/build-module.js';
import type { ModuleDraft } from '../extensions/module-draft.js';
import { errorOf, type Candidate } from '../loading/candidate.js';
import type { PluginErrorCode, PluginErrorDetails } from '../plugin/plugin-error.js';
import type { NestModule } from './nest-internals.js';

/** A plugin and its Nest module. */
export interface InstalledPlugin {
  readonly candidate: Candidate;
  readonly draft: ModuleDraft;
  readonly built: BuiltModule;
}

/** A module in the container, and whose it is: the one of a plugin, or one that plugins import. */
export interface ModuleUnit {
  /** Whom it belongs to; plugins that are loaded or taken out while the application runs come and go. */
  readonly candidates: Candidate[];
  readonly module: NestModule;
  /** Units that must have started before. */
  readonly after: readonly ModuleUnit[];
}

/** The plugin to which a module belongs alone; none for one that several import. */
export function soleOwnerOf({ candidates: [owner, ...others] }: ModuleUnit): Candidate | undefined {
  return others.length === 0 ? owner : undefined;
}

/** The modules that belong to one plugin alone. */
export function unitsByOwner(units: readonly ModuleUnit[]): Map<Candidate, ModuleUnit[]> {
  const own = new Map<Candidate, ModuleUnit[]>();
  for (const unit of units) {
    const owner = soleOwnerOf(unit);
    if (!owner) continue;
    const known = own.get(owner);
    if (known) known.push(unit);
    else own.set(owner, [unit]);
  }
  return own;
}

/** Fails all to whom a unit belongs, but for those that have failed before: the first fault is the one to tell. */
export function failUnit(
  { candidates }: ModuleUnit,
  code: PluginErrorCode,
  details: Omit<PluginErrorDetails, 'plugin'>,
): void {
  for (const candidate of candidates) candidate.error ??= errorOf(candidate, code, details);
}
