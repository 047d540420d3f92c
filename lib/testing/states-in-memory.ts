import { MarkerFiles } from '../state/marker-files.js';
import type { StateStore, WantedState } from '../state/state-store.js';

/** Begins with what the marker files tell and keeps changes to itself: a test leaves the plugin's folder as it was. */
export class StatesInMemory implements StateStore {
  readonly #files = new MarkerFiles();
  readonly #written = new Map<string, WantedState>();

  read(folder: string): WantedState | undefined {
    return this.#written.get(folder) ?? this.#files.read(folder);
  }

  write(folder: string, state: WantedState): Promise<void> {
    this.#written.set(folder, state);
    return Promise.resolve();
  }

  clear(folder: string): Promise<void> {
    this.#written.delete(folder);
    return Promise.resolve();
  }
}
