import { Controller, Get } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { PluginKitHealthIndicator } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, PLATFORMS } from '../support/boot-app.js';
import { directoryOf } from '../support/plugin-folders.js';

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly plugins: PluginKitHealthIndicator,
  ) {}

  @Get()
  check() {
    return this.health.check([() => this.plugins.isHealthy('pluginkit')]);
  }

  @Get('live')
  live() {
    return this.health.check([() => this.plugins.isHealthy('pluginkit', { failed: 'degraded' })]);
  }
}

describe.each(PLATFORMS)('PluginKitHealthIndicator on %s', (platform) => {
  it('is used by @nestjs/terminus', async () => {
    const imports = [TerminusModule.forRoot({ logger: false })];
    const spec = { platform, imports, controllers: [HealthController] };
    const well = await bootApp({ directories: [] }, spec);
    const details = { pluginkit: { status: 'up', enabled: 0, disabled: 0, failed: 0 } };
    expect(JSON.parse((await well.get('/health')).body)).toEqual({ status: 'ok', info: details, error: {}, details });
    const ill = await bootApp({ directories: [directoryOf('broken/import-throws')] }, spec);
    const answer = await ill.get('/health');
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 'error',
      error: { pluginkit: { status: 'down', failed: 1, failures: { 'import-throws': 'IMPORT_FAILED' } } },
    });
    const live = await ill.get('/health/live');
    expect(live.status).toBe(200);
    expect(JSON.parse(live.body)).toMatchObject({ status: 'degraded' });
  });
});
