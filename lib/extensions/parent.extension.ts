import { definePoint, kindOf } from './extension-point.js';

/** `parent` of `register()`. */
export interface ParentContribution {
  /** Name of the plugin below whose prefix this one is mounted; that one may have a parent itself. */
  parent?: string;
}

export const parentPoint = definePoint<string>({
  key: 'parent',
  parse: (value) => {
    if (typeof value === 'string' && value !== '') return value;
    throw new TypeError(`must be the name of a plugin, it is ${kindOf(value)}`);
  },
  contribute: (value, draft) => {
    draft.parent = value;
  },
});
