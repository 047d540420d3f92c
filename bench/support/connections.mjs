import { once } from 'node:events';
import { connect } from 'node:net';

const COUNT = 32;
const STATUS_LINE = 'HTTP/1.1 ';
const CLOSED = 'the server has closed a connection';

/**
 * Keeps connections to a server, for bursts of requests that are shorter than load programs can make them: two servers can then take
 * turns several times a second, and whatever else the machine does meets both.
 */
export class Connections {
  #sockets;

  static async to(url) {
    const { hostname, port } = new URL(url);
    const connections = new Connections();
    connections.#sockets = Array.from({ length: COUNT }, () => connect(Number(port), hostname).setNoDelay());
    await Promise.all(connections.#sockets.map((socket) => once(socket, 'connect')));
    return connections;
  }

  /** Asks that many times, one request at a time on each connection; returns the milliseconds until the last answer. */
  async burst(target, requests) {
    if (this.#sockets.some(({ destroyed }) => destroyed)) throw new Error(CLOSED);
    const request = `GET ${target} HTTP/1.1\r\nHost: bench\r\n\r\n`;
    let toAsk = requests;
    let toCome = requests;
    const begin = performance.now();
    await new Promise((resolve, reject) => {
      const ask = (socket) => {
        if (toAsk === 0) return;
        toAsk -= 1;
        socket.write(request);
      };
      for (const socket of this.#sockets) {
        socket.removeAllListeners();
        socket.on('error', reject).on('close', () => reject(new Error(CLOSED)));
        socket.on('data', (data) => {
          // Answers are small: each comes in one piece, that begins with its status line.
          if (!data.toString('latin1', 0, STATUS_LINE.length).startsWith(STATUS_LINE)) return;
          toCome -= 1;
          if (toCome === 0) resolve();
          else ask(socket);
        });
        ask(socket);
      }
    });
    return performance.now() - begin;
  }

  close() {
    for (const socket of this.#sockets) socket.removeAllListeners().destroy();
  }
}
