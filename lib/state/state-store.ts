/** Whether a plugin is to be on. */
export type WantedState = 'enabled' | 'disabled';

/** Keeps whether a plugin is on, outside the process. */
export interface StateStore {
  /** What is kept for the plugin in this folder; `undefined` where nothing is. */
  read(folder: string): WantedState | undefined;
  /**
   * Keeps it; resolves when it is written.
   * @throws the file system's error when it could not be written: then nothing has changed
   */
  write(folder: string, state: WantedState): Promise<void>;
  /** Keeps nothing for the plugin any more; resolves when that is done. */
  clear(folder: string): Promise<void>;
}
