import type { CanActivate } from '@nestjs/common';

import type { AdminRequest } from './client.js';

/** A guard that checks a secret: the admin counts its failures for each account and peer. */
export interface CredentialGuard extends CanActivate {
  /** Whose secret a request brings; `undefined` where it brings none, which is no failed attempt. */
  accountOf(request: AdminRequest): string | undefined;
}

export function isCredentialGuard(guard: CanActivate): guard is CredentialGuard {
  return 'accountOf' in guard && typeof guard.accountOf === 'function';
}
