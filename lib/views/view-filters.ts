import type { Notice } from '../discovery/plugin-source.js';
import type { ViewFilter } from '../extensions/view-filters.extension.js';
import type { Contributor } from '../host/collect.js';
import { describeThrown } from '../plugin/printable.js';

/** The filters that templates can use, and what is to be told of those that they cannot. */
export interface ClaimedFilters {
  readonly filters: ReadonlyMap<string, ViewFilter>;
  readonly notices: readonly Notice[];
}

/** Gives each name of a filter to one owner: the engine, the application, then plugins in load order. */
export function claimFilters(
  plugins: readonly Contributor[],
  ofEngine: readonly string[],
  ofApplication: Readonly<Record<string, ViewFilter>>,
): ClaimedFilters {
  const filters = new Map<string, ViewFilter>(Object.entries(ofApplication));
  const owners = new Map<string, string>([
    ...[...filters.keys()].map((name) => [name, 'the application'] as const),
    ...ofEngine.map((name) => [name, 'the template engine'] as const),
  ]);
  const notices: Notice[] = [];
  for (const { candidate, draft } of plugins)
    for (const [name, filter] of draft.viewFilters) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        const text = `The view filter "${name}" of the plugin "${candidate.name}" is not used: ${owner} has one of that name. Rename it.`;
        notices.push({ level: 'warn', text });
        continue;
      }
      owners.set(name, `the plugin "${candidate.name}"`);
      filters.set(name, namingItsPlugin(candidate.name, name, filter));
    }
  return { filters, notices };
}

/** What a filter throws ends the page, since what it would have changed may not be fit to be shown; the message tells whose it is. */
function namingItsPlugin(plugin: string, name: string, filter: ViewFilter): ViewFilter {
  return (...args) => {
    try {
      return filter(...args);
    } catch (cause) {
      throw new Error(`the view filter "${name}" of the plugin "${plugin}" failed: ${describeThrown(cause)}`, {
        cause,
      });
    }
  };
}
