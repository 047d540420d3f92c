import { describe, expect, it } from 'vitest';

import { bootApp, PLATFORMS } from '../support/boot-app.js';
import { askAll, CONFIGURATIONS, HostModule, shop, themes } from '../support/conformance.js';
import { LOADS_LIVE } from '../support/loads-live.js';

const VARIANTS: readonly [string, boolean][] = [
  ['with enhancers of the whole application', true],
  ['without', false],
];

/** A plugin that is off answers as one that was never installed: status, headers, body, and who took part. */
describe.each(PLATFORMS)('on %s', { timeout: 60_000 }, (platform) => {
  const configurations = Object.entries(CONFIGURATIONS).filter(([, { express }]) => !express || platform === 'express');

  describe.each(configurations)('%s', (name, { nest, prepare, express }) => {
    const spec = {
      platform,
      imports: [HostModule],
      controllers: [],
      ...(nest && { nest: { logger: false, ...nest } as const }),
      prepare: (app: Parameters<NonNullable<typeof prepare>>[0]) => {
        prepare?.(app);
        if (express) express(app.getHttpAdapter().getInstance() as Parameters<typeof express>[0]);
      },
    };

    it.each(VARIANTS)(
      'a plugin that is switched off is as if never installed, and on again as before: %s',
      async (_what, withEnhancers) => {
        const never = await bootApp({ live: true, directories: [], plugins: [] }, spec);
        const { url, registry } = await bootApp(
          { live: true, directories: [themes()], plugins: [shop(withEnhancers, name.includes('versions'))] },
          spec,
        );
        const absent = await askAll(never.url);

        const present = await askAll(url);
        for (const each of ['shop', 'theme']) expect(await registry.disable(each)).toMatchObject({ applied: 'live' });
        const off = await askAll(url);
        for (const each of ['theme', 'shop']) expect(await registry.enable(each)).toMatchObject({ applied: 'live' });
        const again = await askAll(url);

        expect(off).toEqual(absent);
        expect(again).toEqual(present);
        // The plugin did make a difference, or nothing was compared.
        const changed = Object.keys(present).filter(
          (question) => JSON.stringify(present[question]) !== JSON.stringify(absent[question]),
        );
        expect(changed.length).toBeGreaterThan(15);
      },
    );

    it.each(LOADS_LIVE.includes(platform) ? VARIANTS : [])(
      'a plugin that is loaded while the application runs answers as one that was there at its start: %s',
      async (_what, withEnhancers) => {
        const plugin = shop(withEnhancers, name.includes('versions'));
        const early = await bootApp({ directories: [], plugins: [plugin] }, spec);
        const { url, registry } = await bootApp({ directories: [], plugins: [{ ...plugin, state: 'disabled' }] }, spec);
        const present = await askAll(early.url);
        const absent = await askAll(url);

        expect(await registry.enable('shop')).toMatchObject({ applied: 'live' });
        expect(await askAll(url)).toEqual(present);
        await registry.disable('shop');
        expect(await askAll(url)).toEqual(absent);
        await registry.enable('shop');
        expect(await askAll(url)).toEqual(present);
        await registry.unload('shop');
        expect(await askAll(url)).toEqual(absent);
        await registry.enable('shop');
        expect(await askAll(url)).toEqual(present);
        await registry.upgrade('shop');
        expect(await askAll(url)).toEqual(present);
      },
    );
  });
});
