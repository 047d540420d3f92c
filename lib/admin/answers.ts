import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** On everything that the admin answers: nothing of it is kept, framed, guessed at, or may load anything from elsewhere. */
const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store, no-transform',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Sends what the admin answers by itself, so that interceptors of the application do not wrap it. */
@Injectable()
export class Answers {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  /** @param body an object is sent as JSON; text, bytes and streams need a `Content-Type` among the headers */
  send(response: object, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    const { httpAdapter } = this.adapterHost;
    if (httpAdapter.isHeadersSent(response)) return;
    for (const [name, value] of Object.entries({ ...HEADERS, ...headers }))
      httpAdapter.setHeader(response, name, value);
    void httpAdapter.reply(response, body, status);
  }
}
