import { Controller, Get, Inject, Req } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PluginView } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, failures, PLATFORMS, type RunningApp } from './support/boot-app.js';
import { directoryOf, fixture } from './support/plugin-folders.js';

@Controller()
class DemoController {
  constructor(@Inject(PluginView) private readonly view: PluginView) {}

  @Get()
  index(@Req() request: object): string {
    return this.view.render('index.html', {}, request);
  }
}

function start(platform: (typeof PLATFORMS)[number]): Promise<RunningApp> {
  return bootApp(
    {
      directories: [directoryOf('fulldemo/plugins/local_demo', 'fulldemo/plugins/repeat_demo')],
      views: { folders: [fixture('fulldemo/views')] },
      config: { whoami: 'a value of the option config' },
      live: true,
    },
    // Express takes a slash at the end by itself.
    {
      controllers: [DemoController],
      ...(platform === 'fastify' && { adapter: new FastifyAdapter({ routerOptions: { ignoreTrailingSlash: true } }) }),
    },
  );
}

const json = (body: string): unknown => JSON.parse(body);

describe.each(PLATFORMS)("a port of Flask-PluginKit's full example, on %s", (platform) => {
  it('shows slots, assets, configuration, filters and values of both plugins on its page', async () => {
    const { get, registry } = await start(platform);

    expect(failures(registry)).toEqual({});
    const { status, body } = await get('/');
    expect(status).toBe(200);
    expect(body).toMatch(/<link rel="stylesheet" href="\/assets\/localdemo\/css\/style\.css\?v=[\w-]+">/);
    expect(body).toMatch(/<script src="\/assets\/localdemo\/js\/hello\.js\?v=[\w-]+"><\/script>/);
    expect(body).toContain('<p>a paragraph of localdemo, from its code</p>');
    expect(body).toContain('<h2>a heading of localdemo, from a file</h2>');
    expect(body).toContain('<p id="whoami">a value of the option config</p>');
    expect(body).toMatch(/<p id="context">\d{10} 42 localdemo<\/p>/);
    expect(body).toContain('<p id="filters">filtered by localdemo filtered by repeatdemo</p>');
    const [, href = ''] = /href="([^"]+)"/.exec(body) ?? [];
    const css = await get(href);
    expect(css).toMatchObject({ status: 200, body: expect.stringContaining('seagreen') });
    expect(css.headers.get('content-type')).toContain('text/css');
  });

  it('answers by routes, by a controller with a prefix and by a view class', async () => {
    const { get } = await start(platform);

    expect(json((await get('/limit/test')).body)).toEqual({ method: 'GET', status: 200, path: 'test' });
    expect(json((await get('/limit/test', { method: 'POST' })).body)).toEqual({
      method: 'POST',
      status: 403,
      path: 'test',
    });
    expect((await get('/limit/test', { method: 'PUT' })).status).toBe(404);
    expect(json((await get('/localdemo/')).body)).toEqual({ hello: 'localdemo' });
    expect(await get('/classful/')).toMatchObject({ status: 200, body: 'classful' });
    expect(await get('/bvep')).toMatchObject({ status: 200, body: 'below localdemo' });
  });

  it('answers errors by status and by class', async () => {
    const { get } = await start(platform);

    const missing = await get('/404');
    expect(missing.status).toBe(404);
    expect(json(missing.body)).toEqual({ status: 404, msg: 'there is no such page' });
    const forbidden = await get('/403');
    expect(forbidden.status).toBe(403);
    expect(json(forbidden.body)).toEqual({ status: 403, msg: 'this is not for you' });
    const failed = await get('/api_error');
    expect(failed.status).toBe(200);
    expect(json(failed.body)).toEqual({ code: 10000, msg: 'an error of a class' });
  });

  it('notes the time before each request', async () => {
    const { get, registry } = await start(platform);
    const [storage] = registry.extensions<{ nowtime?: string }>('demo.storage');

    const begun = Date.now();
    await get('/localdemo/');
    expect(Date.parse(storage?.nowtime ?? '')).toBeGreaterThanOrEqual(begun);
  });

  it('goes on without either of the two', async () => {
    const { get, registry } = await start(platform);

    await registry.disable('localdemo');
    const alone = (await get('/')).body;
    expect(alone).toContain('<p id="context"> 42 </p>');
    expect(alone).toContain('<p id="filters">x filtered by repeatdemo</p>');
    expect(alone).not.toContain('/assets/localdemo');
    expect((await get('/limit/test')).status).toBe(404);
    expect((await get('/api_error')).status).toBe(200);
    await registry.enable('localdemo');
    await registry.disable('repeatdemo');
    expect((await get('/classful/')).status).toBe(404);
    expect(json((await get('/classful/')).body)).toEqual({ status: 404, msg: 'there is no such page' });
    expect((await get('/limit/test')).status).toBe(200);
  });
});
