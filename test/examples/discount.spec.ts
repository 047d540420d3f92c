import { createPluginApp, type PluginApp } from 'nestjs-pluginkit/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { discount } from './discount.plugin.js';
import { PricesController } from './prices.controller.js';

let app: PluginApp;
beforeAll(async () => {
  app = await createPluginApp({ plugins: [discount], controllers: [PricesController] });
});
afterAll(() => app.close());

it('takes ten percent off, as long as it is on', async () => {
  expect(await (await app.request('/prices/10')).text()).toBe('9.00');
  await app.disable('discount');
  expect(await (await app.request('/prices/10')).text()).toBe('10.00');
});
