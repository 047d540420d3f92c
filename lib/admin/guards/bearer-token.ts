import type { ExecutionContext } from '@nestjs/common';

import { unauthorized } from './basic-auth.js';
import { headerOf, setPrincipal, type AdminRequest } from './client.js';
import type { CredentialGuard } from './credential-guard.js';
import { digest, digestFromHex, isEqual } from './secrets.js';

/** Which tokens open the door: those of `hashes`, or those for which `verify` says so. */
export type BearerTokenOptions =
  | {
      /** The hexadecimal SHA-256 of each token: a list, or by the name that the audit shall tell. */
      hashes: readonly string[] | Readonly<Record<string, string>>;
      verify?: never;
    }
  | {
      /** Tells whether a token is good: `false`, `true`, or the name that the audit shall tell. */
      verify: (token: string) => boolean | string | Promise<boolean | string>;
      hashes?: never;
    };

/**
 * A guard that asks for a token: `Authorization: Bearer <token>`. Tokens are kept and compared as hashes.
 * @throws TypeError for a hash that is none
 */
export function bearerToken({ hashes, verify }: BearerTokenOptions): CredentialGuard {
  if (Boolean(hashes) === Boolean(verify)) throw new TypeError('bearerToken: give either "hashes" or "verify".');
  const check = verify ?? comparing(hashes);
  return {
    accountOf: (request) => (tokenOf(request) === undefined ? undefined : 'bearer token'),
    canActivate: async (context: ExecutionContext) => {
      const request = context.switchToHttp().getRequest<AdminRequest>();
      const token = tokenOf(request);
      if (token === undefined) throw unauthorized('A token is needed.', 'Bearer realm="pluginkit"');
      const found = await check(token);
      if (found !== true && (typeof found !== 'string' || found === ''))
        throw unauthorized('The token is wrong.', 'Bearer realm="pluginkit", error="invalid_token"');
      setPrincipal(request, found === true ? 'bearer token' : found);
      return true;
    },
  };
}

/** Looks at all of them whichever is the right one. */
function comparing(hashes: readonly string[] | Readonly<Record<string, string>>): (token: string) => boolean | string {
  const isNamed = !Array.isArray(hashes);
  const known = Object.entries(hashes).map(([name, hex]: [string, unknown]) => {
    const hash = digestFromHex(hex);
    if (!hash)
      throw new TypeError('bearerToken: each of "hashes" must be the SHA-256 of a token, as 64 hexadecimal digits.');
    return { name, hash };
  });
  if (known.length === 0) throw new TypeError('bearerToken: "hashes" must have at least one hash.');
  return (token) => {
    const given = digest(token);
    let found: string | undefined;
    for (const { name, hash } of known) if (isEqual(given, hash)) found = name;
    return found === undefined ? false : isNamed ? found : true;
  };
}

function tokenOf(request: AdminRequest): string | undefined {
  return /^bearer +(\S+)$/i.exec(headerOf(request, 'authorization') ?? '')?.[1];
}
