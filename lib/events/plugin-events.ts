import { Injectable } from '@nestjs/common';

import { EventListeners, type Listener, type Owners } from './event-listeners.js';
import type { Emitted } from './emitted.js';

/**
 * The arguments of events by name: applications and plugins add to it by declaration merging.
 * Where an event is not declared, it takes any.
 *
 * @example
 * declare module 'nestjs-pluginkit' {
 *   interface PluginEventMap { 'post.added': [post: Post] }
 * }
 */
export interface PluginEventMap {}

type Heard<Event extends string> = Event extends keyof PluginEventMap ? PluginEventMap[Event] : never[];
type Sent<Event extends string> = Event extends keyof PluginEventMap ? PluginEventMap[Event] : unknown[];
type Args<Of> = Of extends readonly unknown[] ? Of : never;

/** Where a listener stands among those that are there when it is added. */
export interface ListenOptions {
  /** @default 'last' */
  readonly position?: 'first' | 'last';
}

/**
 * Events between the application and its plugins, and among plugins. Inject it anywhere.
 * A listener that a plugin adds is called while the plugin is on, and goes with it.
 */
@Injectable()
export class PluginEvents {
  readonly #listeners: EventListeners;
  readonly #owners: Owners;

  /** @internal Is made by the kit: one for the application, one for the modules of each plugin. */
  constructor(listeners = new EventListeners(), owners?: Owners) {
    this.#listeners = listeners;
    this.#owners = owners;
  }

  /**
   * Adds a listener, and returns its undo.
   * @throws TypeError when the event has no name, the listener is no function, or the position is none
   */
  on<Event extends string>(
    event: Event,
    listener: (...args: Args<Heard<Event>>) => unknown,
    { position = 'last' }: ListenOptions = {},
  ): () => void {
    return this.#listeners.add(this.#owners, event, listener, position);
  }

  /** Removes a listener, the one that was added last where it was added several times; tells whether it was there. */
  off<Event extends string>(event: Event, listener: (...args: Args<Heard<Event>>) => unknown): boolean {
    return this.#listeners.remove(event, listener as Listener);
  }

  /**
   * Calls the listeners of all plugins that are on and of the application, one after the other, and returns what they gave.
   * One that fails stops no other: it is logged with the name of its plugin, and told in `errors`. It never throws for a listener.
   * What an async listener gives is a promise; one that is rejected is logged, and resolves with `undefined`.
   */
  emit<Event extends string>(event: Event, ...args: Args<Sent<Event>>): Emitted {
    return this.#listeners.emit(event, args);
  }

  /** As `emit()`, and waits for async listeners: what they gave is among the values, what they failed with among `errors`. */
  emitAsync<Event extends string>(event: Event, ...args: Args<Sent<Event>>): Promise<Emitted> {
    return this.#listeners.emitAsync(event, args);
  }
}
