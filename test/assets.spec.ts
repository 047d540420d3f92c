import { linkSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';

import { Controller, Get, Param, Render, type INestApplication } from '@nestjs/common';
import { PluginView, type PluginKitOptions } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, PLATFORMS } from './support/boot-app.js';
import { entry, newDirectory, writePlugin } from './support/plugin-folders.js';

const ONE_YEAR = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'public, max-age=0, must-revalidate';

@Controller()
class TagsController {
  @Get('tags')
  @Render('tags.njk')
  tags(): object {
    return {};
  }

  @Get('assets/:plugin/:file')
  file(@Param('plugin') plugin: string, @Param('file') file: string): string {
    return `route ${plugin} ${file}`;
  }
}

function shop() {
  const root = newDirectory();
  const directory = path.join(root, 'plugins');
  const folder = writePlugin(directory, 'shop', {
    'index.js': entry({ name: 'shop' }),
    'static/a.css': 'body { color: red }',
    'static/js/app.js': 'alert(1)',
    'static/page.html': '<h1>page</h1>',
    'static/index.html': 'index',
    'static/deep/index.html': 'index',
    'static/name with blanks & "quotes\'.css': 'x',
    'static/%2e%2e': 'literal',
    'static/.hidden': 'hidden',
    'static/.git/config': 'hidden',
    'static/ü.txt': 'ü',
    'secret.txt': 'CONFIDENTIAL',
    'templates/t.html': 'template',
  });
  writePlugin(directory, 'off', { 'index.js': entry({ name: 'off' }), 'static/a.css': 'off', DISABLED: '' });
  writePlugin(directory, 'broken', { 'index.js': 'throw new Error()', 'static/a.css': 'broken' });
  writePlugin(root, 'views', {
    'tags.njk':
      '{{ emit_assets("shop", "a.css") }}\n{{ emit_assets("shop", "js/app.js", _external=True) }}\n{{ emit_assets("off", "a.css") }}\n',
  });
  symlinkSync('../secret.txt', path.join(folder, 'static/link.txt'));
  symlinkSync('/etc', path.join(folder, 'static/etc'));
  symlinkSync('.hidden', path.join(folder, 'static/shown.txt'));
  symlinkSync('a.css', path.join(folder, 'static/same.css'));
  const options: PluginKitOptions = {
    directories: [directory],
    live: true,
    views: { folders: [path.join(root, 'views')] },
  };
  return { directory, folder, options };
}

const METHODS = ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];

/** Everything that must not be answered from a folder `static`. */
const NO_FILES = [
  '/assets/shop/../secret.txt',
  '/assets/shop/..%2fsecret.txt',
  '/assets/shop/%2e%2e/secret.txt',
  '/assets/shop/%2e%2e%2fsecret.txt',
  '/assets/shop/%252e%252e/secret.txt',
  '/assets/shop/js/../../secret.txt',
  '/assets/shop/..\\secret.txt',
  '/assets/shop/..%5csecret.txt',
  '/assets/shop/%5c..%5csecret.txt',
  '/assets/shop//etc/hostname',
  '/assets/shop/%2fetc%2fhostname',
  '/assets//shop/a.css',
  '//assets/shop/a.css',
  '/assets/shop/a.css%00',
  '/assets/shop/a.css%00.txt',
  '/assets/shop/link.txt',
  '/assets/shop/etc/hostname',
  '/assets/shop/shown.txt',
  '/assets/shop/.hidden',
  '/assets/shop/%2ehidden',
  '/assets/shop/.git/config',
  '/assets/shop/./a.css',
  '/assets/shop/',
  '/assets/shop',
  '/assets/',
  '/assets',
  '/assets/shop/deep',
  '/assets/shop/deep/',
  '/assets/shop/a.css/',
  '/assets/shop/a.css/b',
  '/assets/SHOP/a.css',
  '/ASSETS/shop/a.css',
  '/assets/./shop/a.css',
  '/assets/../assets/shop/a.css',
  '/assets/..',
  '/assets/__proto__/a.css',
  '/assetsshop/a.css',
  '/assets/shop/%zz',
  '/assets/shop/%E0%A4%A',
  '/assets/shop/' + 'a'.repeat(5000),
  '/assets/shop/templates/t.html',
  '/assets/shop/index.js',
  'http://example.org/assets/../shop/a.css',
];

