import {
  Controller,
  Get,
  HttpCode,
  Inject,
  Post,
  Req,
  Res,
  SetMetadata,
  StreamableFile,
  UseFilters,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';

import { APART_FROM_PLUGINS } from '../host/route-table.js';
import { PluginRegistry } from '../registry/plugin.registry.js';
import { AdminErrorsFilter } from './admin-errors.filter.js';
import { AdminEventStream } from './admin-event-stream.js';
import { AdminPage } from './admin-page.js';
import { AdminGuard } from './admin.guard.js';
import { Answers } from './answers.js';
import type { Health, PluginList, ReloadAnswer } from './api.js';
import { AuditTrail } from './audit-trail.js';
import { headerOf, type AdminRequest } from './guards/client.js';
import { openApi } from './open-api.js';
import { PluginChanges } from './plugin-changes.js';
import { PluginKitHealthIndicator } from './plugin-kit.health.js';
import { ADMIN_VERSIONS, PluginPages } from './plugin-pages.js';
import { readAuditQuery, readFlags } from './read-input.js';
import { Refusal } from './refusal.js';

/** The plugins over HTTP: what there is, what was done, and switching them. */
@SetMetadata(APART_FROM_PLUGINS, true)
@UseFilters(AdminErrorsFilter)
@UseGuards(AdminGuard)
@Controller({ version: VERSION_NEUTRAL })
export class PluginAdminController {
  constructor(
    private readonly page: AdminPage,
    private readonly pages: PluginPages,
    private readonly changes: PluginChanges,
    private readonly trail: AuditTrail,
    private readonly events: AdminEventStream,
    private readonly health: PluginKitHealthIndicator,
    private readonly registry: PluginRegistry,
    private readonly answers: Answers,
    @Inject(ADMIN_VERSIONS) private readonly versions: PluginList['versions'],
  ) {}

  @Get()
  open(@Req() request: AdminRequest, @Res() response: object): void {
    this.page.open(request, response);
  }

  @Get('api/plugins')
  list(@Req() request: AdminRequest, @Res() response: object): void {
    this.answers.send(response, 200, this.pages.list(request));
  }

  @Get('api/plugins/:name')
  async one(@Req() request: AdminRequest, @Res() response: object): Promise<void> {
    this.answers.send(response, 200, await this.pages.one(nameIn(request)));
  }

  @Post('api/plugins/:name/enable')
  enable(@Req() request: AdminRequest, @Res() response: object): Promise<void> {
    return this.#switch('enable', request, response);
  }

  @Post('api/plugins/:name/disable')
  disable(@Req() request: AdminRequest, @Res() response: object): Promise<void> {
    return this.#switch('disable', request, response);
  }

  @Post('api/reload')
  @HttpCode(202)
  async reload(@Req() request: AdminRequest, @Res() response: object): Promise<void> {
    await readFlags(request, []);
    const { at, ...ticket } = await this.changes.reload(request);
    const answer = { ticket: { ...ticket, at: at.toISOString() } } satisfies ReloadAnswer;
    this.answers.send(response, 202, answer);
  }

  @Get('api/events')
  stream(@Req() request: AdminRequest, @Res() response: object): void {
    const type = 'text/event-stream';
    const stream = this.events.open(headerOf(request, 'last-event-id'));
    this.answers.send(response, 200, new StreamableFile(stream, { type }), {
      'Content-Type': type,
      'X-Accel-Buffering': 'no',
    });
  }

  @Get('api/audit')
  async audit(@Req() request: AdminRequest, @Res() response: object): Promise<void> {
    this.answers.send(response, 200, await this.trail.page(readAuditQuery(request)));
  }

  @Get('api/health')
  healthOf(@Res() response: object): void {
    const details = this.health.isHealthy('pluginkit');
    const isUp = details.pluginkit.status === 'up';
    const [info, error] = isUp ? [details, {}] : [{}, details];
    const health = { status: isUp ? 'ok' : 'error', info, error, details } satisfies Health;
    this.answers.send(response, isUp ? 200 : 503, health);
  }

  @Get('api/openapi.json')
  description(@Res() response: object): void {
    this.answers.send(response, 200, openApi(this.versions['nestjs-pluginkit']));
  }

  async #switch(verb: 'enable' | 'disable', request: AdminRequest, response: object): Promise<void> {
    const flags = await readFlags(request, ['cascade', 'dryRun']);
    const { name } = this.registry.get(nameIn(request));
    this.answers.send(response, 200, await this.changes.switch(verb, name, flags, request));
  }
}

/** Longer than any name or folder; nothing is looked for on disk by it. */
function nameIn({ params }: AdminRequest): string {
  const name = params?.['name'];
  if (typeof name === 'string' && name.length <= 255) return name;
  throw new Refusal(404, 'NO_SUCH_PATH', 'No plugin has so long a name.');
}
