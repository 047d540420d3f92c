import {
  All,
  Controller,
  Req,
  Res,
  SetMetadata,
  UseFilters,
  UseGuards,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';

import { APART_FROM_PLUGINS } from '../host/route-table.js';
import { AdminErrorsFilter } from './admin-errors.filter.js';
import { AdminPage } from './admin-page.js';
import { AdminGuard } from './admin.guard.js';
import type { AdminRequest } from './guards/client.js';
import { methodsOf } from './open-api.js';
import { Refusal } from './refusal.js';

/**
 * Makes the controller of whatever else lies below the admin's path: the page behind a slash, and what is not there, so that it
 * stands behind the same guards.
 * It is a class of its own for each application, since not before the application starts is it known on which platform:
 * see {@link answerAllBelow}.
 */
export function restController(): Type {
  @SetMetadata(APART_FROM_PLUGINS, true)
  @UseFilters(AdminErrorsFilter)
  @UseGuards(AdminGuard)
  @Controller({ version: VERSION_NEUTRAL })
  class AdminRestController {
    constructor(private readonly page: AdminPage) {}

    @All('*rest')
    answer(@Req() request: AdminRequest, @Res() response: object): void {
      const rest = restIn(request);
      if (rest === '' && (request.method === 'GET' || request.method === 'HEAD'))
        return this.page.open(request, response);
      const methods = methodsOf(rest);
      // One that is asked by this method would have been found, were it not written in a strange way.
      if (methods.length === 0 || methods.includes(request.method))
        throw new Refusal(404, 'NO_SUCH_PATH', 'There is nothing here.');
      throw new Refusal(405, 'METHOD_NOT_ALLOWED', 'This path is not asked by this method.', {
        hint: `Use ${methods.join(' or ')}.`,
        headers: { Allow: methods.join(', ') },
      });
    }
  }
  return AdminRestController;
}

/** Writes the path of that controller as the platform does. */
export function answerAllBelow(controller: Type, wildcard: string): void {
  const handler = Object.getOwnPropertyDescriptor(controller.prototype, 'answer');
  if (handler) All(wildcard)(controller.prototype as object, 'answer', handler);
}

/** Express gives the parts of a wildcard as a list, Fastify as one text under a star. */
function restIn({ params = {} }: AdminRequest): string {
  const rest = params['rest'] ?? params['*'];
  return Array.isArray(rest) ? rest.join('/') : typeof rest === 'string' ? rest : '';
}
