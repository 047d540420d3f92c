import { buildModule } from '../extensions/build-module.js';
import type { ModuleDraft, ModuleImport } from '../extensions/module-draft.js';
import { isGoing, step, type Candidate } from '../loading/candidate.js';
import type { InstalledPlugin } from './installed-plugin.js';
import { refuseOwnKit } from './own-kit.js';
import type { OwnProviders } from './own-providers.js';
import { plain, reachableFrom, type ModuleDefinition } from './shared-imports.js';

/** What the modules of plugins are built from, and upon. */
export interface Foundations {
  readonly drafts: ReadonlyMap<Candidate, ModuleDraft>;
  readonly installed: ReadonlyMap<Candidate, InstalledPlugin>;
  readonly ownProviders: OwnProviders;
  readonly options: { readonly share: readonly ModuleImport[] };
}

/**
 * Builds the modules of plugins, each upon those that it depends on.
 * @param candidates in load order
 */
export async function buildModules(
  candidates: readonly Candidate[],
  { drafts, installed, ownProviders, options: { share } }: Foundations,
): Promise<InstalledPlugin[]> {
  const byName = new Map(
    [...installed.values()]
      .filter(({ candidate }) => isGoing(candidate))
      .map((plugin) => [plugin.candidate.name.toLowerCase(), plugin]),
  );
  const stops = new Set<ModuleDefinition>(share.flatMap(plain));
  const plugins: InstalledPlugin[] = [];
  for (const candidate of candidates) {
    const draft = drafts.get(candidate);
    if (!draft || !isGoing(candidate)) continue;
    await step(candidate, 'start', undefined, () => {
      const dependencies = Object.keys(candidate.metadata.dependsOn ?? {}).flatMap(
        (name) => byName.get(name.toLowerCase())?.built.root ?? [],
      );
      const built = buildModule(candidate.name, draft, [...share, ...dependencies]);
      const definitions = [built.root, ...reachableFrom(built.root, stops)];
      refuseOwnKit(candidate, definitions);
      for (const each of definitions) ownProviders.claim('module' in each ? each.module : each, candidate);
      const plugin = { candidate, draft, built };
      byName.set(candidate.name.toLowerCase(), plugin);
      plugins.push(plugin);
      return Promise.resolve();
    });
  }
  return plugins;
}
