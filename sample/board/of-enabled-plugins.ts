import type { PluginRegistry } from 'nestjs-pluginkit';

/** Something that a plugin hands to the board while the application runs; it names its plugin. */
export interface FromPlugin {
  readonly plugin: string;
}

/** Keeps what plugins hand in, in that order, and shows only what belongs to plugins that are enabled now. */
export class OfEnabledPlugins<T extends FromPlugin> {
  readonly #all = new Set<T>();

  constructor(private readonly registry: PluginRegistry) {}

  /** Returns its undo. */
  add(given: T): () => void {
    this.#all.add(given);
    return () => void this.#all.delete(given);
  }

  current(): T[] {
    const enabled = new Set(this.registry.enabled().map(({ name }) => name));
    return [...this.#all].filter(({ plugin }) => enabled.has(plugin));
  }
}
