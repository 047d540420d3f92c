import type { Server } from 'node:http';

import type { AbstractHttpAdapter } from '@nestjs/core';

/** Fastify keeps under a symbol of this name the servers that it opens for `localhost` besides the first: one for each address. */
const BINDINGS = 'Symbol(fastify.serverBindings)';

/** All HTTP servers of an application; complete when it listens. None for an application without HTTP. */
export function httpServersOf(adapter: AbstractHttpAdapter | undefined): Server[] {
  const server = adapter?.getHttpServer() as Server | undefined;
  if (!adapter || !server) return [];
  const instance = adapter.getInstance<object>();
  const key = Object.getOwnPropertySymbols(instance).find((each) => String(each) === BINDINGS);
  return [server, ...(key ? (Reflect.get(instance, key) as Server[]) : [])];
}
