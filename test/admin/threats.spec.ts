import type { AdminPlugin, AdminPluginDetail, AuditEntry, AuditPage, PluginList } from '#lib/admin/api.js';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { allowIps, basicAuth, bearerToken, PluginKitModule } from 'nestjs-pluginkit';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { ADA, bootAdmin, JSON_BY_ADA, PASSWORD } from '../support/admin-app.js';
import { bootApp, PLATFORMS } from '../support/boot-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

const PLUGINS = '/pluginkit/api/plugins';

function oneShop(): string {
  const directory = newDirectory();
  writePlugin(directory, 'shop', {
    'index.js': entry({ name: 'shop' }, "{ routes: { path: '/shop', handler: () => 'shop' } }"),
  });
  return directory;
}

function basic(name: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}

describe('an admin without a guard', () => {
  it.each([
    ['true', true],
    ['no guards', {}],
    ['an empty list', { guards: [] }],
    ['addresses alone', { guards: [allowIps(['127.0.0.1'])] }],
  ])('45: ends the boot with the sentence that tells what to add: %s', async (_what, admin) => {
    @Module({ imports: [PluginKitModule.forRoot({ directories: [], admin: admin as never })] })
    class AppModule {}
    await expect(NestFactory.create(AppModule, { logger: false, abortOnError: false })).rejects.toThrow(
      /"admin\.guards" must have .*basicAuth\(/,
    );
  });

  it.each([
    ['guards', { guards: [undefined] }],
    ['path', { path: '../up' }],
    ['path', { path: '' }],
    ['path', { path: ':name' }],
    ['allowedHosts', { allowedHosts: 'example.org' }],
    ['trustedOrigins', { trustedOrigins: ['example.org'] }],
    ['throttle.failures', { throttle: { failures: 0 } }],
    ['throttle.minutes', { throttle: { minutes: 1 } }],
    ['audit.maxBytes', { audit: { maxBytes: 'much' } }],
    ['imports', { imports: [undefined] }],
  ])('ends the boot when admin.%s is wrong, and names it: %j', async (name, wrong) => {
    const admin = { guards: [basicAuth({ users: { ada: 'x' } })], ...wrong };
    @Module({ imports: [PluginKitModule.forRoot({ directories: [], admin: admin as never })] })
    class AppModule {}
    await expect(NestFactory.create(AppModule, { logger: false, abortOnError: false })).rejects.toThrow(
      `the option "admin.${name}" `,
    );
  });
});

describe.each(PLATFORMS)('the admin on %s', (platform) => {
  it('45: is not there where it was not asked for', async () => {
    const app = await bootApp({ directories: [] }, { platform });
    expect((await app.get('/pluginkit/api/plugins')).status).toBe(404);
  });

  it('46: refuses what a page of another site can send', async () => {
    const app = await bootAdmin(
      { directories: [oneShop()], admin: { trustedOrigins: ['https://ops.example.org'] } },
      { platform },
    );
    const own = new URL(app.url).host;
    const target = `${PLUGINS}/shop/enable`;
    const json = { 'content-type': 'application/json' };
    const cases: [number, Record<string, string>, string?][] = [
      [403, { 'content-type': 'application/x-www-form-urlencoded' }, 'cascade=true'],
      [403, { 'content-type': 'text/plain' }, '{"cascade":true}'],
      [403, { 'content-type': 'multipart/form-data; boundary=x' }, '--x--'],
      [403, {}],
      [403, { cookie: 'session=1' }],
      [403, { ...json, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, '{}'],
      [403, { ...json, 'sec-fetch-site': 'same-site', origin: 'https://evil.example' }, '{}'],
      [403, { ...json, 'sec-fetch-site': 'cross-site', origin: `http://${own}` }, '{}'],
      [403, { ...json, origin: 'https://evil.example' }, '{}'],
      [403, { ...json, origin: 'null' }, '{}'],
      [403, { 'content-type': 'text/plain', 'sec-fetch-site': 'same-origin' }, '{}'],
      [200, { ...json, 'sec-fetch-site': 'same-origin', origin: `http://${own}` }, '{}'],
      [200, { ...json, 'sec-fetch-site': 'none' }, '{}'],
      [200, { ...json, origin: `http://${own}` }, '{}'],
      [200, { ...json, 'sec-fetch-site': 'cross-site', origin: 'https://ops.example.org' }, '{}'],
      [200, { 'x-pluginkit': '1' }],
      [200, json, '{}'],
    ];
    const statuses: number[] = [];
    for (const [, headers, body] of cases) statuses.push(await app.rawStatus('POST', target, headers, body));
    expect(statuses).toEqual(cases.map(([status]) => status));
    const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
    expect(await app.rawStatus('GET', PLUGINS, image)).toBe(403);
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect(await app.rawStatus('GET', PLUGINS, link)).toBe(200);
  });

  it('47: refuses host names that are neither local nor allowed', async () => {
    const app = await bootAdmin({ admin: { allowedHosts: ['admin.example.org', '.ops.example'] } }, { platform });
    const statusOf = (host: string): Promise<number> => app.rawStatus('GET', PLUGINS, { host });
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'evil.example:80',
      'a@localhost',
      'ops.example.evil',
    ])
      expect([host, await statusOf(host)]).toEqual([host, 403]);
    for (const host of [
      'localhost',
      'LOCALHOST:3000',
      '127.0.0.1',
      '[::1]:3000',
      '10.1.2.3',
      'admin.example.org:8080',
      'x.ops.example',
      'a.localhost',
    ])
      expect([host, await statusOf(host)]).toEqual([host, 200]);
    const old = await app.raw(`GET ${PLUGINS} HTTP/1.0\r\nauthorization: ${ADA}\r\n\r\n`);
    expect(old).toMatch(/^HTTP\/1\.1 403/);
    expect(await app.rawStatus('GET', PLUGINS, { host: 'evil.example', 'x-forwarded-host': 'localhost' })).toBe(403);
  });

  it('48: answers 429 with Retry-After after five failures of an account from a peer, to the right password too', async () => {
    const app = await bootAdmin(
      { admin: { guards: [basicAuth({ users: { ada: PASSWORD, bob: 'bob' } })], throttle: { seconds: 30 } } },
      { platform },
    );
    for (let i = 0; i < 5; i++) {
      const answer = await app.ask(PLUGINS, { headers: basic('ada', `wrong ${i}`) });
      expect(answer).toMatchObject({ status: 401, json: { code: 'UNAUTHORIZED' } });
      expect(answer.headers.get('www-authenticate')).toBe('Basic realm="pluginkit", charset="UTF-8"');
    }
    const refused = await app.ask(PLUGINS);
    expect(refused).toMatchObject({ status: 429, json: { code: 'TOO_MANY_FAILURES' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(25);
    expect((await app.ask(PLUGINS, { headers: basic('bob', 'bob') })).status).toBe(200);
  });

  it('48: a success forgets the failures; what brings no password is no failure', async () => {
    const app = await bootAdmin({}, { platform });
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++) expect((await app.ask(PLUGINS, { headers: basic('ada', 'no') })).status).toBe(401);
      expect((await app.ask(PLUGINS)).status).toBe(200);
    }
    for (let i = 0; i < 10; i++) expect((await fetch(app.url + PLUGINS)).status).toBe(401);
    expect((await app.ask(PLUGINS)).status).toBe(200);
  });

  it('48: many guesses at once, and many accounts from one peer, are not more guesses', async () => {
    let asked = 0;
    const verify = async (): Promise<boolean> => {
      asked++;
      await new Promise(setImmediate);
      return false;
    };
    const app = await bootAdmin({ admin: { guards: [bearerToken({ verify })] } }, { platform });
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, i) => app.ask(PLUGINS, { headers: { authorization: `Bearer ${i}` } })),
    );
    expect(asked).toBe(5);
    expect(all.map(({ status }) => status).filter((status) => status === 401)).toHaveLength(5);
    const spray = await bootAdmin({}, { platform });
    const statuses: number[] = [];
    for (let i = 0; i < 30; i++) statuses.push((await spray.ask(PLUGINS, { headers: basic(`user${i}`, 'x') })).status);
    expect(statuses).toEqual([...Array<number>(20).fill(401), ...Array<number>(10).fill(429)]);
  });

  it('50: believes no header about the address, unless the platform was told to', async () => {
    const guards = [basicAuth({ users: { ada: PASSWORD } }), allowIps(['10.0.0.0/8'])];
    const spoofed = { 'x-real-ip': '10.0.0.1', 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1' };
    const app = await bootAdmin({ admin: { guards } }, { platform });
    const refused = await app.ask(PLUGINS, { headers: spoofed });
    expect(refused).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
    expect((await app.ask('/pluginkit/api/audit', { headers: spoofed })).status).toBe(403);
    if (platform === 'fastify') return;
    const behindProxy = await bootAdmin(
      { admin: { guards } },
      { platform, prepare: (nest) => void (nest as NestExpressApplication).set('trust proxy', 'loopback') },
    );
    expect((await behindProxy.ask(PLUGINS, { headers: { 'x-forwarded-for': '10.0.0.1' } })).status).toBe(200);
    expect((await behindProxy.ask(PLUGINS, { headers: { 'x-forwarded-for': '10.0.0.1, 11.0.0.1' } })).status).toBe(403);
  });

  it('50: an allowed address alone opens nothing', async () => {
    const guards = [allowIps(['127.0.0.1', '::1']), basicAuth({ users: { ada: PASSWORD } })];
    const app = await bootAdmin({ admin: { guards } }, { platform });
    expect((await fetch(app.url + PLUGINS)).status).toBe(401);
    expect((await app.ask(PLUGINS)).status).toBe(200);
  });

  it('51: changes nothing by GET, HEAD and other methods, and guards HEAD too', async () => {
    const app = await bootAdmin({ directories: [oneShop()] }, { platform });
    const target = `${PLUGINS}/shop/disable`;
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      expect([method, await app.rawStatus(method, target, { 'x-pluginkit': '1' })]).toEqual([method, 405]);
    expect([404, 405]).toContain(await app.rawStatus('TRACE', target, { 'x-pluginkit': '1' }));
    expect(await app.rawStatus('HEAD', PLUGINS, { authorization: 'Basic eDp5' })).toBe(401);
    expect(await app.rawStatus('HEAD', PLUGINS)).toBe(200);
    expect((await app.get('/shop')).status).toBe(200);
  });

  it('52: no way of writing a path leads round the guard', async () => {
    const app = await bootAdmin({ directories: [oneShop()] }, { platform });
    const host = new URL(app.url).host;
    const forms = [
      '/%70luginkit/api/plugins',
      '//pluginkit/api/plugins',
      '/PLUGINKIT/API/PLUGINS',
      '/pluginkit/api/plugins/',
      '/pluginkit/api/plugins;x',
      '/pluginkit;x/api/plugins',
      '/pluginkit/./api/plugins',
      '/x/../pluginkit/api/plugins',
      '/pluginkit%2fapi%2fplugins',
      '/pluginkit/api%2fplugins',
      '/pluginkit/api//plugins',
      '/pluginkit/api/plugins?x=1',
      '/pluginkit/api/plugins#x',
      `http://${host}/pluginkit/api/plugins`,
      '/pluginkit',
      '/pluginkit/',
      '/pluginkit/%2e%2e/pluginkit/api/plugins',
      '/pluginkit\\api\\plugins',
      '/pluginkit/api/plugins%00',
    ];
    for (const form of forms) {
      expect([form, [400, 401, 404]]).toEqual([
        form,
        expect.arrayContaining([await app.rawStatus('GET', form, { authorization: 'x' })]),
      ]);
      expect([form, [200, 400, 404]]).toEqual([form, expect.arrayContaining([await app.rawStatus('GET', form)])]);
    }
    for (const form of forms.map((each) => each.replace(/plugins/i, 'plugins/shop/disable')))
      expect([form, [400, 401, 403, 404, 405]]).toEqual([
        form,
        expect.arrayContaining([await app.rawStatus('POST', form, { authorization: 'x', 'x-pluginkit': '1' })]),
      ]);
    expect((await app.get('/shop')).status).toBe(200);
  });

  it('53: looks plugins up by their names, whatever the path says', async () => {
    const app = await bootAdmin({ directories: [oneShop()] }, { platform });
    for (const name of [
      '..%2f..%2fetc%2fpasswd',
      '%2e%2e',
      '%00',
      '__proto__',
      'constructor',
      'toString',
      'x'.repeat(10_000),
      'shop%00',
      'shop%2f',
      '%zz',
      '%',
    ])
      for (const [method, verb] of [
        ['GET', ''],
        ['POST', '/disable'],
      ] as const)
        expect([name.slice(0, 30), [400, 404]]).toEqual([
          name.slice(0, 30),
          expect.arrayContaining([await app.rawStatus(method, `${PLUGINS}/${name}${verb}`, { 'x-pluginkit': '1' })]),
        ]);
    for (const query of [
      'limit=1&limit=2',
      'plugin=a&plugin=b',
      'limit=0',
      'limit=201',
      'limit=1e1',
      'before=-1',
      'before=x',
      'other=1',
      '__proto__=1',
      'limit[]=1',
    ])
      expect([query, await app.rawStatus('GET', `/pluginkit/api/audit?${query}`)]).toEqual([query, 400]);
    expect(await app.rawStatus('GET', '/pluginkit/api/audit?plugin=..%2f..%2fetc&limit=1')).toBe(200);
  });

  it('54: takes no body but the two flags', async () => {
    const app = await bootAdmin({ directories: [oneShop()] }, { platform });
    const bodies = [
      '{"__proto__":{"polluted":true}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      '{"cascade":true,"extra":1}',
      '{"cascade":"true"}',
      '{"cascade":1}',
      '{"dryRun":null}',
      '[]',
      '[{"cascade":true}]',
      'null',
      '"text"',
      '7',
      '{',
      `{"cascade":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      JSON.stringify({ cascade: 'x'.repeat(1_000_000) }),
      JSON.stringify({ ['x'.repeat(2_000_000)]: true }),
    ];
    for (const body of bodies) {
      const answer = await app.post(`${PLUGINS}/shop/disable`, body);
      expect([body.slice(0, 40), answer.status]).toEqual([body.slice(0, 40), body === 'null' ? answer.status : 400]);
      if (body !== 'null') expect(answer.json).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('57, 60: answers everything with headers that keep it, and errors without stack and path', async () => {
    @Controller('broken')
    class OwnController {
      @Get()
      own() {
        return 'own';
      }
      @Post()
      echo(@Body() body: unknown) {
        return body;
      }
    }
    const verify = (): never => {
      throw new Error(`no file ${import.meta.filename}, nor file://${import.meta.filename}, nor /etc/passwd`);
    };
    const app = await bootAdmin(
      { admin: { guards: [bearerToken({ verify })] } },
      { platform, controllers: [OwnController] },
    );
    const failed = await app.ask(PLUGINS, { headers: { authorization: 'Bearer x' } });
    expect(failed).toMatchObject({ status: 500, json: { code: 'INTERNAL' } });
    expect(Object.keys(failed.json as object).toSorted()).toEqual(['code', 'message']);
    expect(app.log.some((line) => line.startsWith('error The admin failed'))).toBe(true);
    const answers = [failed, await app.ask('/pluginkit/x'), await app.post(`${PLUGINS}/x/enable`, '{')];
    for (const { text, headers } of answers) {
      expect(text).not.toMatch(/\bat .*:\d+:\d+|node_modules|threats\.spec|passwd/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toContain('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(headers.get('content-type')).toContain('application/json');
    }
    const own = await fetch(`${app.url}/broken`);
    expect(own.headers.get('content-security-policy')).toBeNull();
    expect(own.headers.get('cache-control')).toBeNull();
  });

  it('58: tells hostile texts as text, and links to http and https only', async () => {
    const directory = newDirectory();
    const hostile = '<img src=x onerror=alert(1)>';
    writePlugin(directory, 'hostile', {
      'index.js': entry({
        name: 'hostile',
        author: hostile,
        description: hostile,
        license: '<script>alert(1)</script>',
      }),
    });
    writePlugin(directory, 'linked', {
      'package.json': JSON.stringify({
        type: 'module',
        name: 'linked',
        version: '1.0.0',
        homepage: 'javascript:alert(1)',
        author: 'x',
      }),
      'index.js': 'export const register = () => ({});',
    });
    writePlugin(directory, 'off', {
      'package.json': JSON.stringify({
        name: 'off',
        version: '1.0.0',
        homepage: 'javascript:alert(1)',
        description: 'a\u001b[31mb\u202ec',
      }),
      'index.js': 'export const register = () => ({});',
      DISABLED: '',
    });
    const app = await bootAdmin({ directories: [directory] }, { platform });
    const { json, headers } = await app.ask<PluginList>(PLUGINS);
    expect(headers.get('content-type')).toContain('application/json');
    const byName: Record<string, Partial<AdminPlugin>> = Object.fromEntries(
      json.plugins.map((plugin) => [plugin.name, plugin]),
    );
    expect(byName['hostile']).toMatchObject({ author: hostile, description: hostile });
    expect(byName['linked']?.url).toBeUndefined();
    expect(byName['off']?.url).toBeUndefined();
    expect(byName['off']?.description ?? '').not.toMatch(/\p{Cc}|\p{Cf}/u);
  });

  it('59: reads no more than 256 KiB of a readme, and nothing outside of the folder', async () => {
    const directory = newDirectory();
    const secret = path.join(newDirectory(), 'secret');
    writeFileSync(secret, 'top secret');
    const long = writePlugin(directory, 'long', {
      'index.js': entry({ name: 'long', readmeFile: 'README.md' }),
      'README.md': 'ä'.repeat(300 * 1024),
    });
    symlinkSync(secret, path.join(long, 'LICENSE'));
    const linked = writePlugin(directory, 'linked', { 'index.js': entry({ name: 'linked' }) });
    symlinkSync(secret, path.join(linked, 'README.md'));
    mkdirSync(path.join(linked, 'LICENSE'));
    writePlugin(directory, 'outside', { 'index.js': entry({ name: 'outside', readmeFile: '../../../etc/passwd' }) });
    const app = await bootAdmin({ directories: [directory] }, { platform });
    const { json } = await app.ask<AdminPluginDetail>(`${PLUGINS}/long`);
    expect(json.readme?.isCut).toBe(true);
    expect(Buffer.byteLength(json.readme?.text ?? '')).toBeLessThanOrEqual(256 * 1024 + 3);
    expect(json.licenseText).toBeUndefined();
    const other = await app.ask(`${PLUGINS}/linked`);
    expect(other.json).not.toHaveProperty('readme');
    expect(other.json).not.toHaveProperty('licenseText');
    const outside = await app.ask(`${PLUGINS}/outside`);
    expect(outside.json).toMatchObject({ state: 'failed', failure: { code: 'PATH_ESCAPE' } });
    expect(outside.json).not.toHaveProperty('readme');
  });

  it('61, 62: notes what was refused too, each entry in one line, whatever the names are made of', async () => {
    const app = await bootAdmin({ directories: [oneShop()] }, { platform });
    await fetch(`${app.url}${PLUGINS}/shop/disable`, { method: 'POST', headers: { 'x-pluginkit': '1' } });
    await app.ask(PLUGINS, { headers: basic('ada\n{"who":"forged"}', 'x') });
    await app.rawStatus('POST', `${PLUGINS}/a%0a%1b[31m%e2%80%aeb/disable`, JSON_BY_ADA, '{}');
    await app.rawStatus('POST', `${PLUGINS}/shop/disable`, { 'sec-fetch-site': 'cross-site' });
    await app.rawStatus('GET', PLUGINS, { host: 'evil.example' });
    await app.post(`${PLUGINS}/shop/disable`, {});
    const { entries } = (await app.ask<AuditPage>('/pluginkit/api/audit')).json;
    expect(entries.map((each) => [each.who, each.action, each.plugin, each.result, each.status, each.code])).toEqual([
      ['ada', 'disable', 'shop', 'done', 200, undefined],
      ['anonymous', 'read', undefined, 'refused', 403, 'HOST_NOT_ALLOWED'],
      ['anonymous', 'disable', 'shop', 'refused', 403, 'CROSS_SITE'],
      ['ada', 'disable', 'a b', 'refused', 404, 'NOT_FOUND'],
      ['anonymous', 'read', undefined, 'refused', 401, 'UNAUTHORIZED'],
      ['anonymous', 'disable', 'shop', 'refused', 401, 'UNAUTHORIZED'],
    ]);
    const lines = readFileSync(app.auditFile, 'utf8').split('\n').filter(Boolean);
    expect(lines).toHaveLength(entries.length);
    expect(lines.map((line) => (JSON.parse(line) as AuditEntry).id)).toEqual(
      entries.map((each) => each.id).toReversed(),
    );
    // eslint-disable-next-line no-control-regex -- none of these may stand in the file
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  });
});
