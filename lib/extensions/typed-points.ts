import type { ExtensionOrder, Ordered } from './extension-order.js';
import { kindOf } from './extension-point.js';

/**
 * The types of the values at extension points, by the point's name: applications and plugins add to it by declaration merging.
 * Where a point is not declared, its values are `unknown`.
 *
 * @example
 * declare module 'nestjs-pluginkit' {
 *   interface ExtensionPoints { 'menu.items': MenuItem }
 * }
 */
export interface ExtensionPoints {}

/** The type of the values at a point. */
export type ValueAt<Name extends string> = Name extends keyof ExtensionPoints ? ExtensionPoints[Name] : unknown;

/** What a plugin may give for a value: the value itself, with an order of its own or without, or what `ordered()` made of it. */
type Given<T> = T | (T & ExtensionOrder) | Ordered<T>;

/** One value or a list of them; where a value is a list itself, always a list of them. */
export type OneOrMore<T> = [T] extends [readonly unknown[]] ? readonly Given<T>[] : Given<T> | readonly Given<T>[];

/** Is never there: it keeps the type of a point. */
declare const VALUE: unique symbol;

/** A handle on an extension point that knows the type of its values. */
export interface TypedPoint<T> {
  readonly name: string;
  readonly [VALUE]?: T;
}

/**
 * Gives a typed handle on an extension point, to collect its values with `PluginRegistry.extensions()` and to contribute to it with `@Extension()`.
 * @throws TypeError when the name is no text, or empty
 *
 * @example
 * export const menuItems = createExtensionPoint<MenuItem>('menu.items');
 */
export function createExtensionPoint<Name extends keyof ExtensionPoints>(name: Name): TypedPoint<ExtensionPoints[Name]>;
export function createExtensionPoint<T = unknown>(name: string): TypedPoint<T>;
export function createExtensionPoint(name: string): TypedPoint<unknown> {
  return Object.freeze({ name: pointName(name) });
}

/**
 * The name of a point, however it was given.
 * @throws TypeError when there is none
 */
export function pointName(point: unknown): string {
  const name: unknown = typeof point === 'object' && point !== null && 'name' in point ? point.name : point;
  if (typeof name === 'string' && name !== '') return name;
  throw new TypeError(`An extension point is named by a text such as "menu.items", this is ${kindOf(name)}.`);
}
