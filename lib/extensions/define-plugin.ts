import type { PluginDefinition } from '../plugin/plugin-definition.js';
import type { Contributions } from './extension-points.js';

/** A plugin as its author writes it; what it leaves out is taken from its package.json. */
export interface AuthoredPlugin extends PluginDefinition {
  /** Returns what the plugin adds to the application; is called once, while the application starts. */
  register(): Contributions | Promise<Contributions>;
}

/**
 * Gives a plugin its types; returns it as it is.
 *
 * @example
 * export default definePlugin({
 *   name: 'hello', author: 'Ada', version: '1.0.0',
 *   register: () => ({ controllers: [HelloController] }),
 * });
 */
export function definePlugin(plugin: AuthoredPlugin): AuthoredPlugin {
  return plugin;
}
