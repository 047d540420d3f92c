import { entryOf, type ExtensionEntry } from './extension-order.js';
import { definePoint, isRecord, kindOf } from './extension-point.js';
import type { ExtensionPoints, OneOrMore } from './typed-points.js';

/** `extensions` of `register()`. */
export interface ExtensionsContribution {
  /** Values for extension points of the application, by point: one value or a list. */
  extensions?: { readonly [Name in keyof ExtensionPoints]?: OneOrMore<ExtensionPoints[Name]> } & Readonly<
    Record<string, unknown>
  >;
}

export const extensionsPoint = definePoint<Map<string, readonly ExtensionEntry[]>>({
  key: 'extensions',
  parse: (value) => {
    if (!isRecord(value)) throw new TypeError(`must be an object of values by extension point, it is ${kindOf(value)}`);
    return new Map(
      Object.entries(value).map(([point, given]) => [
        point,
        (Array.isArray(given) ? (given as unknown[]) : [given]).map((each) => entryOf(each)),
      ]),
    );
  },
  contribute: (value, { extensions }) => value.forEach((given, point) => extensions.set(point, given)),
});
