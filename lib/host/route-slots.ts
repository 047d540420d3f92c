import { PATH_METADATA } from '@nestjs/common/internal';
import 'reflect-metadata';

import { copyOf, ownerOf } from './handler-owners.js';
import type { ModuleUnit } from './installed-plugin.js';

type Call = (...args: unknown[]) => unknown;

/** What stands with the platform in the place of a handler of Nest's. */
interface Slot {
  readonly key: string;
  readonly unit: ModuleUnit | undefined;
  /** The place of the request among what it is called with. */
  readonly requestAt: 0 | 1;
  current: Call;
}

/**
 * Has the platform call what Nest registers by way of slots: Nest makes the guards, interceptors, pipes and filters of the whole
 * application part of a handler when it registers that. When they change, it makes all handlers anew, and these take the old ones' places.
 */
export class RouteSlots {
  #slots: Slot[] = [];
  readonly #ids = new WeakMap<ModuleUnit, string>();
  #count = 0;

  /** @param within runs the rest of a request, which may have begun when nobody needed to be told of it */
  constructor(private readonly within: (request: object, rest: () => unknown) => unknown) {}

  /** While Nest makes its handlers anew: these. */
  #remade: { readonly key: string; readonly handler: Call }[] | undefined;

  /**
   * What the platform is to call for a handler of Nest's; anything else is left as it is.
   * @param place the same for handlers that take each other's places; several have the same one in a fixed order
   * @returns nothing while Nest only makes its handlers anew
   */
  take<T extends (...args: never[]) => unknown>(place: string, handler: T): T | undefined {
    // Nest copies what the decorators of a method say to its handler; an application registers functions of its own, too.
    if (!Reflect.hasMetadata(PATH_METADATA, handler)) return handler;
    return this.#take(
      place,
      handler,
      (slot) => (req: unknown, res: unknown, next: unknown) => slot.current(req, res, next),
    );
  }

  /** The same for what Nest calls for errors and for requests without a route. */
  takeFallback<T extends (...args: never[]) => unknown>(place: string, handler: T): T | undefined {
    // Express tells who handles errors by the number of their parameters.
    const make = (slot: Slot): Call =>
      handler.length === 4
        ? (error: unknown, req: unknown, res: unknown, next: unknown) => slot.current(error, req, res, next)
        : (req: unknown, res: unknown, next: unknown) => slot.current(req, res, next);
    return this.#take(place, handler, make);
  }

  #take<T extends (...args: never[]) => unknown>(place: string, given: T, make: (slot: Slot) => Call): T | undefined {
    const unit = ownerOf(given);
    const handler = given as unknown as Call;
    const key = `${this.#idOf(unit)} ${place}`;
    if (this.#remade) {
      this.#remade.push({ key, handler });
      return undefined;
    }
    const slot: Slot = { key, unit, requestAt: given.length === 4 ? 1 : 0, current: handler };
    this.#slots.push(slot);
    return copyOf(given, make(slot)) as unknown as T;
  }

  /** Forgets the slots of modules that are gone. */
  remove(units: ReadonlySet<ModuleUnit>): void {
    this.#slots = this.#slots.filter(({ unit }) => !unit || !units.has(unit));
  }

  /**
   * Exchanges all handlers at one moment.
   * @param remake has Nest register all that it registers once more
   * @returns whether each slot got a handler; if not, all are as before
   */
  exchange(remake: () => void): boolean {
    const remade: { readonly key: string; readonly handler: Call }[] = [];
    this.#remade = remade;
    try {
      remake();
    } finally {
      this.#remade = undefined;
    }
    const waiting = new Map<string, Slot[]>();
    for (const slot of this.#slots) {
      const known = waiting.get(slot.key);
      if (known) known.push(slot);
      else waiting.set(slot.key, [slot]);
    }
    const pairs = remade.flatMap(({ key, handler }) => {
      const slot = waiting.get(key)?.shift();
      return slot ? [{ slot, handler }] : [];
    });
    if (pairs.length !== remade.length || pairs.length !== this.#slots.length) return false;
    for (const { slot, handler } of pairs)
      slot.current = (...args) => this.within(args[slot.requestAt] as object, () => handler(...args));
    return true;
  }

  #idOf(unit: ModuleUnit | undefined): string {
    if (!unit) return '';
    const known = this.#ids.get(unit) ?? String(++this.#count);
    this.#ids.set(unit, known);
    return known;
  }
}
