import { definePoint, isRecord, kindOf } from './extension-point.js';

/** `extensions` of `register()`. */
export interface ExtensionsContribution {
  /** Values for extension points of the application, by point: one value or a list. */
  extensions?: Readonly<Record<string, unknown>>;
}

export const extensionsPoint = definePoint<Map<string, readonly unknown[]>>({
  key: 'extensions',
  parse: (value) => {
    if (!isRecord(value)) throw new TypeError(`must be an object of values by extension point, it is ${kindOf(value)}`);
    return new Map(
      Object.entries(value).map(([point, given]) => [
        point,
        Object.freeze(Array.isArray(given) ? (given as unknown[]).slice() : [given]),
      ]),
    );
  },
  contribute: (value, { extensions }) => value.forEach((given, point) => extensions.set(point, given)),
});
