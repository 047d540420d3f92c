import type { Browser, Page, Route } from 'playwright-core';
import { bearerToken } from 'nestjs-pluginkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ADA, bootAdmin, type AdminApp } from '../support/admin-app.js';
import { CHROMIUM, isWithoutBrowser, launchBrowser, openTab } from '../support/browser.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

describe.skipIf(isWithoutBrowser)(
  `the page when something is amiss (${CHROMIUM}; apt-get install chromium, or set CHROMIUM)`,
  { timeout: 60_000 },
  () => {
    let browser: Browser;
    beforeAll(async () => void (browser = await launchBrowser()), 60_000);
    afterAll(() => browser.close());

    async function opened(
      prepare: (page: Page) => Promise<unknown> = () => Promise.resolve(),
    ): Promise<{ app: AdminApp; page: Page }> {
      const directory = newDirectory();
      writePlugin(directory, 'shop', { 'index.js': entry({ name: 'shop' }) });
      const app = await bootAdmin({ directories: [directory] });
      const { page } = await openTab(browser, 'about:blank', { extraHTTPHeaders: { authorization: ADA } });
      await prepare(page);
      await page.goto(`${app.url}/pluginkit`);
      return { app, page };
    }

    const refusing =
      (status: number, code: string, headers: Record<string, string> = {}) =>
      (route: Route): Promise<void> =>
        route.fulfill({
          status,
          headers,
          json: { code, message: `Because of ${code}.`, hint: 'Do something about it.' },
        });

    it('takes a token, tells that one is wrong, and forgets it when one leaves', async () => {
      const app = await bootAdmin({ admin: { guards: [bearerToken({ verify: (token) => token === 'good' })] } });
      const { page } = await openTab(browser, `${app.url}/pluginkit/`);

      await page.getByLabel('Token').fill('bad');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('This token was refused.').waitFor();
      await page.getByLabel('Token').fill('good');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'No plugins yet' }).waitFor();
      await page.locator('.live-live').waitFor();
      await page.reload();
      await page.getByRole('heading', { name: 'No plugins yet' }).waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('Token').waitFor();
      expect(await page.locator('nav').count()).toBe(0);
    });

    it('tells code, reason and cure of a refusal, and waits as long as it is told to', async () => {
      const { page } = await opened((each) =>
        each.route('**/api/plugins', refusing(429, 'TOO_MANY_FAILURES', { 'retry-after': '2' })),
      );

      const alert = page.getByRole('alert');
      await alert.waitFor();
      expect(await alert.textContent()).toMatch(
        /Too many attempts.*TOO_MANY_FAILURES.*Because of.*Do something about it/,
      );
      const again = alert.getByRole('button');
      expect(await again.isDisabled()).toBe(true);
      await page.unroute('**/api/plugins');
      await alert.getByRole('button', { name: 'Try again' }).click();
      await page.locator('.card').waitFor();
      expect(await alert.count()).toBe(0);
    });

    it('tells that one may not enter', async () => {
      const { page } = await opened((each) => each.route('**/api/plugins', refusing(403, 'FORBIDDEN')));

      await page.getByRole('alert').getByText('You may not see this.').waitFor();
      expect(await page.locator('nav').count()).toBe(0);
    });

    it('tells in the dialog why a change was refused, and stays usable', async () => {
      const { page } = await opened();
      await page.route('**/disable', (route) =>
        (route.request().postDataJSON() as { dryRun?: boolean }).dryRun === true
          ? route.continue()
          : refusing(503, 'STATE_WRITE_FAILED')(route),
      );

      await page.getByRole('button', { name: 'Disable shop' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Disable' }).click();
      await dialog.getByRole('alert').waitFor();
      expect(await dialog.textContent()).toMatch(/STATE_WRITE_FAILED.*What helps/);
      await page.unroute('**/disable');
      await dialog.getByRole('button', { name: 'Disable' }).click();
      await page.locator('.card').getByText('Disabled', { exact: true }).waitFor();
    });

    it('says that the server does not answer, keeps what it knows, and comes back by itself', async () => {
      const { app, page } = await opened();
      await page.locator('.live-live').waitFor();
      await page.context().setOffline(true);
      await app.registry.disable('shop');
      await page.locator('.live-lost').waitFor();
      expect(await page.locator('.card').count()).toBe(1);
      await page.getByRole('button', { name: 'Disable shop' }).click();
      await page.getByRole('dialog').getByText('The server does not answer.').waitFor();
      await page.keyboard.press('Escape');
      await page.context().setOffline(false);
      await page.locator('.live-live').waitFor();
      await page.locator('.card').getByText('Disabled', { exact: true }).waitFor();
    });

    it('follows a reload through its phases', async () => {
      const steps = ['checking', 'starting', 'draining', 'done'];
      const event = (phase: string, id: number): string =>
        `id: x-${id}\nevent: reload\ndata: ${JSON.stringify({ id: 'r', phase, generation: 2, workers: { ready: id, total: 4 }, at: new Date().toISOString() })}\n\n`;
      let reached = 0;
      const { page } = await opened(async (each) => {
        await each.route('**/api/plugins', async (route) => {
          const response = await route.fetch();
          await route.fulfill({
            response,
            json: { ...(await response.json()), reload: { isPossible: true, way: 'supervisor' } },
          });
        });
        await each.route('**/api/reload', (route) =>
          route.fulfill({ status: 202, json: { ticket: { id: 'r', phase: 'queued', generation: 2, at: '' } } }),
        );
        // Each connection brings one step, as if it broke after each: the page connects again, and resumes.
        await each.route('**/api/events', async (route) => {
          const body = `: hi\n\n${reached === 0 ? '' : event(steps[reached - 1] ?? 'done', reached)}`;
          await route.fulfill({ status: 200, headers: { 'content-type': 'text/event-stream' }, body });
        });
      });

      await page.getByRole('button', { name: 'Reload' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Reload now' }).click();
      const current = page.locator('.step[aria-current=step]');
      await current.getByText('Waiting for its turn').waitFor();
      for (const said of ['Checking the plugins', 'Starting new processes', 'Finishing what is under way', 'Done']) {
        reached += 1;
        await current.getByText(said).waitFor();
      }
      await page.getByRole('button', { name: 'Reload again' }).waitFor();
      await page.locator('.news').getByText('The application was reloaded').first().waitFor();
      expect(await page.locator('.step-done').count()).toBe(5);
    });
  },
);
