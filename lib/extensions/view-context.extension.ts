import { definePoint, isRecord, kindOf } from './extension-point.js';

/** Values for all templates, by name; or a function that gives them for a request, and is given `undefined` where there is none. */
export type ViewContext =
  Readonly<Record<string, unknown>> | ((this: void, request: never) => Readonly<Record<string, unknown>>);

/** `viewContext` of `register()`. */
export interface ViewContextContribution {
  /** What every template can use. */
  viewContext?: ViewContext;
}

export const viewContextPoint = definePoint<ViewContext>({
  key: 'viewContext',
  parse: (value) => {
    if (isRecord(value)) return value;
    if (typeof value === 'function') return value as ViewContext; // what it takes is a request
    throw new TypeError(`must be an object or a function that returns one, it is ${kindOf(value)}`);
  },
  contribute: (value, draft) => {
    draft.viewContext = value;
  },
});
