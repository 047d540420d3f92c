import type { OwnedErrorHandler, RequestPoints } from './request-points.js';

/** The handler for an error: that of its own class or the nearest one that it extends, else that of its status. */
export function findErrorHandler(
  handlers: RequestPoints['errorHandlers'],
  error: unknown,
  status: number,
): OwnedErrorHandler | undefined {
  if (handlers.size === 0) return undefined;
  for (let proto = prototypeOf(Object(error)); proto; proto = prototypeOf(proto)) {
    const handler = handlers.get(proto.constructor as never);
    if (handler) return handler;
  }
  return handlers.get(status);
}

function prototypeOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null;
}
