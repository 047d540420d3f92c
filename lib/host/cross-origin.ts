import { evaluateCrossOriginRequest, normalizeTrustedOrigin } from '@nestjs/core/security/cross-origin-protection.js';

/** What of a request tells where it was made. */
export interface RequestOrigin {
  readonly method: string;
  readonly secFetchSite?: string | undefined;
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}

/**
 * Whether a browser made this request for a page of another origin: Nest's own rule, which `enableCsrfProtection()` has for a
 * whole application, asked for some routes only.
 */
export function isCrossOrigin(request: RequestOrigin, trustedOrigins: ReadonlySet<string>): boolean {
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
  return !evaluateCrossOriginRequest({ method: request.method, ...given }, { trustedOrigins }).allowed;
}

/**
 * A trusted origin as browsers write it.
 * @throws Error for what is no `scheme://host[:port]`
 */
export function trustedOrigin(origin: string): string {
  return normalizeTrustedOrigin(origin);
}
