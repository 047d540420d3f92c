import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2Session } from 'node:http2';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { printable } from '../plugin/printable.js';
import { endEvents, isEventStream } from './end-events.js';
import type { DrainReason } from './supervisor-link.js';
import { closeWebsocket } from './websocket-close.js';

/** How often it is looked for streams and websockets that have begun since: nothing tells when headers are sent. In ms. */
const LOOK_AGAIN = 50;

interface Upgraded {
  readonly path: string;
  /** What had been written before the library answered the handshake; `undefined` once the close frame is sent. */
  handshakeFrom: number | undefined;
}

/** Knows what goes on over HTTP servers, and brings it to an end without cutting a request. */
export class HttpTraffic {
  readonly #servers = new Set<Server>();
  readonly #sockets = new Set<Socket>();
  readonly #answers = new Set<ServerResponse>();
  readonly #upgraded = new Map<Duplex, Upgraded>();
  readonly #sessions = new Set<Http2Session>();
  #isDraining = false;

  /** Must be called before the server listens, or what has begun by then is not known. */
  watch(server: Server): void {
    if (this.#servers.has(server)) return;
    this.#servers.add(server);
    server.prependListener('request', (_request, response) => this.#noteAnswer(response));
    server.on('connection', (socket: Socket) => note(this.#sockets, socket));
    server.on('session', (session: Http2Session) => note(this.#sessions, session));
    // A listener of our own alone would have Node.js treat what asks for an upgrade as one, which nobody answers.
    const noteUpgrade = (request: IncomingMessage, socket: Duplex): void => this.#noteUpgrade(request, socket);
    const joinOthers = (): void => void server.prependListener('upgrade', noteUpgrade);
    if (server.listenerCount('upgrade') > 0) joinOthers();
    else {
      server.on('newListener', function join(event: string | symbol) {
        if (event !== 'upgrade') return;
        server.off('newListener', join);
        joinOthers();
      });
    }
  }

  /**
   * Stops accepting, and waits until all connections have ended by themselves: with the answer to their next request, or
   * when they have been idle for as long as the server says.
   * @param limit in ms, after which what is left is cut
   * @returns what was cut
   */
  async drain(reason: DrainReason, limit: number): Promise<readonly string[]> {
    this.#isDraining = true;
    const begun = performance.now();
    const ended = Promise.all([...this.#servers].map(stopAccepting)).then(() => true);
    for (const response of this.#answers) this.#makeLast(response);
    for (const session of this.#sessions) session.close();
    const look = (): void => this.#endLongLived(reason, performance.now() - begun);
    look();
    const looking = setInterval(look, LOOK_AGAIN);
    let deadline: NodeJS.Timeout | undefined;
    const isLate = new Promise<false>((resolve) => (deadline = setTimeout(resolve, limit, false)));
    const isClean = await Promise.race([ended, isLate]);
    clearTimeout(deadline);
    clearInterval(looking);
    return isClean ? [] : this.#cut();
  }

  #noteAnswer(response: ServerResponse): void {
    note(this.#answers, response);
    if (this.#isDraining) this.#makeLast(response);
  }

  #noteUpgrade(request: IncomingMessage, socket: Duplex): void {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return;
    this.#upgraded.set(socket, { path: pathOf(request), handshakeFrom: writtenTo(socket) });
    socket.once('close', () => this.#upgraded.delete(socket));
  }

  /** Has the connection end with this answer. Of requests that were sent one behind the other, only the last may do so. */
  #makeLast(response: ServerResponse): void {
    if (response.req.httpVersionMajor > 1) return; // their sessions are told
    for (const other of this.#answers)
      if (other !== response && other.req.socket === response.req.socket && !other.headersSent)
        other.removeHeader('Connection');
    if (!response.headersSent) response.setHeader('Connection', 'close');
  }

  #endLongLived(reason: DrainReason, milliseconds: number): void {
    for (const response of this.#answers) if (isEventStream(response)) endEvents(response);
    for (const [socket, upgraded] of this.#upgraded) {
      if (upgraded.handshakeFrom === undefined || writtenTo(socket) === upgraded.handshakeFrom) continue;
      upgraded.handshakeFrom = undefined;
      closeWebsocket(socket, reason);
    }
    // Nothing has ever come over these; Node.js would wait for as long as a client may take to send its headers.
    const patience = Math.max(...[...this.#servers].map(({ keepAliveTimeout }) => keepAliveTimeout));
    if (milliseconds > patience) for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  }

  #cut(): string[] {
    const cut = [
      ...[...this.#answers].map(({ req }) => `${req.method} ${pathOf(req)}`),
      ...[...this.#upgraded.values()].map(({ path }) => `websocket ${path}`),
    ];
    for (const session of this.#sessions) session.destroy();
    for (const socket of [...this.#upgraded.keys(), ...this.#sockets]) socket.destroy();
    for (const server of this.#servers) if ('closeAllConnections' in server) server.closeAllConnections();
    return cut.map(printable);
  }
}

/**
 * As `close()` of an HTTP server does, but for one thing: that one also closes connections that are idle at this moment,
 * although a request may be on its way over them.
 */
function stopAccepting(server: Server): Promise<void> {
  if ('closeIdleConnections' in server) server.closeIdleConnections = (): void => undefined;
  return new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve()));
}

function note<T extends { once(event: 'close', listener: () => void): unknown }>(all: Set<T>, one: T): void {
  all.add(one);
  one.once('close', () => all.delete(one));
}

function writtenTo(socket: Duplex): number {
  return 'bytesWritten' in socket ? Number(socket.bytesWritten) : 0;
}

/** Without what stands behind the question mark: there may be secrets in it. */
function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}
