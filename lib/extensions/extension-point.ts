import type { ModuleDraft } from './module-draft.js';

/**
 * A place where plugins add something: one key of what `register()` returns.
 * A new point is a file with one of these, and a line in `extension-points.ts`.
 */
export interface ExtensionPoint<Value = never> {
  /** The key in the result of `register()`. */
  readonly key: string;
  /**
   * Reads what a plugin gave under the key, and returns it in the one shape that the rest relies on.
   * @throws TypeError whose message goes on from the key: `must be a list of classes`
   */
  parse(value: unknown): Value;
  /** Adds it to the plugin's Nest module. */
  contribute(value: Value, draft: ModuleDraft): void;
}

/** Keeps parse and contribute in step; the list of points need not know their types. */
export function definePoint<Value>(point: ExtensionPoint<Value>): ExtensionPoint {
  return point as ExtensionPoint; // only ever handed what its own parse() returned
}

/** Whether a value can be a class: something to construct. */
export function isClass(value: unknown): value is new (...args: never[]) => object {
  return typeof value === 'function' && typeof value.prototype === 'object';
}

/** Whether a value is an object with keys: no list, no function, not null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells what was given instead, in a word or two. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value === undefined) return 'undefined';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Reads a list whose every entry passes; names the first that does not. */
export function listOf<T>(value: unknown, passes: (each: unknown) => each is T, what: string): T[] {
  if (!Array.isArray(value)) throw new TypeError(`must be a list of ${what}, it is ${kindOf(value)}`);
  return Array.from(value as unknown[], (each, position) => {
    if (passes(each)) return each;
    const hint = each === undefined ? ': an import that closes a circle of files gives undefined' : '';
    throw new TypeError(`must be a list of ${what}, entry ${position + 1} is ${kindOf(each)}${hint}`);
  });
}
