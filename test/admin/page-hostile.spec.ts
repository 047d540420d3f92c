import type { PluginList } from '#lib/admin/api.js';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ADA, bootAdmin } from '../support/admin-app.js';
import { PLATFORMS } from '../support/boot-app.js';
import { CHROMIUM, isWithoutBrowser, launchBrowser, openTab } from '../support/browser.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

const PAYLOADS = [
  '<script>window.pwned = 1</script>',
  '<img src=x onerror=window.pwned=2>',
  '<svg onload=window.pwned=3><animate onbegin=window.pwned=3>',
  '"><img src=x onerror=window.pwned=4>',
  "'); window.pwned = 5; //",
  'javascript:window.pwned=6',
  'JaVa\tScRiPt:window.pwned=7',
  'data:text/html,<script>opener.pwned=8</script>',
  '<iframe srcdoc="<script>parent.pwned=9</script>"></iframe>',
  '<a href="javascript:window.pwned=10" onfocus=window.pwned=10 autofocus>x</a>',
  "{{constructor.constructor('window.pwned=11')()}}${window.pwned=11}",
  '</pre></script><style>*{display:none}</style><base href="//evil.example/"><form action=javascript:window.pwned=12><button>x',
] as const;

/** Elements, handlers and links that the page itself never makes. */
const FIND_FAULTS = `(() => {
  const faults = [];
  for (const element of document.querySelectorAll('script:not([src]), img, iframe, object, embed, style, form, math, animate, base ~ base'))
    faults.push(element.outerHTML.slice(0, 200));
  for (const element of document.querySelectorAll('*'))
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on') || name === 'srcdoc' || name === 'style') faults.push(name + '=' + value);
      if (/^(?:xlink:)?(?:href|src|action|formaction)$/.test(name) && !/^(?:https?:|\\.\\/|#\\/)/.test(value)) faults.push(name + '=' + value);
    }
  if (window.pwned !== undefined) faults.push('pwned ' + window.pwned);
  return faults;
})()`;

/** Goes there, unfolds everything, and returns all that is to be read. */
async function lookAt(page: Page, place: string): Promise<string> {
  await page.evaluate(`location.hash = ${JSON.stringify(place)}`);
  await page
    .locator(place === '#/' ? '.card' : 'main h1')
    .first()
    .waitFor();
  for (const folded of await page.locator('details:not([open]) summary').all()) await folded.click();
  expect(await page.evaluate(FIND_FAULTS)).toEqual([]);
  return (await page.locator('main').textContent()) ?? '';
}

const placeOf = (plugin: string): string => `#/plugins/${encodeURIComponent(plugin)}`;

describe.skipIf(isWithoutBrowser)(
  `hostile plugins on the page (${CHROMIUM}; apt-get install chromium, or set CHROMIUM)`,
  { timeout: 120_000 },
  () => {
    let browser: Browser;
    beforeAll(async () => void (browser = await launchBrowser()), 60_000);
    afterAll(() => browser.close());

    it.each(PLATFORMS)('are text, whatever they say of themselves (%s)', async (platform) => {
      const directory = newDirectory();
      for (const [index, payload] of PAYLOADS.entries()) {
        writePlugin(directory, `hostile-${index}`, {
          'package.json': JSON.stringify({ type: 'module' }),
          'index.js': entry({
            name: `hostile-${index}`,
            author: payload,
            description: payload,
            license: payload,
            readmeFile: 'README.md',
            licenseFile: 'LICENSE',
          }),
          'README.md': payload,
          LICENSE: payload,
        });
        writePlugin(directory, payload.replaceAll('/', '∕'), {
          'package.json': JSON.stringify({ type: 'module', homepage: payload, description: payload }),
          'index.js': `throw new Error(${JSON.stringify(payload)});`,
        });
      }
      const app = await bootAdmin({ directories: [directory] }, { platform });
      const { page } = await openTab(browser, `${app.url}/pluginkit`, { extraHTTPHeaders: { authorization: ADA } });
      page.on('dialog', () => expect.unreachable('a dialog of a plugin'));

      await page.locator('.card').nth(23).waitFor();
      expect(await page.evaluate(FIND_FAULTS)).toEqual([]);
      for (const [index, payload] of PAYLOADS.entries()) {
        const told = await lookAt(page, placeOf(`hostile-${index}`));
        if (!payload.includes('\t')) expect(told.split(payload).length).toBeGreaterThan(4);
      }
      const { plugins } = (await app.ask<PluginList>('/pluginkit/api/plugins')).json;
      expect(plugins).toHaveLength(24);
      for (const { name } of plugins) if (!name.startsWith('hostile-')) await lookAt(page, placeOf(name));
      for (const place of ['#/', '#/timeline', '#/audit']) await lookAt(page, place);
    });

    it('are text, even if the server lets everything pass', async () => {
      const directory = newDirectory();
      writePlugin(directory, 'shop', { 'index.js': entry({ name: 'shop' }) });
      const app = await bootAdmin({ directories: [directory] });
      const answers = new Map<string, object>();
      for (const path of ['plugins', 'plugins/shop', 'audit'])
        answers.set(path, (await app.ask(`/pluginkit/api/${path}`)).json);
      const { page } = await openTab(browser, 'about:blank', { extraHTTPHeaders: { authorization: ADA } });
      let payload = '';
      await page.route(/\/api\/(?:plugins|audit)/, (route) => {
        const [, path = ''] = /api\/(plugins(?=\/)|plugins|audit)/.exec(route.request().url()) ?? [];
        const isOne = /plugins\/./.test(route.request().url());
        return route.fulfill({ json: poisoned(answers.get(isOne ? 'plugins/shop' : path) ?? {}, payload) });
      });
      for (payload of PAYLOADS) {
        await page.goto('about:blank');
        await page.goto(`${app.url}/pluginkit`);
        let told = '';
        for (const place of ['#/', placeOf(payload), '#/timeline', '#/audit']) told += await lookAt(page, place);
        expect(told.split(payload).length).toBeGreaterThan(10);
      }
    });
  },
);

/** The answer with this text in every place that is free text, and some places that usually have none. */
function poisoned(answer: object, payload: string): object {
  const extra = {
    title: payload,
    author: payload,
    description: payload,
    url: payload,
    license: payload,
    state: 'failed',
    failure: { code: payload, message: payload, hint: payload, field: payload, file: payload },
    origin: { kind: 'folder', name: payload },
    contributions: { [payload]: 2 },
    dependencies: [{ name: payload, range: payload, state: 'enabled', version: payload }],
    routes: [{ method: payload, path: payload, versions: [payload] }],
    readme: { file: payload, text: payload, isCut: true },
    licenseText: { file: payload, text: payload, isCut: false },
    engines: { node: payload },
    version: payload,
    name: payload,
  };
  const audit = [
    {
      id: 1,
      at: payload,
      who: payload,
      address: payload,
      action: 'disable',
      plugin: payload,
      result: 'refused',
      code: payload,
      message: payload,
      affected: [payload],
    },
  ];
  const json = answer as Record<string, unknown>;
  if (Array.isArray(json['plugins']))
    return {
      ...json,
      plugins: json['plugins'].map((each: object) => ({ ...each, ...extra })),
      versions: { node: payload },
    };
  if (Array.isArray(json['entries'])) return { entries: audit };
  return 'milliseconds' in json ? { ...json, ...extra, audit } : json;
}
