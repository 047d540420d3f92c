import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';

import { describeThrown } from '../plugin/printable.js';
import { PluginRegistry } from '../registry/plugin.registry.js';
import { AdminPage } from './admin-page.js';
import { Answers } from './answers.js';
import { AuditTrail } from './audit-trail.js';
import { errorAnswer } from './error-answer.js';
import type { AdminRequest } from './guards/client.js';
import { PluginView } from './plugin-view.js';

/** Answers every error of the admin's routes in one form, and notes what was refused. */
@Catch()
export class AdminErrorsFilter implements ExceptionFilter {
  readonly #logger = new Logger('PluginKit');

  constructor(
    private readonly answers: Answers,
    private readonly trail: AuditTrail,
    private readonly registry: PluginRegistry,
    private readonly page: AdminPage,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest(), http.getResponse());
  }

  answer(error: unknown, request: AdminRequest, response: object): void {
    const { status, body, headers } = errorAnswer(error, new PluginView(this.registry).withoutPaths);
    if (body.code === 'INTERNAL') this.#logger.error(`The admin failed: ${describeThrown(error)}`, stackOf(error));
    this.trail.refused(request, status, body);
    if (status === 401 && this.page.askToSignIn(request, response, headers)) return;
    this.answers.send(response, status, body, headers);
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
