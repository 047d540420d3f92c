import { once } from 'node:events';
import { Agent, request } from 'node:http';

import { Controller, Get, Injectable, Post, Body, Sse, type MessageEvent } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { Interval, ScheduleModule } from '@nestjs/schedule';
import {
  definePlugin,
  type Contributions,
  type OnPluginDisable,
  type OnPluginEnable,
  type PluginDefinition,
} from 'nestjs-pluginkit';
import { Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

import { bootApp, PLATFORMS } from '../support/boot-app.js';

function plugin(name: string, contributions: Contributions, more: Partial<PluginDefinition> = {}): PluginDefinition {
  return definePlugin({ name, author: 'Ada', version: '1.0.0', ...more, register: () => contributions });
}

describe.each(PLATFORMS)('a request that is under way when its plugin is switched off, on %s,', (platform) => {
  it('is answered: a slow handler, an upload, a stream of events', async () => {
    let finish = (): void => undefined;
    const started = new Promise<void>((begun) => {
      finish = begun;
    });
    const release = new Subject<MessageEvent>();
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    @Controller('slow')
    class SlowController {
      @Get()
      async slow(): Promise<string> {
        finish();
        await gate;
        return 'slow but here';
      }
      @Post('upload')
      upload(@Body() body: object): object {
        return body;
      }
      @Sse('events')
      events(): Subject<MessageEvent> {
        return release;
      }
    }
    const guarded: string[] = [];
    const guard = {
      provide: APP_GUARD,
      useValue: {
        canActivate: (context: { getClass(): { name: string } }) => guarded.push(context.getClass().name) > 0,
      },
    };
    const { url, get, registry } = await bootApp(
      { live: true, directories: [], plugins: [plugin('slow', { controllers: [SlowController], providers: [guard] })] },
      { platform },
    );
    const { hostname, port } = new URL(url);

    const slow = get('/slow');
    await started;
    const upload = request({
      hostname,
      port,
      method: 'POST',
      path: '/slow/upload',
      headers: { 'content-type': 'application/json', 'content-length': '7' },
    });
    upload.write('{"a"');
    await once(upload, 'socket').then(async ([socket]: { connecting: boolean; once: unknown }[]) =>
      socket?.connecting ? once(socket as never, 'connect') : undefined,
    );
    const events = request({ hostname, port, path: '/slow/events' });
    events.end();
    const [stream] = (await once(events, 'response')) as [NodeJS.ReadableStream];
    let streamed = '';
    stream.setEncoding('utf8').on('data', (text: string) => (streamed += text));
    // The upload has reached the application when its guard has run for none of the others: the socket tells by being written.
    await vi.waitFor(() => expect(upload.writableLength).toBe(0));
    await get('/host'); // one round trip later the server has read it

    guarded.length = 0;
    expect(await registry.disable('slow')).toMatchObject({ applied: 'live' });
    for (const gone of ['/slow', '/slow/events']) expect((await get(gone)).status).toBe(404);
    expect(guarded).toEqual([]); // nor does its guard see what began afterwards
    goOn();
    upload.end(':1}');
    release.next({ data: 'still here' });

    expect(await slow).toMatchObject({ status: 200, body: 'slow but here' });
    const [uploaded] = (await once(upload, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
    expect(uploaded.statusCode).toBe(201);
    expect(guarded).toEqual(['SlowController']); // the whole plugin was there for it, its guard too
    await vi.waitFor(() => expect(streamed).toContain('still here'));
    events.destroy();
  });

  it(
    'never meets half of a change: many requests while two plugins are switched together',
    { timeout: 30_000 },
    async () => {
      const base = plugin('base', {
        providers: [
          {
            provide: APP_GUARD,
            useValue: {
              canActivate: (context: {
                switchToHttp(): { getRequest(): { raw?: object; headers: Record<string, string> } };
              }) => {
                context.switchToHttp().getRequest().headers['x-base'] = 'on';
                return true;
              },
            },
          },
        ],
        routes: { path: '/base', handler: () => 'base' },
      });
      const top = plugin(
        'top',
        {
          routes: {
            path: '/top',
            handler: (incoming: { headers: Record<string, string> }) =>
              `top with base ${incoming.headers['x-base'] ?? 'off'}`,
          },
        },
        { dependsOn: { base: '*' } },
      );
      const { url, registry } = await bootApp({ live: true, directories: [], plugins: [base, top] }, { platform });
      const agent = new Agent({ keepAlive: true, maxSockets: 16 });
      const wrong: string[] = [];
      const seen = { on: 0, off: 0 };
      const stop = new AbortController();
      const client = async (): Promise<void> => {
        while (!stop.signal.aborted) {
          const { status, body } = await ask(`${url}/top`, agent);
          if (status === 200 && body === 'top with base on') seen.on++;
          else if (status === 404) seen.off++;
          else wrong.push(`${status} ${body}`);
        }
      };
      const clients = Array.from({ length: 16 }, client);
      for (let toggle = 0; toggle < 200; toggle++) {
        if (toggle % 2 === 0) await registry.disable('base', { cascade: true });
        else await registry.enable('top', { cascade: true });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      stop.abort();
      await Promise.all(clients);
      agent.destroy();

      expect(wrong).toEqual([]);
      expect(Math.min(seen.on, seen.off)).toBeGreaterThan(20);
    },
  );
});

function ask(url: string, agent: Agent): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe.each(PLATFORMS)('a plugin that is switched off, on %s,', (platform) => {
  it('runs no interval and hears no event until it is on again', async () => {
    const seen = { ticks: 0, events: 0 };
    @Injectable()
    class Jobs {
      @Interval(4)
      tick(): void {
        seen.ticks++;
      }
      @OnEvent('order.placed')
      placed(): void {
        seen.events++;
      }
    }
    const { app, registry } = await bootApp(
      { live: true, directories: [], plugins: [plugin('jobs', { providers: [Jobs] })] },
      { platform, imports: [ScheduleModule.forRoot(), EventEmitterModule.forRoot()] },
    );
    const emitter = app.get(EventEmitter2);
    await vi.waitFor(() => expect(seen.ticks).toBeGreaterThan(1));

    await registry.disable('jobs');
    const { ticks } = seen;
    emitter.emit('order.placed');
    await new Promise((resolve) => setTimeout(resolve, 40)); // ten intervals in which nothing may happen
    expect(seen).toEqual({ ticks, events: 0 });

    await registry.enable('jobs');
    emitter.emit('order.placed');
    expect(seen.events).toBe(1);
    await vi.waitFor(() => expect(seen.ticks).toBeGreaterThan(ticks));
  });
});

describe('the hooks of switching', () => {
  const log: string[] = [];
  @Injectable()
  class Pool implements OnPluginEnable, OnPluginDisable {
    async onPluginEnable(): Promise<void> {
      await Promise.resolve();
      log.push('open');
    }
    onPluginDisable(): void {
      log.push('close');
    }
  }

  it('are called at each change, and not when the application starts', async () => {
    log.length = 0;
    const { registry } = await bootApp({
      live: true,
      directories: [],
      plugins: [plugin('pool', { providers: [Pool] })],
    });
    expect(log).toEqual([]);

    await registry.disable('pool');
    await registry.enable('pool');

    expect(log).toEqual(['close', 'open']);
  });

  it('that fail are told: off is off, on stays off with everything as before', async () => {
    let isBroken = true;
    const moody = {
      onPluginDisable: () => Promise.reject(new Error('cannot close')),
      onPluginEnable: () => {
        if (isBroken) throw new Error('cannot open');
      },
    };
    const {
      registry,
      get,
      log: lines,
    } = await bootApp({
      live: true,
      directories: [],
      plugins: [
        plugin('moody', {
          providers: [{ provide: 'MOODY', useValue: moody }],
          routes: { path: '/moody', handler: () => 'here' },
        }),
      ],
    });

    expect(await registry.disable('moody')).toMatchObject({
      applied: 'live',
      problems: [expect.objectContaining({ code: 'MODULE_FAILED', message: expect.stringContaining('cannot close') })],
    });
    expect((await get('/moody')).status).toBe(404);
    expect(lines.some((line) => line.startsWith('error') && line.includes('cannot close'))).toBe(true);

    await expect(registry.enable('moody')).rejects.toMatchObject({
      code: 'MODULE_FAILED',
      plugin: 'moody',
      message: expect.stringContaining('cannot open'),
    });
    expect(registry.get('moody').state).toBe('disabled');
    expect((await get('/moody')).status).toBe(404);

    isBroken = false;
    await registry.enable('moody');
    expect((await get('/moody')).body).toBe('here');
  });

  it('that never settle are waited for no longer than the time limit', async () => {
    const never = { onPluginDisable: () => new Promise(() => undefined) };
    const { registry } = await bootApp({
      live: true,
      directories: [],
      timeout: 200,
      plugins: [plugin('never', { providers: [{ provide: 'NEVER', useValue: never }] })],
    });
    expect(await registry.disable('never')).toMatchObject({
      problems: [expect.objectContaining({ code: 'MODULE_TIMEOUT' })],
    });
  });
});

it('a layer that the application adds to Express while it runs keeps its place', async () => {
  const { app, get, registry } = await bootApp({
    live: true,
    directories: [],
    plugins: [plugin('a', { routes: { path: '/a', handler: () => 'a' } })],
  });
  await registry.disable('a');
  app.use('/late', (_request: unknown, response: { end(text: string): void }) => response.end('late'));
  expect((await get('/late')).body).toContain('Cannot GET'); // behind Nest's own 404, as without the kit
  await registry.enable('a');
  expect((await get('/a')).body).toBe('a');
});
