import { Global, Module } from '@nestjs/common';

import { EventListeners } from './event-listeners.js';
import { PluginEvents } from './plugin-events.js';

/** Holds the application's own `PluginEvents`: a module of its own, so that it can be kept behind those of the plugins. */
@Global()
@Module({
  providers: [
    EventListeners,
    {
      provide: PluginEvents,
      inject: [EventListeners],
      useFactory: (listeners: EventListeners): PluginEvents => new PluginEvents(listeners),
    },
  ],
  exports: [PluginEvents, EventListeners],
})
export class PluginEventsModule {}
