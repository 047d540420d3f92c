import { definePoint, isRecord, kindOf } from './extension-point.js';
import type { RequestContext } from './request-context.js';

/** What a plugin does at every request of the application, whoever answers it. */
export interface RequestHooks {
  /** Is called before anything else; the first value that is neither `undefined` nor `null` ends the request, and is sent as a handler's would be. */
  beforeRequest?(ctx: RequestContext): unknown;
  /** Is called before an answer is sent, be it an error; a value that is neither `undefined` nor `null` takes the place of the body. */
  afterRequest?(ctx: RequestContext): unknown;
  /** Is called once when the request is over, also when the client went away; with what was thrown on the way. */
  teardownRequest?(ctx: RequestContext, error?: unknown): unknown;
}

/** `hooks` of `register()`. */
export interface HooksContribution {
  /** What to do before, after and at the end of every request of the application. */
  hooks?: RequestHooks;
}

/** The names of the hooks, in the order in which a request meets them. */
export const HOOK_NAMES = ['beforeRequest', 'afterRequest', 'teardownRequest'] as const;

export const hooksPoint = definePoint<RequestHooks>({
  key: 'hooks',
  parse: (value) => {
    if (!isRecord(value)) throw new TypeError(`must be an object of ${HOOK_NAMES.join(', ')}; it is ${kindOf(value)}`);
    const proto: unknown = Object.getPrototypeOf(value);
    const isPlain = proto === Object.prototype || proto === null;
    // An instance of a class may have fields of its own.
    const unknown = isPlain && Object.keys(value).find((key) => !(HOOK_NAMES as readonly string[]).includes(key));
    if (typeof unknown === 'string')
      throw new TypeError(`has the unknown key "${unknown}"; there are ${HOOK_NAMES.join(', ')}`);
    const hooks: Partial<Record<(typeof HOOK_NAMES)[number], unknown>> = {};
    for (const name of HOOK_NAMES) {
      const hook: unknown = Reflect.get(value, name);
      if (hook === undefined) continue;
      if (typeof hook !== 'function') throw new TypeError(`needs functions, ${name} is ${kindOf(hook)}`);
      hooks[name] = hook.bind(value) as unknown;
    }
    if (!isPlain && Object.keys(hooks).length === 0) throw new TypeError(`has none of ${HOOK_NAMES.join(', ')}`);
    return hooks as RequestHooks; // each was just found to be a function
  },
  contribute: (value, draft) => {
    draft.hooks = value;
  },
});
