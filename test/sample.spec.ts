import { writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';

import { CHROMIUM, isWithoutBrowser, launchBrowser, openTab, seriousFaults } from './support/browser.js';
import { startSample, type Sample } from './support/sample.js';

async function running(...given: Parameters<typeof startSample>): Promise<Sample> {
  const sample = await startSample(...given);
  onTestFinished(async () => void (await sample.stop()));
  return sample;
}

describe('the notice board', () => {
  it('runs, with one plugin off and one broken, and tells so', async () => {
    const { get, log } = await running();

    const { body } = await get('/api/plugins');
    expect(JSON.parse(body)).toMatchObject([
      { name: 'comments', state: 'enabled' },
      { name: 'doorbell', state: 'enabled' },
      { name: 'feed', state: 'enabled' },
      { name: 'guestbook-import', state: 'failed', code: 'INCOMPATIBLE', hint: expect.any(String) },
      { name: 'lost-and-found', state: 'enabled' },
      { name: 'markdown', state: 'enabled' },
      { name: 'plain-words', state: 'enabled' },
      { name: 'qr', state: 'enabled' },
      { name: 'seasons', state: 'enabled' },
      { name: 'sitemap', state: 'enabled' },
      { name: 'spotlight', state: 'disabled' },
      { name: 'stats', state: 'enabled' },
      { name: 'visitors', state: 'enabled' },
    ]);
    expect(log.some((line) => line.includes('11 enabled, 1 disabled, 1 failed'))).toBe(true);
    const page = await get('/');
    expect(page).toMatchObject({ status: 200, type: expect.stringContaining('text/html') });
    expect(page.body).toContain('INCOMPATIBLE');
  });

  it('serves what each plugin brings', async () => {
    const { get, post } = await running();

    expect(await get('/sitemap.xml')).toMatchObject({
      status: 200,
      type: expect.stringContaining('xml'),
      body: expect.stringContaining('/posts/1'),
    });
    expect(await get('/feed.xml')).toMatchObject({ status: 200, type: expect.stringContaining('atom') });
    expect(await get('/feed')).toMatchObject({ status: 301 });
    expect(await get('/qr/1.svg')).toMatchObject({
      status: 200,
      type: expect.stringContaining('svg'),
      body: expect.stringContaining('<svg'),
    });
    expect((await get('/posts/2')).body).toMatch(/<strong>|<em>|<ul>/); // markdown
    expect(await post('/comments/1', { author: 'Ada', text: 'Nice.' })).toMatchObject({
      status: 201,
      body: { postId: 1, author: 'Ada' },
    });
    expect(JSON.parse((await get('/comments/1')).body)).toMatchObject([{ text: 'Nice.' }]);
    expect(JSON.parse((await get('/stats')).body)).toMatchObject({ posts: 6, comments: 1 });
    for (const off of ['/spotlight', '/guestbook/import']) expect((await get(off)).status).toBe(404);
  });

  it('keeps what people post, and refuses what is wrong in words', async () => {
    const { get, post } = await running();

    expect(
      await post('/api/posts', {
        title: '<script>alert(1)</script>',
        body: 'A **glove** <img src=x onerror=alert(1)>',
        author: 'Me',
      }),
    ).toMatchObject({ status: 201, body: { id: 7 } });
    const page = (await get('/posts/7')).body;
    expect(page).toContain('<strong>glove</strong>');
    expect(page).not.toMatch(/<script>alert|<img src=x/);
    expect(await post('/api/posts', { title: '' })).toMatchObject({
      status: 400,
      body: { message: expect.arrayContaining([expect.stringContaining('title')]) },
    });
    expect((await get('/api/posts/99')).status).toBe(404);
    expect((await get('/api/posts/x')).status).toBe(400);
    expect(await post('/comments/99', { author: 'Ada', text: 'To nobody.' })).toMatchObject({ status: 404 });
  });

  it('stays up when a plugin that others need is switched off', async () => {
    const { get } = await running((plugins) => writeFileSync(path.join(plugins, 'comments/DISABLED'), ''));

    expect(JSON.parse((await get('/api/plugins')).body)).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ name: 'stats', state: 'failed', code: 'DEPENDENCY_DISABLED' }),
      ]),
    );
    for (const gone of ['/comments/1', '/stats']) expect((await get(gone)).status).toBe(404);
    expect((await get('/')).status).toBe(200);
    expect((await get('/posts/1')).status).toBe(200);
  });

  it('shows a theme on every page: files, slots, a filter, a value', async () => {
    const { get, post } = await running();

    await post('/api/posts', { title: 'Found: "a" glove', body: 'Left.', author: 'Ada' });
    const { body } = await get('/');
    const [, css = ''] = /<link rel="stylesheet" href="(\/assets\/seasons\/seasons\.css\?v=[^"]+)">/.exec(body) ?? [];
    expect(await get(css)).toMatchObject({ status: 200, type: expect.stringContaining('text/css') });
    expect(await get('/assets/seasons/leaf.svg')).toMatchObject({
      status: 200,
      type: expect.stringContaining('image/svg+xml'),
    });
    expect(body).toMatch(/<h2 id="almanac-title">(Winter|Spring|Summer|Autumn) on Maple Street<\/h2>/);
    expect(body).toMatch(/<p class="season">Mind the \w+\.<\/p>/);
    expect(body).toContain('Found: \u201Ca\u201D glove');
    expect((await get('/posts/1')).body).toContain('class="season"');
  });

  it('has a navigation of links that plugins contribute, change and put in order', async () => {
    const { get } = await running();

    for (const page of ['/posts/3', '/posts/2', '/posts/2']) await get(page);
    const [, nav = ''] = /<nav[^>]*>(.*?)<\/nav>/s.exec((await get('/')).body) ?? [];
    expect([...nav.matchAll(/href="([^"]*)">([^<]*)</g)].slice(2).map(([, href, label]) => [href, label])).toEqual([
      ['/feed.xml', 'Subscribe'], // what the plugin feed calls "Feed"
      ['/posts/2', 'Read most'], // asks for its place before the numbers
      ['/stats', 'Numbers'],
    ]);
  });

  it('logs who reads what, tells how long it took, and shows what is read most', async () => {
    const { url, get, log } = await running();

    const response = await fetch(`${url}/posts/4?from=a-friend`);
    expect(response.headers.get('server-timing')).toMatch(/^board;dur=\d+\.\d$/);
    const { body } = await get('/');
    expect(body).toMatch(/<a href="\/posts\/4">Courgettes. So many courgettes.<\/a>, once/);
    expect(log.some((line) => line.includes('GET /posts/4 200 by board: PagesController.post'))).toBe(true);
    expect(log.join('\n')).not.toContain('a-friend');
  });

  it('answers with kind pages for what is not there and for a full board, and with JSON whoever wants that', async () => {
    const { url, get, post } = await running(undefined, { NOTICE_BOARD_ROOM: '6' });
    const html = { headers: { accept: 'text/html' } };

    const missing = await fetch(`${url}/nowhere`, html);
    expect(missing.status).toBe(404);
    expect(await missing.text()).toContain('Nothing hangs here');
    expect(JSON.parse((await get('/nowhere')).body)).toMatchObject({ statusCode: 404 });
    const note = { title: 'One', body: 'too', author: 'many' };
    expect(await post('/api/posts', note)).toMatchObject({
      status: 409,
      body: { message: 'The board has room for 6 notes' },
    });
    const form = { ...html, method: 'POST', body: new URLSearchParams(note), redirect: 'manual' } as const;
    const full = await fetch(`${url}/posts`, form);
    expect(full.status).toBe(409);
    expect(await full.text()).toContain('room for 6 notes');
  });

  it('hears of new notes, and slows down who comments too much', async () => {
    const { get, post, log } = await running();

    expect((await get('/')).body).not.toContain('Just pinned');
    await post('/api/posts', { title: 'Found', body: 'A glove.', author: 'Ada' });
    expect((await get('/')).body).toContain('Just pinned: <a href="/posts/7">Found</a>');
    expect(log.some((line) => line.includes('Ding dong: note 7'))).toBe(true);
    const answers = [];
    for (let i = 0; i < 21; i++) answers.push((await post('/comments/7', { author: 'Ada', text: 'Mine.' })).status);
    expect(answers).toEqual([...Array.from({ length: 20 }, () => 201), 429]);
  });

  it('goes on without its theme, its visitors and its doorbell', async () => {
    const { get } = await running((plugins) => {
      for (const name of ['seasons', 'visitors', 'doorbell', 'plain-words', 'lost-and-found'])
        writeFileSync(path.join(plugins, name, 'DISABLED'), '');
    });

    const { status, body } = await get('/');
    expect(status).toBe(200);
    expect(body).toContain('>Feed</a>');
    expect(body).not.toMatch(/assets\/seasons|almanac|class="season"|Read most/);
    expect((await get('/assets/seasons/seasons.css')).status).toBe(404);
    expect((await get('/nowhere')).status).toBe(404);
  });

  it('ends with its port free when it is told to', async () => {
    const sample = await startSample();
    await sample.stop();
    await expect(fetch(sample.url)).rejects.toThrow('fetch failed');
  });
});

