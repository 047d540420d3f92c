import { existsSync } from 'node:fs';

import type { Plugin } from '../plugin/plugin.js';
import { PluginError } from '../plugin/plugin-error.js';
import { describeThrown } from '../plugin/printable.js';
import type { BootJournal } from '../state/boot-journal.js';
import { decideState } from '../state/decide-state.js';
import type { StateStore, WantedState } from '../state/state-store.js';

/** What is kept on disk of who is to be on: the marker files, and who is in quarantine. */
export class KeptStates {
  constructor(
    private readonly states: StateStore,
    private readonly journal: BootJournal,
  ) {}

  /** What its marker file tells, be it written by this process or another. */
  marker({ folder }: Plugin): WantedState | undefined {
    return folder === undefined ? undefined : this.states.read(folder);
  }

  /** What it is to be by its marker file and its metadata. */
  wanted(plugin: Plugin): WantedState {
    if (plugin.folder === undefined || !existsSync(plugin.folder))
      return plugin.state === 'disabled' ? 'disabled' : 'enabled';
    return decideState(this.marker(plugin), plugin.metadata.state);
  }

  /** Nothing of it was imported, so that what its metadata says of its state is not known. */
  isUnread(plugin: Plugin): boolean {
    return plugin.state === 'disabled' && plugin.reason !== undefined;
  }

  isQuarantined(plugin: Plugin): boolean {
    return this.journal.isQuarantined(keyOf(plugin));
  }

  /**
   * Writes markers, and lets who is enabled out of quarantine. All or none: when one cannot be written, those before it are put back.
   * @param isLive whether it is also switched in the running application: then a plugin without a folder needs no file
   * @returns what puts all of them back
   * @throws PluginError STATE_WRITE_FAILED
   */
  async write(plugins: readonly Plugin[], to: WantedState, isLive: boolean): Promise<() => Promise<void>> {
    const written: { folder: string; before: WantedState | undefined }[] = [];
    const putBack = async (): Promise<void> => {
      for (const { folder, before } of written.toReversed())
        await (before ? this.states.write(folder, before) : this.states.clear(folder)).catch(() => undefined);
    };
    try {
      for (const plugin of plugins) {
        if (this.wanted(plugin) === to && !this.isUnread(plugin)) continue;
        const { folder } = plugin;
        const before = this.marker(plugin);
        await this.#write(plugin, to, isLive);
        if (folder !== undefined) written.push({ folder, before });
      }
      if (to === 'enabled') await this.#release(plugins);
    } catch (error) {
      await putBack();
      throw error;
    }
    return putBack;
  }

  async #write({ name, folder }: Plugin, to: WantedState, isLive: boolean): Promise<void> {
    if (folder === undefined) {
      if (isLive) return;
      throw new PluginError('STATE_WRITE_FAILED', {
        plugin: name,
        detail: 'it has no folder to keep a marker file in',
        hint: 'Set "state" in the definition that the application passes.',
      });
    }
    try {
      await this.states.write(folder, to);
    } catch (cause) {
      const isGone = !existsSync(folder);
      if (isGone && isLive && to === 'disabled') return; // the next start does not find it either
      throw new PluginError('STATE_WRITE_FAILED', {
        plugin: name,
        detail: isGone ? 'its folder is gone' : describeThrown(cause),
        hint: isGone
          ? 'Put its folder back to where it was.'
          : "Make the plugin's folder writable for the application, or free some space.",
        file: folder,
        cause,
      });
    }
  }

  /** Who is enabled is given another try, whatever the process died of. */
  async #release(plugins: readonly Plugin[]): Promise<void> {
    for (const plugin of plugins.filter((each) => this.isQuarantined(each))) {
      try {
        await this.journal.release(keyOf(plugin));
      } catch (cause) {
        throw new PluginError('STATE_WRITE_FAILED', {
          plugin: plugin.name,
          detail: `the journal of the start: ${describeThrown(cause)}`,
          hint: 'Make the journal of the start writable for the application: it is where the option "journal" says.',
          cause,
        });
      }
    }
  }
}

/** What the journal knows it by. */
function keyOf({ folder, name }: Plugin): string {
  return folder ?? `inline:${name}`;
}
