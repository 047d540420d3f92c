import type { Duplex } from 'node:stream';

import type { DrainReason } from './supervisor-link.js';

/** RFC 6455, 7.4: Service Restart asks the client to come back, Going Away does not expect it. */
const CODES = { reload: 1012, stop: 1001 } as const;
const TEXTS = { reload: 'service restart', stop: 'going away' } as const;
/** A final frame with the opcode of a close. */
const CLOSE = 0x88;

/**
 * Sends a close frame to a websocket client, whichever library serves it: control frames may stand between all others.
 * The client answers with its own, and the library closes the connection then.
 */
export function closeWebsocket(socket: Duplex, reason: DrainReason): void {
  const text = Buffer.from(TEXTS[reason]);
  const frame = Buffer.alloc(4 + text.length);
  frame.writeUInt8(CLOSE, 0);
  frame.writeUInt8(2 + text.length, 1);
  frame.writeUInt16BE(CODES[reason], 2);
  text.copy(frame, 4);
  socket.write(frame);
}
