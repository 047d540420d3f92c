import { isIP } from 'node:net';

/**
 * Whether a request came by a name that is meant for this application: a page of a stranger can make its own name lead
 * here, and then count as the same origin. Local names and addresses cannot be had by strangers.
 */
export function isAllowedHost(host: string | undefined, allowedHosts: readonly string[]): boolean {
  const name = hostnameOf(host);
  if (name === undefined) return false;
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    isIP(name.replace(/^\[|\]$/g, '')) > 0 ||
    allowedHosts.some((allowed) => isMeant(allowed.toLowerCase(), name, String(host).toLowerCase()))
  );
}

/** A name, a name with a port, or `.example.org` for all names below it. */
function isMeant(allowed: string, name: string, host: string): boolean {
  if (allowed.startsWith('.')) return name.endsWith(allowed) || name === allowed.slice(1);
  return allowed === name || allowed === host;
}

function hostnameOf(host: string | undefined): string | undefined {
  if (host === undefined || !/^(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.test(host)) return undefined;
  return host.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase();
}
