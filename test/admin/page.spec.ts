import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { CHROMIUM, isWithoutBrowser, launchBrowser, openTab, seriousFaults } from '../support/browser.js';
import { startProxy } from '../support/proxy.js';
import { startSample, type Sample } from '../support/sample.js';

const PASSWORD = 'paste and pins';
const ADMIN = { username: 'admin', password: PASSWORD };

describe.skipIf(isWithoutBrowser)(
  `the page of the admin, on the sample (${CHROMIUM}; apt-get install chromium, or set CHROMIUM)`,
  { timeout: 90_000 },
  () => {
    let browser: Browser;
    beforeAll(async () => void (browser = await launchBrowser()), 60_000);
    afterAll(() => browser.close());

    async function running(): Promise<Sample> {
      const sample = await startSample(undefined, { PLUGINKIT_ADMIN_PASSWORD: PASSWORD });
      onTestFinished(async () => void (await sample.stop()));
      return sample;
    }

    async function open(
      url: string,
      options: BrowserContextOptions = {},
    ): Promise<{ page: Page; complaints: string[] }> {
      const tab = await openTab(browser, `${url}/pluginkit`, { httpCredentials: ADMIN, ...options });
      await tab.page.locator('.card').first().waitFor();
      await live(tab.page);
      return tab;
    }

    const live = (page: Page): Promise<void> => page.locator('.live-live').waitFor();
    const card = (page: Page, name: string): Locator =>
      page.locator('.card').filter({ has: page.getByRole('link', { name, exact: true }) });
    const stateOf = (page: Page, name: string): Promise<string | null> =>
      card(page, name).locator('.badge').textContent();
    const statesSoon = (page: Page, states: Record<string, string>): Promise<void[]> =>
      Promise.all(
        Object.entries(states).map(([name, state]) => card(page, name).getByText(state, { exact: true }).waitFor()),
      );

    it('asks who one is, and shows nothing to who does not tell', async () => {
      const { url } = await running();
      const asked = await fetch(`${url}/pluginkit`, { headers: { accept: 'text/html' } });
      expect(asked.status).toBe(401);
      expect(asked.headers.get('www-authenticate')).toContain('Basic');
      expect(await asked.text()).not.toContain('comments');

      const { page: signedIn } = await open(url);
      expect(await signedIn.locator('.card').count()).toBe(13);
    });

    it('shows what there is, what failed and why, and finds it', async () => {
      const { url } = await running();
      const { page, complaints } = await open(url);

      expect(await stateOf(page, 'comments')).toBe('Enabled');
      expect(await stateOf(page, 'spotlight')).toBe('Disabled');
      expect(await stateOf(page, 'guestbook-import')).toBe('Failed');
      const broken = (await card(page, 'guestbook-import').textContent()) ?? '';
      expect(broken).toContain('INCOMPATIBLE');
      expect(broken).toContain('What helps');
      expect(await card(page, 'comments').locator('.facts').textContent()).toMatch(/Folder.*\d m?s/);

      await page.getByRole('button', { name: /^Failed/ }).click();
      expect(await page.locator('.card h2').allTextContents()).toEqual([expect.stringContaining('guestbook-import')]);
      await page.getByRole('button', { name: /^All/ }).click();
      await page.getByLabel('Origin').selectOption('package');
      expect(await page.locator('.card h2').allTextContents()).toEqual([expect.stringContaining('qr')]);
      await page.getByLabel('Search plugins').fill('no such thing');
      await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
      await page.getByRole('button', { name: 'Clear search and filters' }).click();
      await page.getByLabel('Search plugins').fill('FEED readers');
      expect(await page.locator('.card h2').allTextContents()).toEqual([expect.stringContaining('feed')]);
      expect(complaints).toEqual([]);
    });

    it('switches a plugin off: its route vanishes in another tab, its card changes in all, and nothing is loaded again', async () => {
      const { url } = await running();
      const { page, complaints } = await open(url);
      const { page: second } = await open(url);
      const { page: feed } = await openTab(browser, url);
      const status = async (): Promise<number> => (await feed.request.get(`${url}/feed.xml`)).status();
      expect(await status()).toBe(200);
      for (const each of [page, second]) await each.evaluate('window.isTheSameDocument = true');

      await card(page, 'feed').getByRole('button', { name: 'Disable feed' }).click();
      await page.getByRole('dialog').getByText('No other plugin is affected.').waitFor();
      expect(await status()).toBe(200);
      await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();

      for (const each of [page, second]) {
        await statesSoon(each, { feed: 'Disabled' });
        expect(await each.evaluate('window.isTheSameDocument')).toBe(true);
      }
      expect(await status()).toBe(404);
      await second.locator('[role=status]').getByText('feed was disabled').waitFor();

      await card(second, 'feed').getByRole('button', { name: 'Enable feed' }).click();
      await second.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
      await statesSoon(page, { feed: 'Enabled' });
      expect(await status()).toBe(200);
      expect(complaints).toEqual([]);
    });

    it('shows before who is affected, and switches them along', async () => {
      const { url } = await running();
      const { page } = await open(url);
      const dialog = page.getByRole('dialog', { name: 'Disable comments?' });

      await card(page, 'comments').getByRole('button').click();
      await dialog.getByRole('listitem').first().waitFor();
      expect(await dialog.getByRole('listitem').allTextContents()).toEqual(['stats']);
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect(await stateOf(page, 'stats')).toBe('Enabled');

      await card(page, 'comments').getByRole('button').click();
      await dialog.getByRole('button', { name: 'Disable all 2' }).click();
      await statesSoon(page, { comments: 'Disabled', stats: 'Disabled' });
    });

    it('tells all about one plugin', async () => {
      const { url } = await running();
      const { page, complaints } = await open(url);
      await card(page, 'stats').getByRole('button').click();
      await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
      await statesSoon(page, { stats: 'Disabled' });

      await page.getByRole('link', { name: 'comments', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: /comments/ }).waitFor();
      await page.locator('.routes').getByText('/comments/:postId').first().waitFor();
      const panel = (name: string): Locator =>
        page.locator('.panel').filter({ has: page.getByRole('heading', { name, exact: true }) });
      expect(await panel('Dependencies').textContent()).toMatch(/Needed by.*stats.*\^1\.0\.0/);
      expect(await panel('Timings').textContent()).toMatch(/Import\s*[\d.,]+ m?s/);
      expect(await panel('About').textContent()).toContain('MIT');

      await panel('Dependencies').getByRole('link', { name: 'stats' }).click();
      await page.getByRole('heading', { level: 1, name: /stats/ }).waitFor();
      await panel('What was done with it').getByText('Disable stats').first().waitFor();
      expect(await panel('What was done with it').textContent()).toMatch(
        /admin.*Disable stats.*Enabled → Disabled.*Done/,
      );
      await page.goBack();
      await page.getByRole('heading', { level: 1, name: /comments/ }).waitFor();

      await page.getByRole('link', { name: 'Boot timeline' }).click();
      await page.locator('.timeline tbody tr').first().waitFor();
      expect(await page.locator('.timeline tbody tr').count()).toBeGreaterThanOrEqual(6);
      expect(await page.locator('.timeline .bar-picture rect.step-import').count()).toBeGreaterThanOrEqual(6);
      await page.getByRole('link', { name: 'Audit' }).click();
      await page.locator('.audit').getByText('Disable stats').waitFor();
      await page.goto(`${url}/pluginkit#/plugins/nobody`);
      await page.getByRole('heading', { name: 'There is no such plugin.' }).waitFor();
      expect(complaints.filter((each) => !each.includes('404'))).toEqual([]);
    });

    it('says why the application cannot be reloaded, where it cannot', async () => {
      const { url } = await running();
      const { page } = await open(url);

      await page.getByRole('button', { name: 'Reload' }).click();
      const text = (await page.getByRole('dialog').textContent()) ?? '';
      expect(text).toContain('A reload is not possible here.');
      expect(text).toContain('What helps');
    });

    it('speaks English and Simplified Chinese: as the browser does, or as one chooses', async () => {
      const { url } = await running();
      const { page } = await open(url, { locale: 'zh-CN' });

      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('插件');
      expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
      expect(await stateOf(page, 'spotlight')).toBe('已停用');
      await page.getByLabel('语言').selectOption('en');
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Plugins');
      await page.reload();
      await page.locator('.card').first().waitFor();
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Plugins');

      const { page: other } = await open(url, { locale: 'fr-FR' });
      expect(await other.getByRole('heading', { level: 1 }).textContent()).toBe('Plugins');
    });

    it('is dark where the system is, and where one wants it', async () => {
      const { url } = await running();
      const { page } = await open(url, { colorScheme: 'dark' });
      const brightness = async (of: Page): Promise<number> =>
        Number(/\d+/.exec(await of.evaluate('getComputedStyle(document.documentElement).backgroundColor'))?.[0]);

      await expect.poll(() => brightness(page), { timeout: 10_000 }).toBeLessThan(60);
      await page.getByRole('button', { name: 'Dark appearance', pressed: true }).click();
      await expect.poll(() => brightness(page), { timeout: 10_000 }).toBeGreaterThan(200);
      await page.reload();
      await page.locator('.card').first().waitFor();
      await expect.poll(() => brightness(page), { timeout: 10_000 }).toBeGreaterThan(200);
    });

    it.each([
      [1200, 'light', 'en-GB'],
      [1200, 'dark', 'zh-CN'],
      [390, 'light', 'zh-CN'],
      [390, 'dark', 'en-GB'],
    ] as const)(
      'fits %i px in %s and %s, everywhere, without serious faults for a screen reader',
      async (width, colorScheme, locale) => {
        const { url } = await running();
        const { page, complaints } = await open(url, { viewport: { width, height: 844 }, colorScheme, locale });
        const check = async (): Promise<void> => {
          expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
          expect(await seriousFaults(page)).toEqual([]);
        };

        await check();
        await card(page, 'comments').getByRole('button').click();
        await page.getByRole('dialog').getByRole('listitem').waitFor();
        await check();
        await page.keyboard.press('Escape');
        for (const place of ['#/plugins/comments', '#/plugins/guestbook-import', '#/timeline', '#/audit']) {
          await page.evaluate(`location.hash = '${place}'`);
          await page
            .locator(place === '#/audit' ? 'main h1' : '.panel')
            .first()
            .waitFor();
          await check();
        }
        expect(complaints).toEqual([]);
      },
    );

    it('is used by keyboard alone', async () => {
      const { url } = await running();
      const { page } = await open(url);
      const focused = (): Promise<string> => page.evaluate('document.activeElement.textContent');
      const tabTo = async (text: string): Promise<void> => {
        for (let presses = 0; presses < 60; presses += 1) {
          await page.keyboard.press('Tab');
          if ((await focused()).trim() === text) return;
        }
        throw new Error(`the focus never came to "${text}"`);
      };

      await page.keyboard.press('Tab');
      expect(await focused()).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.localName')).toBe('main');
      await tabTo('Disable feed');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByText('No other plugin is affected.').waitFor();
      expect(await page.evaluate('document.activeElement.closest("dialog") !== null')).toBe(true);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await focused()).toBe('Disable feed');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByText('No other plugin is affected.').waitFor();
      await tabTo('Disable');
      await page.keyboard.press('Enter');
      await statesSoon(page, { feed: 'Disabled' });
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await focused()).toBe('Enable feed');
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: /feed/ }).waitFor();
      expect(await page.title()).toBe('feed · Plugins');
      expect(await page.evaluate('document.activeElement.localName')).toBe('main');
    });

    it('works behind a proxy below another path, and is live again after it was cut off', async () => {
      const { url } = await running();
      const proxy = await startProxy(url, '/ops/board');
      const { page } = await open(proxy.url);

      await card(page, 'feed').getByRole('button').click();
      await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
      await statesSoon(page, { feed: 'Disabled' });
      proxy.goDown();
      await page.locator('.live-lost').waitFor();
      const { page: direct } = await open(url);
      await card(direct, 'feed').getByRole('button').click();
      await direct.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
      await statesSoon(direct, { feed: 'Enabled' });
      expect(await stateOf(page, 'feed')).toBe('Disabled');
      proxy.comeUp();
      await live(page);
      await statesSoon(page, { feed: 'Enabled' });
      await page.locator('.news').getByText('feed was enabled').waitFor();
      const streams = proxy.seen.filter(({ path }) => path === '/pluginkit/api/events');
      expect(streams.at(-1)?.headers['last-event-id']).toMatch(/./);
    });
  },
);
