import { HttpException } from '@nestjs/common';

import type { AdminErrorCode } from './api.js';

/** Why the admin does not do what a request asks. */
export class Refusal extends HttpException {
  readonly hint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    readonly code: AdminErrorCode,
    message: string,
    { hint, headers = {} }: { hint?: string; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super({ code, message, ...(hint !== undefined && { hint }) }, status);
    this.message = message;
    this.hint = hint;
    this.headers = headers;
  }
}
