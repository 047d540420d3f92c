import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { messagesOf } from './messages-of.js';
import { Pages } from './pages.js';

/** Whoever asked for a page gets a page, also when something went wrong. */
@Catch(HttpException)
export class PageErrors implements ExceptionFilter<HttpException> {
  constructor(
    private readonly pages: Pages,
    private readonly http: HttpAdapterHost,
  ) {}

  catch(error: HttpException, host: ArgumentsHost): void {
    const status = error.getStatus();
    const http = host.switchToHttp();
    const page = this.pages.error(status, messagesOf(error), http.getRequest<object>());
    this.http.httpAdapter.reply(http.getResponse(), page, status);
  }
}
