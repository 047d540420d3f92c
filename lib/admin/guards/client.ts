import { isIPv6 } from 'node:net';

/** What of a request of Express or Fastify the admin reads. */
export interface AdminRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly url: string;
  /** Express cuts `url` for what is mounted below a path, and keeps the whole here. */
  readonly originalUrl?: string;
  /** The client's address, by the platform's own trust-proxy setting. */
  readonly ip?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: unknown;
  readonly body?: unknown;
  /** The request of Node.js, on Fastify. */
  readonly raw?: object;
  readonly socket?: { readonly remoteAddress?: string | undefined };
  /** Where guards of the application leave who asks. */
  readonly user?: unknown;
}

const PRINCIPAL = Symbol('nestjs-pluginkit:principal');

/** Notes who made a request, for the audit. */
export function setPrincipal(request: AdminRequest, name: string): void {
  Reflect.set(request.raw ?? request, PRINCIPAL, name);
}

/** Who made a request: the name that a guard noted, else that of `request.user`. */
export function principalOf(request: AdminRequest): string | undefined {
  const noted: unknown = Reflect.get(request.raw ?? request, PRINCIPAL);
  return typeof noted === 'string' ? noted : nameOf(request.user);
}

function nameOf(user: unknown): string | undefined {
  if (typeof user === 'string') return user;
  if (typeof user !== 'object' || user === null) return undefined;
  for (const key of ['name', 'username', 'email', 'sub', 'id']) {
    const value: unknown = Reflect.get(user, key);
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value);
  }
  return undefined;
}

/** The client's address: that of the socket, unless the platform was told to trust a proxy. `::ffff:1.2.3.4` is `1.2.3.4`. */
export function addressOf(request: AdminRequest): string | undefined {
  const address = request.ip ?? request.socket?.remoteAddress;
  return address?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');
}

/** Whom failures are counted for: one IPv6 customer has 2^64 addresses. */
export function peerOf(request: AdminRequest): string {
  const address = addressOf(request) ?? 'local socket';
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array<string>(missing).fill('0'), ...(tail ? tail.split(':') : [])];
  return `${all.slice(0, 4).join(':')}::/64`;
}

/** The one value of a header; a repeated one has none, but for the few that Node.js joins itself. */
export function headerOf(request: AdminRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
