import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';

import { describeThrown, printable } from '../plugin/printable.js';
import { PluginRegistry } from '../registry/plugin.registry.js';
import { AdminPage } from './admin-page.js';
import { Answers } from './answers.js';
import { AuditTrail } from './audit-trail.js';
import { errorAnswer } from './error-answer.js';
import type { AdminRequest } from './guards/client.js';
import { PluginView } from './plugin-view.js';
import { Refusal } from './refusal.js';

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
    // Our own sentences have no paths, and an attacker shall not keep us busy looking for them.
    const withoutPaths = error instanceof Refusal ? String : new PluginView(this.registry).withoutPaths;
    const { status, body, headers } = errorAnswer(error, withoutPaths);
    if (body.code === 'INTERNAL') this.#logger.error(`The admin failed: ${describeThrown(error)}`, stackOf(error));
    this.trail.refused(request, status, body);
    if (status === 401 && this.page.askToSignIn(request, response, headers)) return;
    this.answers.send(response, status, body, headers);
  }
}

/** Its first lines are what the error says, which a plugin may have written. */
function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack?.split('\n').map(printable).join('\n') : undefined;
}
