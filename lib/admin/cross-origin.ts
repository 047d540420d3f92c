/** What of a request tells where it was made. */
export interface RequestOrigin {
  readonly method: string;
  readonly secFetchSite?: string | undefined;
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * Whether a browser made this request for a page of another origin. Newer browsers say so (`Sec-Fetch-Site`), older ones tell the
 * page's origin, which is compared with the host that was asked; what sends neither is no browser.
 * Later versions of NestJS 12 have the same rule, for a whole application only.
 */
export function isCrossOrigin(
  { method, secFetchSite, origin, host }: RequestOrigin,
  trustedOrigins: ReadonlySet<string>,
): boolean {
  if (SAFE.has(method)) return false;
  if (origin !== undefined && trustedOrigins.has(origin)) return false;
  if (secFetchSite) return !OWN_SITES.has(secFetchSite);
  return Boolean(origin) && !isOriginOf(origin ?? '', host ?? '');
}

/**
 * A trusted origin as browsers write it.
 * @throws Error for what is no `scheme://host[:port]`
 */
export function trustedOrigin(origin: string): string {
  const isWritten = /^[a-z][\w+.-]*:\/\/[^/?#\\@*\s]+$/i.test(origin);
  const { origin: own, host, protocol } = isWritten ? new URL(origin) : { origin: '', host: '', protocol: '' };
  if (host === '')
    throw new Error(`"${origin}" is no origin: it is written scheme://host[:port], with nothing behind.`);
  return own === 'null' ? `${protocol}//${host}` : own;
}

/** The scheme of what was asked for is not known: a proxy may have taken TLS away. The port that it implies counts as named. */
function isOriginOf(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return url.host !== '' && [url.host, `${url.hostname}:${port}`].includes(host.toLowerCase());
}
