import { definePoint, kindOf } from './extension-point.js';

/** `prefix` of `register()`. */
export interface PrefixContribution {
  /** Path below which all controllers and routes of the plugin lie: `/shop`. */
  prefix?: string;
}

export const prefixPoint = definePoint<string>({
  key: 'prefix',
  parse: (value) => {
    if (typeof value !== 'string') throw new TypeError(`must be text, it is ${kindOf(value)}`);
    if (/^(?:\/[^/\s]+)+$/.test(value)) return value;
    throw new TypeError(
      `must begin with "/" and not end with it, without "//" and blanks, as "/shop"; it is "${value}"`,
    );
  },
  contribute: (value, draft) => {
    draft.prefix = value;
  },
});
