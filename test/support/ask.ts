import { request, type IncomingHttpHeaders } from 'node:http';

/** What is asked, exactly as written. */
export interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Asks a server a question: fetch() would tidy the path up, and set headers of its own. */
export function ask(
  url: string,
  { method, path, headers = {}, body }: Question,
): Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    request({ hostname, port, method, path, headers: { ...headers, ...length } }, (message) => {
      let text = '';
      message.setEncoding('utf8').on('data', (part: string) => (text += part));
      message.on('end', () => resolve({ status: message.statusCode, headers: message.headers, body: text }));
    })
      .on('error', reject)
      .end(body);
  });
}
