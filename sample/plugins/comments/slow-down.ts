import { HttpException, HttpStatus, Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

const MINUTE = 60_000;
const MOST = 20;

/** Takes no more than a few comments a minute from one address. */
@Injectable()
export class SlowDown implements NestMiddleware {
  readonly #recent = new Map<string, number[]>();

  use({ method, ip = '' }: Request, _response: Response, next: NextFunction): void {
    if (method !== 'POST') {
      next();
      return;
    }
    const now = Date.now();
    const recent = (this.#recent.get(ip) ?? []).filter((time) => now - time < MINUTE);
    if (recent.length >= MOST) throw new HttpException('One comment at a time, please', HttpStatus.TOO_MANY_REQUESTS);
    this.#recent.set(ip, [...recent, now]);
    next();
  }
}
