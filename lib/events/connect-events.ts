import { Logger } from '@nestjs/common';

import type { PluginHost } from '../host/plugin-host.js';
import type { EventListeners } from './event-listeners.js';
import { PluginEvents } from './plugin-events.js';

/** Gives the modules of each plugin `PluginEvents` of their own, and has listeners come and go with their plugins. Must run before plugins are loaded. */
export function connectEvents(host: PluginHost, listeners: EventListeners): void {
  const logger = new Logger('PluginKit');
  host.ownProviders.add({ token: PluginEvents, make: (owners) => new PluginEvents(listeners, owners) });
  listeners.connect(
    { isOn: (plugin) => host.snapshots.current.has(plugin), isLoaded: (plugin) => host.drafts.has(plugin) },
    (text) => {
      logger.error(text);
    },
  );
  host.snapshots.onChange(() => listeners.forgetGone());
}
