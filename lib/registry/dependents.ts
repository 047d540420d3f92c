import type { Plugin } from '../plugin/plugin.js';

/** The plugins that depend on one, directly or not, each before those that it depends on itself: the order to disable them in. */
export function dependentsOf(name: string, plugins: readonly Plugin[]): Plugin[] {
  const found = new Set<Plugin>();
  const visit = (key: string): void => {
    for (const plugin of plugins) {
      if (found.has(plugin) || !dependsOn(plugin, key)) continue;
      visit(plugin.name.toLowerCase());
      found.add(plugin);
    }
  };
  visit(name.toLowerCase());
  return [...found];
}

/** The plugins that one depends on, directly or not, each behind those that it depends on itself: the order to enable them in. */
export function dependenciesOf(plugin: Plugin, plugins: readonly Plugin[]): Plugin[] {
  const found = new Set<Plugin>();
  const visit = (from: Plugin, way: readonly Plugin[]): void => {
    for (const name of Object.keys(from.metadata.dependsOn ?? {})) {
      const next = plugins.find((each) => each.name.toLowerCase() === name.toLowerCase());
      if (!next || found.has(next) || way.includes(next)) continue;
      visit(next, [...way, next]);
      found.add(next);
    }
  };
  visit(plugin, [plugin]);
  return [...found];
}

function dependsOn(plugin: Plugin, key: string): boolean {
  return Object.keys(plugin.metadata.dependsOn ?? {}).some((name) => name.toLowerCase() === key);
}
