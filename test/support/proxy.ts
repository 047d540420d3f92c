import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { onTestFinished } from 'vitest';

/** A proxy as it stands in front of applications: it takes a path away and passes everything else on. */
export interface Proxy {
  readonly url: string;
  /** The headers of all requests so far, by the path that was passed on. */
  readonly seen: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** Breaks all connections; while it is down, it takes no new ones. */
  goDown(): void;
  comeUp(): void;
}

export async function startProxy(target: string, prefix: string): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const seen: { path: string; headers: IncomingHttpHeaders }[] = [];
  let isDown = false;
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = '/' } = incoming;
    if (!url.startsWith(prefix)) {
      outgoing.writeHead(404).end('not proxied');
      return;
    }
    const path = url.slice(prefix.length);
    seen.push({ path, headers });
    const passed = request(new URL(path, target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      outgoing.on('close', () => answer.destroy());
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  server.on('connection', (socket) => {
    if (isDown) socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const breakAll = (): void => sockets.forEach((socket) => socket.destroy());
  onTestFinished(() => {
    breakAll();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    seen,
    goDown: () => {
      isDown = true;
      breakAll();
    },
    comeUp: () => void (isDown = false),
  };
}
