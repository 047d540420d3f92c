import { definePoint, isRecord, kindOf } from './extension-point.js';
import type { Contributions } from './extension-points.js';

/** What one plugin makes of another's contributions: for each key of `register()`, the value to use instead. */
export type Transforms = {
  readonly [Key in Exclude<keyof Contributions, 'transforms'>]?: (
    value: NonNullable<Contributions[Key]>,
  ) => NonNullable<Contributions[Key]>;
};

/** `transforms` of `register()`. */
export interface TransformsContribution {
  /** By plugin and by key, a function that is given a copy of what that plugin contributes, and returns what is used instead: of the same type. */
  transforms?: Readonly<Record<string, Transforms>>;
}

/** The transforms of one plugin for another. */
export interface PluginTransforms {
  /** The name of the other one, as it was given. */
  readonly target: string;
  readonly byKey: ReadonlyMap<string, (value: unknown) => unknown>;
}

export const transformsPoint = definePoint<PluginTransforms[]>({
  key: 'transforms',
  parse: (value) => {
    if (!isRecord(value)) throw new TypeError(`must be an object of transforms by plugin, it is ${kindOf(value)}`);
    return Object.entries(value).map(([target, given]) => {
      if (!isRecord(given))
        throw new TypeError(`must have an object of functions for ${target}, there is ${kindOf(given)}`);
      return { target, byKey: new Map(Object.entries(given).map(([key, fn]) => [key, checked(target, key, fn)])) };
    });
  },
  contribute: (value, { transforms }) => void transforms.push(...value),
});

function checked(target: string, key: string, fn: unknown): (value: unknown) => unknown {
  if (typeof fn === 'function') return fn as (value: unknown) => unknown; // what it takes and gives is checked when it is called
  throw new TypeError(`must have a function for ${key} of ${target}, there is ${kindOf(fn)}`);
}
