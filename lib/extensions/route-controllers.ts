import { Controller, Inject, Req, RequestMapping, RequestMethod, Res, type Type } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import type { Route } from './routes.extension.js';

/**
 * Makes a controller class of routes that were given as values, so that guards, pipes, interceptors and Swagger
 * take them for what every other route is.
 */
export function routeController(className: string, routes: readonly Route[]): Type {
  const made = { [className]: class extends RouteHost {} }[className] ?? RouteHost;
  Controller()(made);
  Inject(HttpAdapterHost)(made, undefined, 0);
  let count = 0;
  for (const route of routes) for (const method of methodsOf(route)) addRoute(made, `route${++count}`, route, method);
  return made;
}

/** What the generated classes have in common: the adapter, for handlers that hold the response. */
class RouteHost {
  constructor(readonly host: HttpAdapterHost) {}
}

function methodsOf({ method = 'GET' }: Route): readonly string[] {
  return typeof method === 'string' ? [method] : method;
}

function addRoute(made: Type, name: string, route: Route, method: string): void {
  const holdsResponse = route.handler.length > 1;
  const descriptor: PropertyDescriptor = {
    configurable: true,
    writable: true,
    value: holdsResponse
      ? async function (this: RouteHost, request: object, response: object): Promise<void> {
          await answer(this.host, route, method, request, response);
        }
      : (request: object): unknown => Reflect.apply(route.handler, undefined, [request]),
  };
  Object.defineProperty(made.prototype, name, descriptor);
  RequestMapping({ path: route.path, method: RequestMethod[method as keyof typeof RequestMethod] })(
    made.prototype as object,
    name,
    descriptor,
  );
  Req()(made.prototype as object, name, 0);
  if (holdsResponse) Res()(made.prototype as object, name, 1);
}

/** Nest leaves a response alone that its handler holds; what such a handler returns is sent here. */
async function answer(
  { httpAdapter }: HttpAdapterHost,
  route: Route,
  method: string,
  request: object,
  response: object,
): Promise<void> {
  if (method === 'POST') httpAdapter.status(response, 201); // as Nest does, and as it does before the handler may say otherwise
  const value: unknown = await Reflect.apply(route.handler, undefined, [request, response]);
  if (value === undefined || value === response || httpAdapter.isHeadersSent(response)) return;
  await httpAdapter.reply(response, value);
}
