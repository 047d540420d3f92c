import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { firstValueFrom, isObservable } from 'rxjs';

import { isCrossOrigin } from './cross-origin.js';
import { printable } from '../plugin/printable.js';
import type { ResolvedAdmin } from './admin.options.js';
import { isAllowedHost } from './allowed-host.js';
import { AllowIps } from './guards/allow-ips.js';
import { headerOf, peerOf, type AdminRequest } from './guards/client.js';
import { isCredentialGuard } from './guards/credential-guard.js';
import { Refusal } from './refusal.js';
import { Throttle } from './throttle.js';

/** The injection token of the {@link ResolvedAdmin}. */
export const ADMIN_OPTIONS = Symbol('nestjs-pluginkit:admin-options');
/** The injection token of the guards that the application gave, made. */
export const ADMIN_GUARDS = Symbol('nestjs-pluginkit:admin-guards');

/**
 * Stands before everything of the admin: first whether the request can be meant, then who makes it. It is a guard of the
 * controller, since a path can be written in more ways than a middleware is registered for.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  readonly #guards: readonly CanActivate[];

  constructor(
    @Inject(ADMIN_OPTIONS) private readonly options: ResolvedAdmin,
    @Inject(ADMIN_GUARDS) guards: readonly CanActivate[],
    private readonly throttle: Throttle,
  ) {
    // Who may not enter from where he is shall not guess either.
    this.#guards = [...guards].toSorted((a, b) => Number(b instanceof AllowIps) - Number(a instanceof AllowIps));
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const host = headerOf(request, ':authority') ?? headerOf(request, 'host');
    if (!isAllowedHost(host, this.options.allowedHosts)) throw wrongHost(host);
    this.#refuseCrossSite(request, host);
    const peer = peerOf(request);
    for (const guard of this.#guards) {
      const account = isCredentialGuard(guard) ? guard.accountOf(request) : undefined;
      const ask = (): Promise<boolean> => answerOf(guard, context);
      const isIn = await (account === undefined ? ask() : this.throttle.attempt(account, peer, ask));
      if (!isIn) throw new Refusal(403, 'FORBIDDEN', 'You may not enter.');
    }
    return true;
  }

  /** A browser sends along who has signed in, whoever made the page that asks. */
  #refuseCrossSite(request: AdminRequest, host: string | undefined): void {
    const { method } = request;
    const { trustedOrigins } = this.options;
    const secFetchSite = headerOf(request, 'sec-fetch-site');
    const origin = headerOf(request, 'origin');
    const isReading = method === 'GET' || method === 'HEAD';
    if (isReading && (secFetchSite === undefined || headerOf(request, 'sec-fetch-mode') === 'navigate')) return;
    // Reading is judged like writing, but for links from elsewhere, which lead to the page.
    if (isCrossOrigin({ method: isReading ? 'POST' : method, secFetchSite, origin, host }, trustedOrigins))
      throw new Refusal(403, 'CROSS_SITE', 'This request comes from a page of another site.', {
        hint: 'If that site is yours, add its origin to the option "admin.trustedOrigins".',
      });
    if (isReading || method === 'OPTIONS') return;
    const isJson = /^application\/json\s*(?:;|$)/i.test(headerOf(request, 'content-type') ?? '');
    if (!isJson && headerOf(request, 'x-pluginkit') === undefined)
      throw new Refusal(403, 'CROSS_SITE', 'This request might have been made by a form of another site.', {
        hint: 'Send "Content-Type: application/json", or the header "X-PluginKit: 1" where there is no body.',
      });
  }
}

async function answerOf(guard: CanActivate, context: ExecutionContext): Promise<boolean> {
  const answer = guard.canActivate(context);
  return isObservable(answer) ? firstValueFrom(answer) : answer;
}

function wrongHost(host: string | undefined): Refusal {
  const name = printable(host ?? '').slice(0, 255);
  return new Refusal(403, 'HOST_NOT_ALLOWED', 'This application is not administered by this host name.', {
    hint: `If ${name === '' ? 'it' : `"${name}"`} is meant for it, add its name to the option "admin.allowedHosts".`,
  });
}
