import path from 'node:path';

import type { AuditPage, ChangeAnswer } from '#lib/admin/api.js';
import {
  Inject,
  Injectable,
  Module,
  Scope,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, NestFactory, REQUEST } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  allowIps,
  basicAuth,
  definePlugin,
  PluginKitModule,
  PluginRegistry,
  ReloadService,
  type AdminOptions,
  type OnPluginDisable,
} from 'nestjs-pluginkit';
import { describe, expect, it, onTestFinished } from 'vitest';

import { ADA, bootAdmin, JSON_BY_ADA, PASSWORD } from '../support/admin-app.js';
import { PLATFORMS } from '../support/boot-app.js';
import { newDirectory } from '../support/plugin-folders.js';

const PLUGINS = '/pluginkit/api/plugins';
const inline = definePlugin({ name: 'inline', author: 'Ada', version: '1.0.0', register: () => ({}) });

function adminOptions(guards: AdminOptions['guards'] = [basicAuth({ users: { ada: PASSWORD } })]): AdminOptions {
  return { guards, audit: { file: path.join(newDirectory(), 'audit.jsonl') } };
}

function rootModule(admin: AdminOptions): new () => object {
  @Module({ imports: [PluginKitModule.forRoot({ directories: [], plugins: [inline], admin })] })
  class AppModule {}
  return AppModule;
}

describe.each(PLATFORMS)('the admin on %s', (platform) => {
  it('works in a testing module, which has no platform when it is built', async () => {
    const testing = await Test.createTestingModule({ imports: [rootModule(adminOptions())] }).compile();
    const app =
      platform === 'fastify'
        ? testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false })
        : testing.createNestApplication({ logger: false });
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    expect((await fetch(url + PLUGINS, { headers: { authorization: ADA } })).status).toBe(200);
    expect((await fetch(`${url}/pluginkit/nothing/here`)).status).toBe(401);
    expect((await fetch(`${url}/pluginkit/nothing/here`, { headers: { authorization: ADA } })).status).toBe(404);
  });

  it('reads bodies where the application does not', async () => {
    const app = await bootAdmin({ plugins: [inline] }, { platform, nest: { bodyParser: false, logger: false } });
    const preview = await app.post<ChangeAnswer>(`${PLUGINS}/inline/disable`, { dryRun: true });
    expect(preview).toMatchObject({ status: 200, json: { dryRun: true, applied: 'live' } });
    expect(app.registry.get('inline').state).toBe('enabled');
    expect((await app.post(`${PLUGINS}/inline/disable`, '{"dryRun":')).status).toBe(400);
    expect((await app.post(`${PLUGINS}/inline/disable`, { dryRun: 'x'.repeat(100_000) })).status).toBe(400);
    expect((await app.post(`${PLUGINS}/inline/disable`)).json).toMatchObject({ dryRun: false, state: 'disabled' });
  });

  it('takes guards that are made for each request, and counts nothing twice', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class KeyGuard implements CanActivate {
      constructor(@Inject(REQUEST) private readonly request: { headers: Record<string, string> }) {}
      canActivate(context: ExecutionContext): boolean {
        return context.switchToHttp().getRequest() === this.request && this.request.headers['x-key'] === 'secret';
      }
    }
    const guards = [KeyGuard, basicAuth({ users: { ada: PASSWORD } })];
    const app = await bootAdmin({ admin: { guards } }, { platform });
    expect((await app.ask(PLUGINS)).status).toBe(403);
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++)
      statuses.push(
        (await app.ask(PLUGINS, { headers: { 'x-key': 'secret', authorization: `Basic ${btoa('ada:x')}` } })).status,
      );
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });

  it('answers 409 when too many changes wait, and makes those that do', async () => {
    let letGo = (): void => undefined;
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    @Injectable()
    class Slow implements OnPluginDisable {
      onPluginDisable(): Promise<void> {
        return gone;
      }
    }
    const slow = definePlugin({
      name: 'slow',
      author: 'Ada',
      version: '1.0.0',
      register: () => ({ providers: [Slow] }),
    });
    const app = await bootAdmin({ plugins: [slow, inline] }, { platform });
    const answers = Array.from({ length: 20 }, () => app.post(`${PLUGINS}/slow/disable`));
    let refused = 0;
    await new Promise<void>((resolve) => {
      for (const answer of answers)
        void answer.then(({ status, json, headers }) => {
          if (status !== 409) return;
          expect(json).toMatchObject({ code: 'BUSY' });
          expect(headers.get('retry-after')).toBe('1');
          if (++refused === 4) resolve();
        });
    });
    expect((await app.ask(PLUGINS)).status).toBe(200);
    letGo();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(16);
    expect((await app.post(`${PLUGINS}/inline/disable`)).status).toBe(200);
  });

  it('stays within reach of the operator when a plugin guards the whole application wrongly', async () => {
    const asked: string[] = [];
    class Nobody implements CanActivate, NestInterceptor {
      canActivate(context: ExecutionContext): boolean {
        asked.push(context.getClass().name);
        return false;
      }
      intercept(): never {
        throw new Error('nobody gets through');
      }
    }
    const wall = definePlugin({
      name: 'wall',
      author: 'Ada',
      version: '1.0.0',
      register: () => ({
        providers: [
          { provide: APP_GUARD, useClass: Nobody },
          { provide: APP_INTERCEPTOR, useClass: Nobody },
        ],
      }),
    });
    const app = await bootAdmin({ plugins: [wall] }, { platform });
    expect((await app.get('/host')).status).toBe(403);
    expect((await app.post(`${PLUGINS}/wall/disable`)).json).toMatchObject({ applied: 'live' });
    expect((await app.get('/host')).status).toBe(200);
    expect(asked).toEqual(['HostController']);
  });

  it('answers 202 with a ticket to a reload, and notes it', async () => {
    const app = await bootAdmin({}, { platform });
    const ticket = { id: 'r1', phase: 'queued', generation: 2, at: new Date(0) } as const;
    app.app.get(ReloadService).reload = () => Promise.resolve(ticket);
    const answer = await app.post('/pluginkit/api/reload');
    expect(answer.status).toBe(202);
    expect(answer.json).toEqual({ ticket: { ...ticket, at: '1970-01-01T00:00:00.000Z' } });
    expect((await app.ask<AuditPage>('/pluginkit/api/audit')).json.entries).toMatchObject([
      { who: 'ada', action: 'reload', result: 'done', status: 202, ticket: 'r1' },
    ]);
  });
});

it('50: Fastify’s own trustProxy tells whose address counts', async () => {
  const admin = adminOptions([basicAuth({ users: { ada: PASSWORD } }), allowIps(['10.0.0.0/8'])]);
  const app = await NestFactory.create(rootModule(admin), new FastifyAdapter({ trustProxy: 'loopback' }), {
    logger: false,
  });
  onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  const statusOf = async (from: string): Promise<number> =>
    (await fetch((await app.getUrl()) + PLUGINS, { headers: { ...JSON_BY_ADA, 'x-forwarded-for': from } })).status;
  expect(await statusOf('10.0.0.1')).toBe(200);
  expect(await statusOf('10.0.0.1, 11.0.0.1')).toBe(403);
});

it('harms no application without HTTP', async () => {
  const app = await NestFactory.createApplicationContext(rootModule(adminOptions()), { logger: false });
  onTestFinished(() => app.close());
  expect(app.get(PluginRegistry).has('inline')).toBe(true);
});
