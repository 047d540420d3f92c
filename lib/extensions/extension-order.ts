import { isRecord, kindOf } from './extension-point.js';

/** Where a value stands among the others of its extension point. Without it: in load order, as `order: 0`. */
export interface ExtensionOrder {
  /** Smaller ones come first. @default 0 */
  readonly order?: number;
  /** Names of plugins before whose values it stands, whatever their numbers; one that contributes nothing does not matter. */
  readonly before?: string | readonly string[];
  /** Names of plugins behind whose values it stands. */
  readonly after?: string | readonly string[];
}

/** A value and its place. */
export class Ordered<T> {
  constructor(
    readonly value: T,
    readonly place: ExtensionOrder,
  ) {}
}

/**
 * Gives a value its place among the others of an extension point: for values that cannot carry `order`, `before` and `after` themselves.
 * @throws TypeError when the place is wrong
 *
 * @example
 * extensions: { 'menu.items': ordered('Shop', { before: 'blog' }) }
 */
export function ordered<T>(value: T, place: ExtensionOrder): Ordered<T> {
  return new Ordered(value, checkedOrder(place));
}

/** @throws TypeError when one of the three is of a wrong type */
export function checkedOrder(place: unknown): ExtensionOrder {
  if (!isRecord(place))
    throw new TypeError(`The place of a value must be { order, before, after }, it is ${kindOf(place)}.`);
  const { order, before, after } = place;
  if (order !== undefined && !isNumber(order)) throw new TypeError(`"order" must be a number, it is ${kindOf(order)}.`);
  for (const [key, names] of Object.entries({ before, after }))
    if (names !== undefined && !isNames(names))
      throw new TypeError(`"${key}" must be the name of a plugin or a list of names.`);
  return orderIn(place);
}

/** One value at an extension point, and the place that it asks for. */
export interface ExtensionEntry {
  readonly value: unknown;
  readonly order: number;
  /** Names of plugins, in lower case. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * A value as a plugin gave it: what `ordered()` says comes first, then what an object says of itself.
 * What is no number and no name there is the value's own affair.
 */
export function entryOf(given: unknown, place?: ExtensionOrder): ExtensionEntry {
  const value: unknown = given instanceof Ordered ? given.value : given;
  const said = given instanceof Ordered ? given.place : place;
  const { order, before, after } = { ...orderIn(value), ...said };
  return { value, order: order ?? 0, before: lowerNames(before), after: lowerNames(after) };
}

function orderIn(value: unknown): ExtensionOrder {
  if (typeof value !== 'object' || value === null) return {};
  const order: unknown = Reflect.get(value, 'order');
  const before: unknown = Reflect.get(value, 'before');
  const after: unknown = Reflect.get(value, 'after');
  return {
    ...(isNumber(order) && { order }),
    ...(isNames(before) && { before }),
    ...(isNames(after) && { after }),
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(value);
}

function isNames(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((each) => typeof each === 'string'));
}

function lowerNames(names: string | readonly string[] | undefined): string[] {
  return (typeof names === 'string' ? [names] : [...(names ?? [])]).map((name) => name.toLowerCase());
}
