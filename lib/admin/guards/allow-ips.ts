import { BlockList, isIP, isIPv4 } from 'node:net';

import type { CanActivate, ExecutionContext } from '@nestjs/common';

import { Refusal } from '../refusal.js';
import { addressOf, type AdminRequest } from './client.js';

/** A guard that looks at nothing but the address: it narrows what other guards allow, and never stands for them. */
export class AllowIps implements CanActivate {
  readonly #allowed = new BlockList();

  /** @throws TypeError for what is neither an address nor a network */
  constructor(networks: readonly string[]) {
    if (!Array.isArray(networks) || networks.length === 0)
      throw new TypeError('allowIps: give at least one address or network, as "10.0.0.0/8".');
    for (const network of networks) this.#allow(String(network));
  }

  /** @throws Refusal for an address that is not among them */
  canActivate(context: ExecutionContext): boolean {
    const address = addressOf(context.switchToHttp().getRequest<AdminRequest>()) ?? '';
    if (isIP(address) && this.#allowed.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')) return true;
    throw new Refusal(403, 'FORBIDDEN', 'This address may not enter.');
  }

  #allow(network: string): void {
    const [address = '', length, more] = network.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const longest = family === 'ipv4' ? 32 : 128;
    const prefix = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) : Infinity;
    if (!isIP(address) || prefix > longest || more !== undefined)
      throw new TypeError(
        `allowIps: "${network}" is neither an address nor a network, as "192.0.2.7" or "10.0.0.0/8".`,
      );
    this.#allowed.addSubnet(address, prefix, family);
  }
}

/**
 * A guard that lets in addresses of these networks only. It comes on top of another guard, since an address proves nobody.
 * @throws TypeError for what is neither an address nor a network
 *
 * @example
 * admin: { guards: [basicAuth({ users }), allowIps(['10.0.0.0/8', '::1'])] }
 */
export function allowIps(networks: readonly string[]): CanActivate {
  return new AllowIps(networks);
}
