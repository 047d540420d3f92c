import type { IncomingMessage, ServerResponse } from 'node:http';

import type { RequestMethod, Type } from '@nestjs/common';

import { definePoint, isClass, isRecord, kindOf } from './extension-point.js';

/** A middleware: a function, or a class with `use()` into which Nest injects. */
export type Middleware =
  | Type
  | {
      // As a method, so that an author may annotate the platform's request and response.
      use(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): unknown;
    }['use'];

/** Routes as `forRoutes()` of Nest's middleware consumer takes them. */
export type MiddlewareRoute = string | Type | { readonly path: string; readonly method: RequestMethod };

/** Middleware for other routes than the plugin's own. */
export interface RoutedMiddleware {
  readonly use: Middleware | readonly Middleware[];
  /** Paths (`*` for all), controller classes or `{ path, method }`: one or a list. */
  readonly forRoutes: MiddlewareRoute | readonly MiddlewareRoute[];
}

/** `middleware` of `register()`. */
export interface MiddlewareContribution {
  /** Functions or classes for the routes of this plugin, `{ use, forRoutes }` for others: one or a list. */
  middleware?: Middleware | RoutedMiddleware | readonly (Middleware | RoutedMiddleware)[];
}

/** One entry in the shape that the rest relies on; without `forRoutes` it is for the plugin's own routes. */
export interface AppliedMiddleware {
  readonly use: readonly Middleware[];
  readonly forRoutes?: readonly MiddlewareRoute[];
}

export const middlewarePoint = definePoint<AppliedMiddleware[]>({
  key: 'middleware',
  parse: (value) => listed(value).map(parseEntry),
  contribute: (value, { middleware }) => void middleware.push(...value),
});

const SHAPE = 'functions, classes with use(), or { use, forRoutes }';

function parseEntry(value: unknown): AppliedMiddleware {
  if (typeof value === 'function') return { use: [value as Middleware] };
  if (!isRecord(value)) throw new TypeError(`must be ${SHAPE}, one is ${kindOf(value)}`);
  const { use, forRoutes } = value;
  const unknown = Object.keys(value).find((key) => key !== 'use' && key !== 'forRoutes');
  if (unknown !== undefined) throw new TypeError(`must be ${SHAPE}, one has the unknown key "${unknown}"`);
  const functions = listed(use);
  const wrong = functions.findIndex((each) => typeof each !== 'function');
  if (functions.length === 0 || wrong >= 0)
    throw new TypeError(
      `needs a "use" that is a function, a class or a list of them, it is ${functions.length === 0 ? 'empty' : kindOf(functions[wrong])}`,
    );
  if (forRoutes === undefined)
    throw new TypeError(
      'needs "forRoutes" beside "use"; for the routes of the plugin itself name the middleware alone',
    );
  if (listed(forRoutes).length === 0) throw new TypeError('needs at least one of "forRoutes"; "*" is for all routes');
  return { use: functions as Middleware[], forRoutes: listed(forRoutes).map(parseRoute) };
}

function parseRoute(value: unknown): MiddlewareRoute {
  if (typeof value === 'string' && value !== '') return /^\/?\*$/.test(value) ? '{*path}' : value;
  if (isClass(value)) return value;
  if (isRecord(value) && typeof value['path'] === 'string' && typeof value['method'] === 'number')
    return value as { path: string; method: RequestMethod };
  throw new TypeError(
    `needs "forRoutes" that are paths, controller classes or { path, method: RequestMethod }, one is ${kindOf(value)}`,
  );
}

function listed(value: unknown): unknown[] {
  return Array.isArray(value) ? Array.from(value as unknown[]) : [value];
}
