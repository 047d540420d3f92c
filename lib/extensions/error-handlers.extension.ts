import { definePoint, isClass, isRecord, kindOf } from './extension-point.js';
import type { RequestContext } from './request-context.js';

/** Answers a request that ended in an error, with what it returns. */
export type ErrorHandler = {
  // As a method, so that an author may annotate the class of the error and the platform's request.
  handle(error: Error, ctx: RequestContext): unknown;
}['handle'];

/** A handler for the errors of one class, and of those that extend it, or of one status. */
export interface ErrorHandlerEntry {
  /** An HTTP status from 400 to 599, or a class. */
  readonly error: number | (abstract new (...args: never[]) => unknown);
  handler: ErrorHandler;
}

/** `errorHandlers` of `register()`. */
export interface ErrorHandlersContribution {
  /** Handlers by status, or a list of handlers by status or class. */
  errorHandlers?: Readonly<Record<number, ErrorHandler>> | readonly ErrorHandlerEntry[];
}

export const errorHandlersPoint = definePoint<ErrorHandlerEntry[]>({
  key: 'errorHandlers',
  parse: (value) => {
    const entries = Array.isArray(value) ? Array.from(value as unknown[], parseEntry) : byStatus(value);
    const twice = entries.find(({ error }, place) => entries.findIndex((other) => other.error === error) < place);
    if (twice) throw new TypeError(`has two handlers for ${nameOfError(twice.error)}`);
    return entries;
  },
  contribute: (value, { errorHandlers }) => void errorHandlers.push(...value),
});

/** `404`, or the name of a class. */
export function nameOfError(error: ErrorHandlerEntry['error']): string {
  return typeof error === 'number' ? String(error) : error.name;
}

function byStatus(value: unknown): ErrorHandlerEntry[] {
  if (!isRecord(value))
    throw new TypeError(`must be { [status]: handler } or a list of { error, handler }, it is ${kindOf(value)}`);
  return Object.entries(value).map(([status, handler]) =>
    parseEntry({ error: /^\d+$/.test(status) ? Number(status) : status, handler }),
  );
}

function parseEntry(value: unknown): ErrorHandlerEntry {
  if (!isRecord(value)) throw new TypeError(`must be a list of { error, handler }, one is ${kindOf(value)}`);
  const { error, handler } = value;
  const unknown = Object.keys(value).find((key) => key !== 'error' && key !== 'handler');
  if (unknown !== undefined) throw new TypeError(`has the unknown key "${unknown}"; there are error, handler`);
  if (!isStatus(error) && !isClass(error))
    throw new TypeError(`needs a status from 400 to 599 or a class, one is for ${told(error)}`);
  if (typeof handler !== 'function')
    throw new TypeError(`needs handlers that are functions, that for ${nameOfError(error)} is ${kindOf(handler)}`);
  return { error, handler: handler as ErrorHandler }; // a function; what it takes is what its class or status gives
}

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 400 && (value as number) <= 599;
}

function told(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? `"${value}"` : kindOf(value);
}
