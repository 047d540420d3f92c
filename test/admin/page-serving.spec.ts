import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { Module, VersioningType, type INestApplication } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ServeStaticModule } from '@nestjs/serve-static';
import { Test } from '@nestjs/testing';
import { basicAuth, bearerToken, PluginKitModule } from 'nestjs-pluginkit';
import { describe, expect, it, onTestFinished } from 'vitest';

import { bootAdmin } from '../support/admin-app.js';
import { bootApp, PLATFORMS } from '../support/boot-app.js';
import { newDirectory, writePlugin } from '../support/plugin-folders.js';

const BUILT = path.resolve('dist/admin/page');
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

/** Where a browser would look for what a document names. */
function linksOf(html: string, documentUrl: string): string[] {
  const base = new URL(/<base href="([^"]*)"/.exec(html)?.[1] ?? '', documentUrl);
  return [...html.matchAll(/(?:src|href)="(\.\/assets\/[^"]+)"/g)].map(([, link = '']) => new URL(link, base).href);
}

describe('the page, as it was built', () => {
  it('is small: under 60 KB, gzipped', () => {
    const sizes = filesOf(BUILT).map((file) => gzipSync(readFileSync(file)).length);
    expect(sizes).toHaveLength(4);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000);
  });

  it('loads nothing from elsewhere, and has no script, no style and no handler in its document', () => {
    const html = readFileSync(path.join(BUILT, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|(?:src|href)="(?!\.\/assets\/)/);
    for (const file of filesOf(BUILT).filter((each) => /\.(?:css|js)$/.test(each))) {
      const text = readFileSync(file, 'utf8');
      expect(text).not.toMatch(/url\((?!["']?(?:data:|#))|@import|importScripts|\beval\(|new Function\(/);
      const named = [...text.matchAll(/https?:\/\/[^\s"'`\\)]+/g)].map(([url]) => url);
      expect(named.filter((url) => !url.startsWith('http://www.w3.org/'))).toEqual([]);
    }
  });
});

describe.each(PLATFORMS)('the page on %s', (platform) => {
  it.each(['/pluginkit', '/pluginkit/'])('is served at %s with all that it needs, behind the guards', async (where) => {
    const app = await bootAdmin({}, { platform });

    const { status, headers, text } = await app.ask(where);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cache-control')).toContain('no-store');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const links = linksOf(text, app.url + where);
    expect(links).toHaveLength(3);
    for (const link of links) {
      const file = await fetch(link);
      expect(file.status).toBe(200);
      expect(file.headers.get('content-type')).toMatch(/^(?:text\/javascript|text\/css|image\/svg\+xml)/);
      expect(file.headers.get('x-content-type-options')).toBe('nosniff');
      expect(file.headers.get('cache-control')).toContain('immutable');
      expect(Buffer.from(await file.arrayBuffer())).toEqual(
        readFileSync(path.join(BUILT, 'assets', path.basename(new URL(link).pathname))),
      );
    }
    expect((await app.get(where)).status).toBe(401);
    expect((await app.ask(where, { method: 'HEAD' })).status).toBe(200);
  });

  it.each([
    '/pluginkit/assets',
    '/pluginkit/assets/',
    '/pluginkit/assets/none.js',
    '/pluginkit/assets/..%2findex.html',
    '/pluginkit/index.html',
    '/pluginkit/none',
  ])('does not answer %s with the page, as a single-page server would', async (where) => {
    const app = await bootAdmin({}, { platform });

    expect(await app.ask(where)).toMatchObject({ status: 404, json: { code: expect.any(String) } });
    expect((await app.get(where)).status).toBe(401);
  });

  it('works below a global prefix and a path of its own, with versions', async () => {
    const prepare = (app: INestApplication): void => {
      app.setGlobalPrefix('api/internal');
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' });
    };
    const app = await bootAdmin({ admin: { path: 'ops/plugins' } }, { platform, prepare });

    const where = '/api/internal/ops/plugins';
    const { status, text } = await app.ask(where);
    expect(status).toBe(200);
    for (const link of linksOf(text, app.url + where)) expect((await fetch(link)).status).toBe(200);
    expect((await app.ask('/ops/plugins')).status).toBe(404);
  });

  it('stays without the global prefix where the application leaves it out', async () => {
    const prepare = (app: INestApplication): void => {
      app.setGlobalPrefix('api', { exclude: ['pluginkit', 'pluginkit/*path'] });
    };
    const app = await bootAdmin({}, { platform, prepare });

    const { status, text } = await app.ask('/pluginkit');
    expect(status).toBe(200);
    for (const link of linksOf(text, `${app.url}/pluginkit`)) expect((await fetch(link)).status).toBe(200);
  });

  it('comes with the refusal to a browser that is to sign in, and to nobody else', async () => {
    const app = await bootAdmin(
      { admin: { guards: [bearerToken({ verify: (token) => token === 'good' })] } },
      { platform },
    );

    const page = await app.get('/pluginkit', { headers: HTML });
    expect(page.status).toBe(401);
    expect(page.headers.get('www-authenticate')).toContain('Bearer');
    expect(page.body).toContain('<div id="page">');
    expect(JSON.parse((await app.get('/pluginkit')).body)).toMatchObject({ code: 'UNAUTHORIZED' });
    for (const where of ['/pluginkit/api/plugins', '/pluginkit/none'])
      expect(JSON.parse((await app.get(where, { headers: HTML })).body)).toMatchObject({ code: 'UNAUTHORIZED' });
  });

  it('is not there without the option', async () => {
    const app = await bootApp({ directories: [] }, { platform });

    for (const where of ['/pluginkit', '/pluginkit/assets', '/pluginkit/api/plugins'])
      expect((await app.get(where)).status).toBe(404);
  });

  it('is served in a testing module, too', async () => {
    @Module({
      imports: [PluginKitModule.forRoot({ directories: [], admin: { guards: [basicAuth({ users: { ada: 'x' } })] } })],
    })
    class AppModule {}
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const app =
      platform === 'fastify' ? module.createNestApplication(new FastifyAdapter()) : module.createNestApplication();
    app.useLogger(false);
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();

    const page = await fetch(`${url}/pluginkit`, { headers: { authorization: `Basic ${btoa('ada:x')}` } });
    for (const link of linksOf(await page.text(), page.url)) expect((await fetch(link)).status).toBe(200);
  });
});

it('leaves the static files of the application alone', async () => {
  const directory = newDirectory();
  writePlugin(directory, 'public', { 'hello.txt': 'hello' });
  const own = ServeStaticModule.forRoot({ rootPath: path.join(directory, 'public'), serveRoot: '/files' });
  const app = await bootAdmin({}, { imports: [own] });

  expect((await app.get('/files/hello.txt')).body).toBe('hello');
  expect((await app.ask('/pluginkit')).status).toBe(200);
});