/** Sends a request line as it is: every client would tidy the path up. */
function raw(url: string, target: string, method = 'GET', headers = ''): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () =>
      socket.write(`${method} ${target} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n${headers}Connection: close\r\n\r\n`),
    );
    socket
      .on('data', (part) => (text += part.toString('utf8')))
      .on('end', () => resolve(text.replace(/^Date:.*\r\n/im, '')));
    socket.on('error', reject);
  });
}

describe.each(PLATFORMS)('on %s', (platform) => {
  const boot = (options: PluginKitOptions, prepare?: (app: INestApplication) => void) =>
    bootApp(options, { platform, ...(prepare && { prepare }) });

  it('serves the files in static/ of a plugin that is on, with what caches need', async () => {
    const { options } = shop();
    const { get } = await boot(options);
    const css = await get('/assets/shop/a.css');
    expect(css).toMatchObject({ status: 200, body: 'body { color: red }' });
    expect(Object.fromEntries(css.headers)).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
      'content-length': '19',
      'cache-control': ASK_AGAIN,
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
    });
    expect(css.headers.get('etag')).toBeTruthy();
    expect(css.headers.get('last-modified')).toBeTruthy();
    expect(await get('/assets/shop/js/app.js')).toMatchObject({ status: 200, body: 'alert(1)' });
    expect(await get('/assets/shop/same.css')).toMatchObject({ status: 200, body: 'body { color: red }' });
    expect(await get('/assets/shop/%C3%BC.txt')).toMatchObject({ status: 200, body: 'ü' });
    expect(await get('/assets/shop/a.css?x=1')).toMatchObject({ status: 200 });
  });

  it('answers 304, ranges, HEAD and conditions', async () => {
    const { options } = shop();
    const { get, url: of } = await boot(options);
    const url = '/assets/shop/a.css';
    const etag = (await get(url)).headers.get('etag') ?? '';
    // fetch() would add headers that ask for the whole answer.
    const unchanged = await raw(of, url, 'GET', `If-None-Match: ${etag}\r\n`);
    expect(unchanged).toMatch(/^HTTP\/1\.1 304 Not Modified\r\n/);
    expect(unchanged).not.toContain('color');
    expect(await raw(of, url, 'GET', 'If-None-Match: "other"\r\n')).toContain('color');
    const part = await get(url, { headers: { range: 'bytes=0-3' } });
    expect(part).toMatchObject({ status: 206, body: 'body' });
    expect(part.headers.get('content-range')).toBe('bytes 0-3/19');
    const beyond = await get(url, { headers: { range: 'bytes=50-60' } });
    expect(beyond).toMatchObject({ status: 416, body: '' });
    expect(beyond.headers.get('content-range')).toBe('bytes */19');
    expect(await get(url, { headers: { 'if-match': '"other"' } })).toMatchObject({ status: 412, body: '' });
    const head = await get(url, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers.get('content-length')).toBe('19');
  });

  it('lets caches keep a file for a year by its hash, and not by an old one', async () => {
    const { options, folder } = shop();
    const { get, app } = await boot(options);
    const href = () => app.get(PluginView).emitAssets('shop', 'a.css', { raw: true });
    const first = href();
    expect(first).toMatch(/^\/assets\/shop\/a\.css\?v=[\w-]{16}$/);
    expect((await get(first)).headers.get('cache-control')).toBe(ONE_YEAR);
    expect((await get('/assets/shop/a.css?v=0')).headers.get('cache-control')).toBe(ASK_AGAIN);
    writeFileSync(path.join(folder, 'static/a.css'), 'changed');
    expect(href()).not.toBe(first);
    expect(await get(href())).toMatchObject({ status: 200, body: 'changed' });
    expect((await get(first)).headers.get('cache-control')).toBe(ASK_AGAIN);
    // The same content at another time is the same file.
    const before = href();
    utimesSync(path.join(folder, 'static/a.css'), 1, 1);
    expect(href()).toBe(before);
  });

  it('answers as if the plugin had never been installed while it is off, has failed, or is not there', async () => {
    const { options } = shop();
    const { get, registry, url } = await boot(options);
    const never = await boot({ directories: [], live: true });
    const asked = ['/assets/shop/a.css', '/assets/off/a.css', '/assets/broken/a.css', '/assets/nobody/a.css'];
    const expected = await Promise.all(asked.map((each) => raw(never.url, each)));
    expect((await get(asked[0] ?? '')).status).toBe(200);
    await registry.disable('shop');
    expect(await Promise.all(asked.map((each) => raw(url, each)))).toEqual(
      expected.map((text) => text.replaceAll(new URL(never.url).port, new URL(url).port)),
    );
    expect(expected[0]).toContain('HTTP/1.1 404');
    await registry.enable('shop');
    expect((await get(asked[0] ?? '')).status).toBe(200);
  });

  it('lets by what is no file of a plugin, as if plugins had none', async () => {
    const { options } = shop();
    const { url } = await boot(options);
    const never = await boot({ directories: [], live: true });
    const ask = (of: string) =>
      Promise.all(
        NO_FILES.map(async (target) => [target, (await raw(of, target)).replaceAll(new URL(of).port, 'PORT')]),
      );
    const answers = await ask(url);
    expect(answers).toEqual(await ask(never.url));
    for (const [, answer] of answers) {
      expect(answer).toMatch(/^HTTP\/1\.1 4/);
      expect(answer).not.toContain('CONFIDENTIAL');
    }
  });

  it.each(METHODS)('lets %s by', async (method) => {
    const { options } = shop();
    const { url } = await boot(options);
    const never = await boot({ directories: [], live: true });
    const [answer, expected] = await Promise.all([
      raw(url, '/assets/shop/a.css', method),
      raw(never.url, '/assets/shop/a.css', method),
    ]);
    expect(answer).toBe(expected);
  });

  it('serves files and a folder that are added later, and none that are taken away', async () => {
    const { options, directory, folder } = shop();
    writePlugin(directory, 'late', { 'index.js': entry({ name: 'late' }) });
    const { get } = await boot(options);
    expect((await get('/assets/late/b.css')).status).toBe(404);
    writePlugin(directory, 'late', { 'static/b.css': 'late' });
    expect(await get('/assets/late/b.css')).toMatchObject({ status: 200, body: 'late' });
    rmSync(path.join(directory, 'late/static'), { recursive: true });
    symlinkSync(folder, path.join(directory, 'late/static'));
    expect((await get('/assets/late/secret.txt')).status).toBe(404);
  });

  it('stands before routes, and behind the middleware of the application', async () => {
    const { options } = shop();
    const { get } = await bootApp(options, {
      platform,
      controllers: [TagsController],
      prepare: (app) => {
        app.setGlobalPrefix('api', { exclude: ['assets/:plugin/:file'] });
        app.enableCors({ origin: 'https://example.org' });
        app.use((_request: unknown, response: { setHeader(name: string, value: string): void }, next: () => void) => {
          response.setHeader('x-host', '1');
          next();
        });
      },
    });
    const css = await get('/assets/shop/a.css');
    expect(css).toMatchObject({ status: 200, body: 'body { color: red }' });
    expect(css.headers.get('x-host')).toBe('1');
    expect(css.headers.get('access-control-allow-origin')).toBe('https://example.org');
    expect(await get('/assets/shop/other.css')).toMatchObject({ status: 200, body: 'route shop other.css' });
    expect((await get('/api/assets/shop/a.css')).status).toBe(404);
  });

  it('has another path where the application wants it', async () => {
    const { options } = shop();
    const { get, app } = await boot({
      ...options,
      assetsPath: '/static/of-plugins',
      baseUrl: 'https://example.org/board/',
    });
    const tag = app.get(PluginView).emitAssets('shop', 'a.css', { raw: true });
    expect(tag).toMatch(/^\/static\/of-plugins\/shop\/a\.css\?v=/);
    expect((await get(tag)).status).toBe(200);
    expect((await get('/assets/shop/a.css')).status).toBe(404);
    expect(app.get(PluginView).emitAssets('shop', 'a.css', { raw: true, absolute: true })).toBe(
      `https://example.org/board${tag}`,
    );
  });

  it('writes tags', async () => {
    const { options } = shop();
    const { get, app, url, log } = await bootApp(options, { platform, controllers: [TagsController] });
    const [link, script, off] = (await get('/tags')).body.split('\n');
    expect(link).toMatch(/^<link rel="stylesheet" href="\/assets\/shop\/a\.css\?v=[\w-]{16}">$/);
    expect(script).toMatch(new RegExp(`^<script src="${url}/assets/shop/js/app\\.js\\?v=[\\w-]{16}"></script>$`));
    expect(off).toBe('');

    const view = app.get(PluginView);
    expect(view.emitAssets('shop', 'page.html')).toMatch(/^\/assets\/shop\/page\.html\?v=/);
    expect(view.emitAssets('shop', 'a.css', { raw: true })).toMatch(/^\/assets\/shop\/a\.css\?v=/);
    expect(view.emitAssets('shop', 'a.css', { raw: true, absolute: true })).toMatch(
      new RegExp(`^${url}/assets/shop/a\\.css\\?v=`),
    );
    const odd = view.emitAssets('shop', 'name with blanks & "quotes\'.css');
    expect(odd).toMatch(
      /^<link rel="stylesheet" href="\/assets\/shop\/name%20with%20blanks%20%26%20%22quotes%27\.css\?v=[\w-]{16}">$/,
    );
    expect((await get(/href="([^"]*)"/.exec(odd)?.[1] ?? '')).body).toBe('x');

    for (const file of [
      '../secret.txt',
      '/etc/hostname',
      '.hidden',
      'a\0.css',
      '',
      'js/',
      '..\\secret.txt',
      '\ud800.css',
    ])
      expect(view.emitAssets('shop', file)).toBe('');
    for (const plugin of ['off', 'broken', 'nobody', 'SHOP', '__proto__'])
      expect(view.emitAssets(plugin, 'a.css')).toBe('');
    expect(view.emitAssets('shop', '"><script>.css')).toBe(
      '<link rel="stylesheet" href="/assets/shop/%22%3E%3Cscript%3E.css">',
    );
    expect(view.emitAssets('shop', 'gone.css')).toBe('<link rel="stylesheet" href="/assets/shop/gone.css">');
    expect(view.emitAssets('shop', 'gone.css')).toBe('<link rel="stylesheet" href="/assets/shop/gone.css">');
    expect(log.filter((line) => line.includes('"gone.css"'))).toHaveLength(1);
  });

  it('does not take the host that a client makes up', async () => {
    const { options } = shop();
    const { url } = await bootApp(options, { platform, controllers: [TagsController] });
    const { hostname, port } = new URL(url);
    const text = await new Promise<string>((resolve) => {
      let all = '';
      const socket = connect(Number(port), hostname, () =>
        socket.write('GET /tags HTTP/1.1\r\nHost: x"><script>\r\nConnection: close\r\n\r\n'),
      );
      socket.on('data', (part) => (all += part.toString())).on('end', () => resolve(all));
    });
    expect(text).not.toContain('x"><script>');
  });

  it('serves a file that has two names, and reads large ones in parts', async () => {
    const { options, folder } = shop();
    linkSync(path.join(folder, 'static/a.css'), path.join(folder, 'static/hard.css'));
    mkdirSync(path.join(folder, 'static/big'));
    writeFileSync(path.join(folder, 'static/big/file.bin'), Buffer.alloc(9 * 1024 * 1024, 'x'));
    const { get, app } = await boot(options);
    expect((await get('/assets/shop/hard.css')).status).toBe(200);
    const big = app.get(PluginView).emitAssets('shop', 'big/file.bin');
    const answer = await get(big, { headers: { range: 'bytes=-5' } });
    expect(answer).toMatchObject({ status: 206, body: 'xxxxx' });
    expect(answer.headers.get('cache-control')).toBe(ONE_YEAR);
  });
});
