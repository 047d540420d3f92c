import { createPluginApp } from 'nestjs-pluginkit/testing';
import { expect, it } from 'vitest';

import greeter, { Clock } from './greeter.plugin.js';

it('greets by the hour', async () => {
  await using app = await createPluginApp({ plugins: [greeter] })
    .overrideProvider(Clock)
    .useValue({ hour: () => 7 });

  const { text } = await app.request().get('/greeting').expect(200);
  expect(text).toBe('Good morning');
});
