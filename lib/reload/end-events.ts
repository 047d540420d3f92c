import type { ServerResponse } from 'node:http';

/** When clients come back, in ms from now: spread, since they would all come at one moment. */
const COMES_BACK = { soonest: 200, latest: 1500 };

/** Whether it is a stream of server-sent events that has begun and not ended. */
export function isEventStream(response: ServerResponse): boolean {
  if (!response.headersSent || response.writableEnded) return false;
  const type = response.getHeader('content-type');
  if (typeof type === 'string') return /^text\/event-stream\b/i.test(type);
  // What was handed to writeHead() alone is found nowhere but in the text that was sent.
  return /^content-type: *text\/event-stream\b/im.test(String(Reflect.get(response, '_header')));
}

/** Ends such a stream: tells the client when to come back, and that it must do so over another connection. */
export function endEvents(response: ServerResponse): void {
  // Who writes the events may not have noticed yet; what it writes behind the end is an error that nobody waits for.
  response.on('error', () => undefined);
  response.once('finish', () => {
    if (response.req.httpVersionMajor === 1) response.req.socket.destroySoon();
  });
  const { soonest, latest } = COMES_BACK;
  response.write(`retry: ${Math.round(soonest + Math.random() * (latest - soonest))}\n\n`);
  response.end();
}
