import { type ArgumentsHost, BadRequestException, Catch, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { messagesOf } from './messages-of.js';
import { Pages } from './pages.js';

/** Shows the form again with what was typed and what is wrong with it: nobody wants to write a note twice. */
@Catch(BadRequestException)
export class RejectedPosts implements ExceptionFilter<BadRequestException> {
  constructor(
    private readonly pages: Pages,
    private readonly http: HttpAdapterHost,
  ) {}

  catch(error: BadRequestException, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<{ body?: Record<string, unknown> }>();
    const page = this.pages.home(request, { values: textsOf(request.body ?? {}), errors: messagesOf(error) });
    this.http.httpAdapter.reply(http.getResponse(), page, 400);
  }
}

function textsOf(body: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