describe.skipIf(isWithoutBrowser)(
  `its page, in a browser (${CHROMIUM}; apt-get install chromium, or set CHROMIUM)`,
  { timeout: 60_000 }, // a browser takes long to start where much else runs
  () => {
    async function open(
      sample: Sample,
      width: number,
      colorScheme: 'light' | 'dark',
    ): Promise<{ page: Page; complaints: string[] }> {
      const browser = await launchBrowser();
      onTestFinished(() => browser.close());
      return openTab(browser, sample.url, { viewport: { width, height: 900 }, colorScheme });
    }

    it.each([
      [1200, 'light'],
      [1200, 'dark'],
      [390, 'light'],
      [390, 'dark'],
    ] as const)(
      'fits %i px in %s, without complaints and without serious faults for a screen reader',
      async (width, colorScheme) => {
        const { page, complaints } = await open(await running(), width, colorScheme);

        expect(await page.locator('.note').count()).toBe(6);
        expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
        expect(await seriousFaults(page)).toEqual([]);
        expect(complaints).toEqual([]);
      },
    );

    it('takes a note by its form, and shows it first', async () => {
      const { page } = await open(await running(), 1200, 'light');

      await page.getByLabel('Title').fill('Found: a glove');
      await page.getByLabel('What is it about?').fill('A **left** one.');
      await page.getByLabel('Your name').fill('Ada');
      await page.getByRole('button', { name: 'Pin it' }).click();
      await page.goto(new URL('/', page.url()).href);

      expect(await page.locator('.note').first().textContent()).toContain('Found: a glove');
    });
  },
);
