import type { ExecutionContext } from '@nestjs/common';

import { Refusal } from '../refusal.js';
import { headerOf, setPrincipal, type AdminRequest } from './client.js';
import type { CredentialGuard } from './credential-guard.js';
import { digest, digestFromHex, isEqual } from './secrets.js';

/** Who may enter by name and password. */
export interface BasicAuthOptions {
  /** By name the password, or `sha256:` and the hexadecimal SHA-256 of it. */
  users: Readonly<Record<string, string>>;
  /** What the browser shows when it asks. @default 'pluginkit' */
  realm?: string;
}

/** What nobody's password is compared with: an unknown name costs as much as a known one. */
const NOBODY = digest('');

/**
 * A guard that asks for name and password by HTTP Basic authentication. Passwords are kept and compared as hashes.
 * @throws TypeError for a user without a password
 */
export function basicAuth({ users, realm = 'pluginkit' }: BasicAuthOptions): CredentialGuard {
  const digests = new Map(Object.entries(users).map(([name, password]) => [name, digestOfPassword(name, password)]));
  if (digests.size === 0)
    throw new TypeError('basicAuth: "users" must name at least one user, as { users: { ada: "…" } }.');
  if (!/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(realm))
    throw new TypeError('basicAuth: "realm" must be plain text without quotes.');
  const challenge = `Basic realm="${realm}", charset="UTF-8"`;
  return {
    accountOf: (request) => credentialsOf(request)?.name,
    canActivate: (context: ExecutionContext) => {
      const request = context.switchToHttp().getRequest<AdminRequest>();
      const given = credentialsOf(request);
      if (!given) throw unauthorized('A name and a password are needed.', challenge);
      const known = digests.get(given.name);
      if (!isEqual(digest(given.password), known ?? NOBODY) || !known)
        throw unauthorized('The name or the password is wrong.', challenge);
      setPrincipal(request, given.name);
      return true;
    },
  };
}

/** Refuses, and tells the client how to identify itself. */
export function unauthorized(message: string, challenge: string): Refusal {
  return new Refusal(401, 'UNAUTHORIZED', message, { headers: { 'WWW-Authenticate': challenge } });
}

function digestOfPassword(name: string, password: unknown): Buffer {
  if (typeof password !== 'string' || password === '' || name === '' || name.includes(':'))
    throw new TypeError(
      `basicAuth: the user ${JSON.stringify(name)} needs a password that is text and not empty, and a name without ":".`,
    );
  if (!password.startsWith('sha256:')) return digest(password);
  const hashed = digestFromHex(password.slice('sha256:'.length));
  if (hashed) return hashed;
  throw new TypeError(
    `basicAuth: what stands behind "sha256:" for the user ${JSON.stringify(name)} must be 64 hexadecimal digits.`,
  );
}

function credentialsOf(request: AdminRequest): { name: string; password: string } | undefined {
  const encoded = /^basic +([\w+/=-]+)$/i.exec(headerOf(request, 'authorization') ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
