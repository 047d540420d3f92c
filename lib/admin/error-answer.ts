import { HttpException } from '@nestjs/common';

import { PluginError } from '../plugin/plugin-error.js';
import { printable } from '../plugin/printable.js';
import type { AdminError, AdminErrorCode } from './api.js';
import { Refusal } from './refusal.js';

/** What is answered to an error. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: AdminError;
  readonly headers: Readonly<Record<string, string>>;
}

/** Turns whatever was thrown into an answer that tells what is wrong and what to do, and nothing of the machine. */
export function errorAnswer(error: unknown, withoutPaths: (text: string) => string): ErrorAnswer {
  const { status, body, headers = {} } = known(error);
  const message = withoutPaths(printable(body.message));
  const hint = body.hint === undefined ? {} : { hint: withoutPaths(printable(body.hint)) };
  return { status, body: { ...body, message, ...hint }, headers };
}

type Draft = Omit<ErrorAnswer, 'headers'> & Partial<ErrorAnswer>;

function known(error: unknown): Draft {
  if (error instanceof PluginError) return { status: STATUS_OF_CODE[error.code] ?? 409, body: adminError(error) };
  if (error instanceof Refusal) {
    const { code, message, hint, headers } = error;
    return { status: error.getStatus(), body: { code, message, ...(hint !== undefined && { hint }) }, headers };
  }
  if (error instanceof HttpException) return ofStatus(error.getStatus(), error.message);
  return ofStatus(statusOf(error));
}

/** A {@link PluginError} as the admin tells it; its paths are still in it. */
export function adminError({ code, message, plugin, hint }: PluginError): AdminError {
  return { code, message, ...(plugin !== '*' && { plugin }), hint };
}

/** All others say that the state of the plugins does not allow it. */
const STATUS_OF_CODE: Partial<Record<PluginError['code'], number>> = { NOT_FOUND: 404, STATE_WRITE_FAILED: 503 };

const CODES: Readonly<Record<number, AdminErrorCode>> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NO_SUCH_PATH',
  405: 'METHOD_NOT_ALLOWED',
  409: 'BUSY',
  429: 'TOO_MANY_FAILURES',
};

const BODY_HINT = 'Send JSON as { "cascade": true }, or nothing.';

function ofStatus(status: number, message?: string): Draft {
  if (status >= 500) {
    const kept = status === 503 ? 503 : 500;
    return {
      status: kept,
      body: { code: 'INTERNAL', message: 'The application failed to answer; its log tells why.' },
    };
  }
  if (status === 413)
    return { status: 400, body: { code: 'TOO_LARGE', message: 'The body is too large.', hint: BODY_HINT } };
  if (status === 415)
    return { status: 403, body: { code: 'CROSS_SITE', message: 'The body is not JSON.', hint: BODY_HINT } };
  const code = CODES[status] ?? 'BAD_REQUEST';
  return code === 'BAD_REQUEST' && message === undefined
    ? { status, body: { code, message: 'The request cannot be read.', hint: BODY_HINT } }
    : { status, body: { code, message: message ?? 'The request was refused.' } };
}

/** Errors of the platforms' own parsers carry a status. */
function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 500;
  const status: unknown = Reflect.get(error, 'statusCode') ?? Reflect.get(error, 'status');
  if (error instanceof URIError) return 400;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
