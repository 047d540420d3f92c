import type { ArgumentsHost } from '@nestjs/common';
import { BaseExceptionFilter, type AbstractHttpAdapter } from '@nestjs/core';
import { ExceptionsHandler } from '@nestjs/core/exceptions/exceptions-handler.js';
import { STATIC_CONTEXT } from '@nestjs/core/internal';
import { RouterExceptionFilters } from '@nestjs/core/router/router-exception-filters.js';

/** Who takes part when a request of an application ends in an error. */
export interface ExceptionLayer {
  /** Is told every error, before any filter is asked. */
  note(error: unknown, request: object): void;
  /** Is asked when no filter has taken the error: whether it answers in the place of Nest, which is asked if it cannot after all. */
  answer(error: unknown, host: ArgumentsHost, status: number, askNest: () => void): boolean;
}

/** Under this key an adapter keeps the layer of its application: Nest's classes are there once for all applications of a process. */
const LAYER = Symbol('nestjs-pluginkit:exception-layer');
/** On a method of Nest that asks for the layer already. */
const ASKS = Symbol('nestjs-pluginkit:asks');

interface Filter {
  readonly applicationRef?: object;
  readonly httpAdapterHost?: { readonly httpAdapter?: object };
  isHttpError(error: unknown): boolean;
}

/**
 * Lets a layer take part in the errors of an application. There is no place in Nest for something behind every filter, yet before
 * its own answer, so the two methods through which every error goes ask the layer of their application first.
 */
export function takePartInErrors(adapter: AbstractHttpAdapter, layer: ExceptionLayer): void {
  Reflect.set(adapter, LAYER, layer);
  extend(ExceptionsHandler.prototype, 'next', (original) => {
    return function (this: Filter, error: unknown, host: ArgumentsHost): unknown {
      layerOf(this, host)?.note(error, host.getArgByIndex<object>(0));
      return Reflect.apply(original, this, [error, host]) as unknown;
    };
  });
  extend(BaseExceptionFilter.prototype, 'catch', (original) => {
    return function (this: Filter, error: unknown, host: ArgumentsHost): unknown {
      const askNest = (): unknown => Reflect.apply(original, this, [error, host]) as unknown;
      const isAnswered = layerOf(this, host)?.answer(error, host, statusOf(error, this), askNest) ?? false;
      return isAnswered ? undefined : askNest();
    };
  });
}

/**
 * Has the filters of the application hold for errors of middleware also where they came later: Nest looks for them once,
 * when it registers the middleware. Now it does so at each error.
 */
export function lookForFiltersLate(): void {
  extend(RouterExceptionFilters.prototype, 'create', (original) => {
    return function (this: unknown, ...args: unknown[]): unknown {
      const look = (): ExceptionsHandler => Reflect.apply(original, this, args) as ExceptionsHandler;
      const made = look();
      const [instance, , moduleKey, context = STATIC_CONTEXT] = args;
      const isOfMiddleware =
        moduleKey === undefined && typeof Reflect.get(Object(instance) as object, 'use') === 'function';
      if (isOfMiddleware && context === STATIC_CONTEXT) made.next = (error, host) => look().next(error, host);
      return made;
    };
  });
}

function layerOf({ applicationRef, httpAdapterHost }: Filter, host: ArgumentsHost): ExceptionLayer | undefined {
  const adapter = applicationRef ?? httpAdapterHost?.httpAdapter;
  if (!adapter || host.getType() !== 'http') return undefined;
  return Reflect.get(adapter, LAYER) as ExceptionLayer | undefined;
}

/** The status with which Nest answers. */
function statusOf(error: unknown, filter: Filter): number {
  const { getStatus, statusCode } = Object(error) as { getStatus?: () => number; statusCode?: number };
  if (typeof getStatus === 'function') return Reflect.apply(getStatus, error, []);
  return (filter.isHttpError(error) ? statusCode : undefined) ?? 500;
}

function extend<T extends object>(
  prototype: T,
  method: keyof T & string,
  make: (original: (...args: never[]) => unknown) => (...args: never[]) => unknown,
): void {
  const original = Reflect.get(prototype, method) as (...args: never[]) => unknown;
  if (Reflect.has(original, ASKS)) return;
  const made = Object.assign(make(original), { [ASKS]: true });
  Object.defineProperty(prototype, method, { value: made, configurable: true, writable: true });
}
