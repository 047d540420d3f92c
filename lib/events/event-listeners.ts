import type { Candidate } from '../loading/candidate.js';
import { printable, describeThrown } from '../plugin/printable.js';
import { emitted, type Emitted, type EventFailure } from './emitted.js';

export type Listener = (...args: unknown[]) => unknown;

/** The plugins that a listener belongs to; `undefined` for one of the application. */
export type Owners = readonly Candidate[] | undefined;

/** Who is there, and who is on now. */
export interface Presence {
  isOn(plugin: Candidate): boolean;
  /** Whether its code is still part of the application, be it on or off. */
  isLoaded(plugin: Candidate): boolean;
}

interface Entry {
  readonly owners: Owners;
  readonly listener: Listener;
}

/** Keeps the listeners of all events, and calls those whose plugins are on. */
export class EventListeners {
  readonly #entries = new Map<string, readonly Entry[]>();
  #presence: Presence = { isOn: () => true, isLoaded: () => true };
  #report: (text: string) => void = () => undefined;

  /** Tells it who is on, and where to report what fails. */
  connect(presence: Presence, report: (text: string) => void): void {
    this.#presence = presence;
    this.#report = report;
  }

  /** @throws TypeError when the event has no name, the listener is no function, or the position is none */
  add(owners: Owners, event: unknown, listener: unknown, position: unknown): () => void {
    if (typeof event !== 'string' || event === '') throw new TypeError('PluginEvents: an event is named by a text.');
    if (typeof listener !== 'function')
      throw new TypeError(`PluginEvents: a listener of "${printable(event)}" must be a function.`);
    if (position !== 'first' && position !== 'last')
      throw new TypeError(`PluginEvents: a listener of "${printable(event)}" stands 'first' or 'last'.`);
    const entry = { owners, listener: listener as Listener };
    const others = this.#entries.get(event) ?? [];
    this.#entries.set(event, position === 'first' ? [entry, ...others] : [...others, entry]);
    return () => this.#drop(event, (each) => each === entry);
  }

  remove(event: string, listener: Listener): boolean {
    const entry = this.#entries.get(event)?.findLast((each) => each.listener === listener);
    this.#drop(event, (each) => each === entry);
    return entry !== undefined;
  }

  /** Forgets what plugins added whose code is no longer part of the application. */
  forgetGone(): void {
    const isGone = ({ owners }: Entry): boolean =>
      owners !== undefined && !owners.some((owner) => this.#presence.isLoaded(owner));
    for (const event of this.#entries.keys()) this.#drop(event, isGone);
  }

  emit(event: string, args: readonly unknown[]): Emitted {
    const errors: EventFailure[] = [];
    const values = this.#heard(event).map((entry) =>
      this.#call(event, entry, args, (failure) => void errors.push(failure)),
    );
    return emitted(values, errors);
  }

  async emitAsync(event: string, args: readonly unknown[]): Promise<Emitted> {
    const errors: EventFailure[] = [];
    const values = await Promise.all(
      this.#heard(event).map((entry) => this.#call(event, entry, args, (failure) => void errors.push(failure))),
    );
    return emitted(values, errors);
  }

  /** Of the plugins that are on at this moment: an event may be emitted by no request. */
  #heard(event: string): readonly Entry[] {
    const all = this.#entries.get(event) ?? [];
    return all.filter(({ owners }) => !owners || owners.some((owner) => this.#presence.isOn(owner)));
  }

  #call(event: string, entry: Entry, args: readonly unknown[], onFailure: (failure: EventFailure) => void): unknown {
    const fail = (thrown: unknown): void => {
      const plugin = entry.owners?.map(({ name }) => name).join(', ');
      this.#report(
        `${plugin ?? 'the application'}: its listener of "${printable(event)}" failed: ${describeThrown(thrown)}`,
      );
      onFailure({ event, ...(plugin !== undefined && { plugin }), thrown });
    };
    try {
      const value = Reflect.apply(entry.listener, undefined, args);
      return isThenable(value) ? Promise.resolve(value).catch(fail) : value;
    } catch (thrown) {
      return fail(thrown);
    }
  }

  #drop(event: string, isDropped: (entry: Entry) => boolean): void {
    const left = (this.#entries.get(event) ?? []).filter((each) => !isDropped(each));
    if (left.length > 0) this.#entries.set(event, left);
    else this.#entries.delete(event);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';
}
