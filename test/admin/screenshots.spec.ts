import path from 'node:path';

import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';

import { launchBrowser, openTab } from '../support/browser.js';
import { startSample } from '../support/sample.js';

const IMAGES = path.resolve('docs/images');
const PASSWORD = 'paste and pins';

/** Paints the pictures of the documentation anew: `npm run screenshots`. */
describe.runIf(process.env['SCREENSHOTS'] === 'true')('the pictures of the admin', { timeout: 180_000 }, () => {
  it('are those of the sample', async () => {
    const { url, stop } = await startSample(undefined, { PLUGINKIT_ADMIN_PASSWORD: PASSWORD });
    onTestFinished(async () => void (await stop()));
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const open = async (options: BrowserContextOptions): Promise<Page> => {
      const httpCredentials = { username: 'admin', password: PASSWORD };
      const { page } = await openTab(browser, `${url}/pluginkit`, { httpCredentials, ...options });
      await page.locator('.live-live').waitFor();
      return page;
    };
    const go = async (page: Page, place: string, until: string): Promise<void> => {
      await page.evaluate(`location.hash = '${place}'`);
      await page.locator(until).first().waitFor();
      await page.evaluate('document.activeElement.blur()');
    };
    const shoot = (page: Page, name: string, fullPage = false): Promise<Buffer> =>
      page.screenshot({ path: path.join(IMAGES, `admin-${name}.png`), fullPage });

    const light = await open({ viewport: { width: 1200, height: 1000 } });
    await shoot(light, 'plugins', true);
    await light.getByRole('button', { name: 'Disable comments' }).click();
    await light.locator('.affected').waitFor();
    await light.setViewportSize({ width: 1200, height: 760 });
    await shoot(light, 'preview');
    await light.getByRole('button', { name: 'Disable all 2' }).click();
    await light.getByRole('button', { name: 'Enable comments' }).waitFor();
    await light.getByRole('button', { name: 'Enable stats' }).click();
    await light.getByRole('button', { name: 'Enable all 2' }).click();
    await light.getByRole('button', { name: 'Disable comments' }).waitFor();
    const news = light.locator('.news-item button');
    await news.first().waitFor();
    while ((await news.count()) > 0) await news.first().click();
    await go(light, '#/plugins/comments', '.routes');
    await shoot(light, 'plugin', true);
    await go(light, '#/audit', '.audit');
    await shoot(light, 'audit', true);

    const dark = await open({ viewport: { width: 1200, height: 760 }, colorScheme: 'dark' });
    await shoot(dark, 'dark');
    await go(dark, '#/timeline', 'table.timeline');
    await shoot(dark, 'timeline', true);

    const phone = await open({ viewport: { width: 390, height: 844 }, locale: 'zh-CN' });
    await shoot(phone, 'phone');
    expect(await phone.locator('.card').count()).toBe(13);
  });
});
