import { RequestMethod } from '@nestjs/common';

import { definePoint, isRecord, kindOf } from './extension-point.js';

/** A route without a controller class. */
export interface Route {
  /** Its path below the plugin's prefix. */
  path: string;
  /** One or several HTTP methods, or `ALL`. @default 'GET' */
  method?: string | readonly string[];
  /**
   * Answers a request with what it returns, as a controller's method does: guards, pipes and interceptors apply.
   * One that takes the response as well sends it itself, or returns a value that is sent.
   */
  handler(this: void, request: never, response: never): unknown;
  /** Name of the plugin below whose prefix it lies instead of this one's. */
  attachTo?: string;
}

/** `routes` of `register()`. */
export interface RoutesContribution {
  /** One route or a list of them. */
  routes?: Route | readonly Route[];
}

export const routesPoint = definePoint<Route[]>({
  key: 'routes',
  parse: (value) => (Array.isArray(value) ? (value as unknown[]) : [value]).map(parseRoute),
  contribute: (value, { routes }) => void routes.push(...value),
});

const KEYS = ['path', 'method', 'handler', 'attachTo'];
const METHODS = Object.keys(RequestMethod).filter((name) => Number.isNaN(Number(name)));

function parseRoute(value: unknown): Route {
  if (!isRecord(value)) throw new TypeError(`must be { path, handler } or a list of them, one is ${kindOf(value)}`);
  const { path, method = 'GET', handler, attachTo } = value;
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw new TypeError(`has the unknown key "${unknown}"; there are ${KEYS.join(', ')}`);
  if (typeof path !== 'string') throw new TypeError(`needs a path that is text, one is ${kindOf(path)}`);
  if (typeof handler !== 'function')
    throw new TypeError(`needs a handler that is a function, that of "${path}" is ${kindOf(handler)}`);
  if (attachTo !== undefined && typeof attachTo !== 'string')
    throw new TypeError(`needs an attachTo that is the name of a plugin, that of "${path}" is ${kindOf(attachTo)}`);
  const methods = (Array.isArray(method) ? (method as unknown[]) : [method]).map((each) =>
    typeof each === 'string' ? each.toUpperCase() : each,
  );
  const wrong = methods.find((each) => typeof each !== 'string' || !METHODS.includes(each));
  if (wrong !== undefined || methods.length === 0)
    throw new TypeError(`knows no method ${JSON.stringify(wrong ?? [])}; there are ${METHODS.join(', ')}`);
  return {
    path,
    method: methods as string[], // each was just found in METHODS
    handler: handler as Route['handler'], // a function; what it takes is between it and the platform
    ...(attachTo !== undefined && { attachTo }),
  };
}
