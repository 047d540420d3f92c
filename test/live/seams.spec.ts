import 'reflect-metadata';
import { RouterExplorer } from '@nestjs/core/router/router-explorer.js';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { definePlugin } from 'nestjs-pluginkit';
import { describe, expect, it, vi } from 'vitest';

import { bootApp } from '../support/boot-app.js';

interface FastifyInstance {
  hasRoute(): boolean;
}

const shop = definePlugin({
  name: 'shop',
  author: 'Ada',
  version: '1.0.0',
  register: () => ({ routes: { path: '/shop', handler: () => 'shop' } }),
});
const late = definePlugin({
  ...shop,
  name: 'late',
  state: 'disabled',
  register: () => ({ routes: { path: '/late', handler: () => 'late' } }),
});

describe('a seam that does not hold is reported once, and its feature waits for the next start', () => {
  it('where handlers lose the metadata of their methods, nothing is switched', async () => {
    // As a Nest would be that no longer copies metadata to what it registers.
    vi.spyOn(
      RouterExplorer.prototype as unknown as { copyMetadataToCallback(): void },
      'copyMetadataToCallback',
    ).mockReturnValue();
    const { registry, get, log } = await bootApp({ directories: [], plugins: [shop] });
    expect((await get('/shop')).body).toBe('shop');
    await expect(registry.disable('shop')).rejects.toMatchObject({ code: 'STATE_WRITE_FAILED' }); // it waits, and an inline plugin cannot
    expect(registry.preview('disable', 'shop')).toMatchObject({
      applied: 'on-reload',
      reason: expect.stringContaining('not known'),
    });
    expect((await get('/shop')).body).toBe('shop');
    expect(log.filter((line) => line.includes('no route of'))).toHaveLength(1);
  });

  it('where Fastify does not keep the constraint of a route, nothing is switched', async () => {
    const { registry, log } = await bootApp(
      { directories: [], plugins: [shop] },
      {
        platform: 'fastify',
        prepare: (app) => {
          vi.spyOn(app.getHttpAdapter().getInstance() as FastifyInstance, 'hasRoute').mockReturnValue(false);
        },
      },
    );
    expect(registry.preview('disable', 'shop')).toMatchObject({ applied: 'on-reload' });
    expect(log.filter((line) => line.includes('the constraints of routes'))).toHaveLength(1);
  });

  it('where Fastify’s adapter has other insides, plugins are switched but not loaded', async () => {
    const adapter = new FastifyAdapter();
    const { registry, get, log } = await bootApp(
      { directories: [], plugins: [shop, late] },
      {
        adapter,
        prepare: (app) => Reflect.set(app.getHttpAdapter(), 'versionConstraint', undefined),
      },
    );
    expect(await registry.disable('shop')).toMatchObject({ applied: 'live' });
    expect((await get('/shop')).status).toBe(404);
    expect(registry.preview('enable', 'late')).toMatchObject({ applied: 'on-reload' });
    expect(log.filter((line) => line.includes('the paths of the Fastify adapter'))).toHaveLength(1);
  });
});
