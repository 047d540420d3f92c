import type { ServerResponse } from 'node:http';

/** Does what `writeHead()` asks for without writing: so it can still be changed. Headers are an object, a list of pairs, or a list in which names and values take turns. */
export function applyHead(raw: ServerResponse, [status, ...rest]: readonly unknown[]): void {
  raw.statusCode = status as number;
  if (typeof rest[0] === 'string') raw.statusMessage = rest[0];
  const headers = rest.at(-1);
  if (Array.isArray(headers)) applyList(raw, headers as unknown[]);
  else
    for (const [name, value] of Object.entries(Object(headers) as object))
      raw.setHeader(name, value as string | string[]);
}

/** A name that comes more than once keeps all of its values. */
function applyList(raw: ServerResponse, headers: readonly unknown[]): void {
  const flat = headers.flatMap((each) => (Array.isArray(each) ? (each as unknown[]).slice(0, 2) : [each])) as string[];
  const pairs = Array.from({ length: flat.length / 2 }, (_, place) => [flat[place * 2], flat[place * 2 + 1]] as const);
  for (const [name = ''] of pairs) raw.removeHeader(name);
  for (const [name = '', value = ''] of pairs) raw.appendHeader(name, value);
}
