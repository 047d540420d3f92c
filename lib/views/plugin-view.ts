import { Injectable } from '@nestjs/common';

import type { AssetTagOptions } from './asset-tags.js';
import { Pages } from './pages.js';
import type { SlotKind } from './slots.js';

/** What pages show of plugins. Inject it anywhere; in templates the same is there as functions. */
@Injectable()
export class PluginView {
  constructor(private readonly pages: Pages) {}

  /**
   * Renders what plugins put into a slot: files first, then inline templates, each by `order`, then as the plugins are loaded.
   * @param context values for these templates
   * @param kind only the files, or only the inline ones
   * @returns HTML; '' for a slot that no plugin knows
   */
  emitSlot(name: string, context: Readonly<Record<string, unknown>> = {}, kind: SlotKind = 'all'): string {
    return this.pages.now().emitSlot(name, context, kind);
  }

  /**
   * Gives the tag for a style sheet or a script in the folder `static` of a plugin, and the address of any other file.
   * @param file its path there, with "/"
   * @returns HTML; '' for a plugin that is off
   */
  emitAssets(plugin: string, file: string, options: AssetTagOptions = {}): string {
    return this.pages.now().emitAssets(plugin, file, options);
  }

  /** Gives a value of the option `config`. */
  emitConfig(name: string): unknown {
    return this.pages.emitConfig(name);
  }

  /** Tells the listeners of an event, and puts together what they return: HTML. */
  emitEvent(name: string, ...args: readonly unknown[]): string {
    return this.pages.emitEvent(name, ...args);
  }

  /**
   * Renders a template of the application or of an enabled plugin.
   * @param context wins over what plugins give by `viewContext`
   * @param request for `viewContext` of plugins that is a function; without it, that is given `undefined`
   * @throws Error where there is no such template, or where it throws
   */
  render(template: string, context: Readonly<Record<string, unknown>> = {}, request?: object): string {
    return (request ? this.pages.during(request) : this.pages.now()).render(template, context, request);
  }
}
