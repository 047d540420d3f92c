import path from 'node:path';

import type { ReloadFault } from '../reload/reload-ticket.js';
import type { BootedPlugins } from '../reload/supervisor-link.js';
import { Crashes } from './crashes.js';
import type { WorkerHandle } from './worker-handle.js';

/** The workers that run the same state of the plugins. */
export class Generation {
  readonly workers = new Set<WorkerHandle>();
  readonly crashes = new Crashes();
  /** Rejects when one of its workers ends that was ready. */
  readonly broken: Promise<never>;
  break: (reason: unknown) => void = () => undefined;
  #plugins: BootedPlugins | undefined;

  constructor(readonly number: number) {
    this.broken = new Promise((_, reject) => (this.break = reject));
    this.broken.catch(() => undefined); // it concerns whoever waits for it
  }

  get ready(): number {
    return [...this.workers].filter(({ isReady }) => isReady).length;
  }

  noteBooted(plugins: BootedPlugins): void {
    this.#plugins = plugins;
  }

  /** Plugins that fail and did not in this generation; none where nothing is known of it. */
  newFailures({ failed }: BootedPlugins): BootedPlugins['failed'] {
    const known = this.#plugins?.failed.map(({ plugin }) => plugin);
    return known ? failed.filter(({ plugin }) => !known.includes(plugin)) : [];
  }

  /** The same of what a check of the new set has found. */
  newFaults(faults: readonly ReloadFault[]): readonly ReloadFault[] {
    const known = this.#plugins?.failed.map(({ plugin }) => plugin) ?? [];
    return faults.filter(({ plugin }) => plugin === undefined || !known.includes(plugin));
  }

  /** The folder below a plugin directory that a file lies in: a plugin without a name yet is called by it. */
  pluginOf(file: string): string | undefined {
    const directory = this.#plugins?.watched.find((each) => file.startsWith(each + path.sep));
    return directory === undefined ? undefined : path.relative(directory, file).split(path.sep)[0];
  }
}
