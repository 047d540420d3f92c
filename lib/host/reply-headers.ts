import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';

interface Reply {
  getHeaders(): OutgoingHttpHeaders;
}

/**
 * Has the headers that are set on a reply of Fastify reach Node's response at once. Fastify keeps them until it sends the reply itself,
 * which it does not where middleware answers, or where the answer is on its way already.
 * @param response the platform's response: that of Express is Node's own
 * @returns what `call` returns; a promise of it where it is async
 */
export function carryHeaders(response: object, raw: ServerResponse, call: () => unknown): unknown {
  if (response === raw) return call();
  const reply = response as Reply;
  const before = told(reply);
  const carry = (): void => {
    if (Reflect.get(Object.getPrototypeOf(raw) as object, 'headersSent', raw)) return;
    const after = reply.getHeaders();
    for (const [name, value] of Object.entries(after))
      if (value !== undefined && tell(value) !== before.get(name)) raw.setHeader(name, value);
    for (const name of before.keys()) if (after[name] === undefined) raw.removeHeader(name);
  };
  const result = call();
  if (result instanceof Promise) return result.finally(carry);
  carry();
  return result;
}

/** As text, since Fastify adds to a list of cookies in place. */
function told(reply: Reply): Map<string, string> {
  return new Map(Object.entries(reply.getHeaders()).map(([name, value]) => [name, tell(value)]));
}

function tell(value: OutgoingHttpHeader | undefined): string {
  return value === undefined ? '' : JSON.stringify(value);
}
