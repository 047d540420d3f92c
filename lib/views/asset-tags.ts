import type { AddressInfo } from 'node:net';

import { isAssetPath, type AssetFiles, type AssetOwners } from './asset-files.js';

/** How the address of a file is given. */
export interface AssetTagOptions {
  /** Only the address, without a tag. @default false */
  readonly raw?: boolean;
  /** With scheme and host. @default false */
  readonly absolute?: boolean;
}

/** What whole addresses begin with. */
export interface Origins {
  readonly baseUrl?: string | undefined;
  readonly request?: object | undefined;
  /** What the server tells of where it listens. */
  readonly address?: unknown;
}

/** Writes the address of a file so that it is safe in a page as in a program: nothing in it means anything in HTML. */
export class AssetTags {
  constructor(
    private readonly files: AssetFiles,
    private readonly assetsPath: string,
    private readonly tellMissing: (plugin: string, file: string) => void,
  ) {}

  /** @returns '' for plugins that are off or not there, and for what cannot be the path of a file */
  tag(
    owners: AssetOwners,
    plugin: string,
    file: string,
    { raw = false, absolute = false }: AssetTagOptions,
    origins: Origins,
  ): string {
    const segments = file.split('/');
    if (!owners.has(plugin) || !isAssetPath(segments)) return '';
    const found = this.files.find(owners, plugin, segments);
    if (!found) this.tellMissing(plugin, file);
    const version = found ? `?v=${this.files.versionOf(found)}` : '';
    const href = `${absolute ? originOf(origins) : ''}${this.assetsPath}/${[plugin, ...segments].map(encoded).join('/')}${version}`;
    if (!raw && file.endsWith('.css')) return `<link rel="stylesheet" href="${href}">`;
    if (!raw && file.endsWith('.js')) return `<script src="${href}"></script>`;
    return href;
  }
}

/** Leaves nothing but letters, digits and `-._~%`. */
function encoded(segment: string): string {
  return encodeURIComponent(segment).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** What the application says; else the host that the request names; else where the server listens. */
function originOf({ baseUrl, request, address }: Origins): string {
  return baseUrl ?? (request && ofRequest(request)) ?? ofServer(address);
}

/** Both platforms work out `protocol` and `host`; the client may have written what it likes. */
function ofRequest(request: object): string | undefined {
  const { protocol, host } = request as { protocol?: unknown; host?: unknown };
  if (protocol !== 'http' && protocol !== 'https') return undefined;
  return typeof host === 'string' && /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i.test(host)
    ? `${protocol}://${host}`
    : undefined;
}

function ofServer(address: Origins['address']): string {
  if (typeof address !== 'object' || address === null) return ''; // it does not, or on a path
  const { address: host, port } = address as AddressInfo;
  const name = ['::', '0.0.0.0'].includes(host) ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
