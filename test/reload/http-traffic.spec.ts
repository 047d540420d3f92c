import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { Controller, Get, Query, Sse, type MessageEvent } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { interval, map, type Observable } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

import { HttpTraffic } from '#lib/reload/http-traffic.js';

import { bootApp, PLATFORMS } from '../support/boot-app.js';

@Controller()
class AppController {
  @Get('quick')
  quick(): string {
    return 'quick';
  }

  @Get('slow')
  async slow(@Query('ms') milliseconds: string): Promise<string> {
    await pause(Number(milliseconds));
    return 'slow';
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return interval(5).pipe(map((data) => ({ data: String(data) })));
  }
}

@WebSocketGateway({ path: '/ws' })
class Gateway {
  @SubscribeMessage('hello')
  hello(): string {
    return 'hello';
  }
}

async function boot(platform: (typeof PLATFORMS)[number], providers = [Gateway]) {
  const traffic = new HttpTraffic();
  const servers: Server[] = [];
  const { url } = await bootApp(
    { directories: [] },
    {
      platform,
      controllers: [AppController],
      providers,
      prepare: (app) => {
        app.useWebSocketAdapter(new WsAdapter(app));
        const server = app.getHttpServer() as Server;
        server.keepAliveTimeout = 400;
        servers.push(server);
        traffic.watch(server);
      },
    },
  );
  const [server] = servers;
  if (!server) throw new Error('there is no server');
  return { traffic, url, server, port: (server.address() as AddressInfo).port };
}

/** A connection on which a test writes the bytes itself. */
async function open(port: number): Promise<{ socket: Socket; text: () => string; until(part: string): Promise<void> }> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return {
    socket,
    text: () => text,
    until: async (part) => {
      while (!text.includes(part)) await once(socket, 'data');
    },
  };
}

const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

describe.each(PLATFORMS)('draining on %s', (platform) => {
  it('row 69: answers the next request of a kept connection, and closes it with that answer', async () => {
    const { traffic, port } = await boot(platform);
    const kept = await open(port);
    kept.socket.write(ask('/quick'));
    await kept.until('quick');
    expect(kept.text()).not.toMatch(/connection: close/i);

    const drained = traffic.drain('reload', 5000);
    await pause(60);
    kept.socket.write(ask('/slow?ms=1'));
    await kept.until('slow');

    expect(kept.text()).toMatch(/HTTP\/1\.1 200 OK[^]*HTTP\/1\.1 200 OK[^]*connection: close/i);
    expect(await drained).toEqual([]);
  });

  it('row 69: finishes what is under way, closes what is idle when the server says so, and takes no new connection', async () => {
    const { traffic, port, url } = await boot(platform);
    const [slow, idle, unused, half] = [await open(port), await open(port), await open(port), await open(port)];
    idle.socket.write(ask('/quick'));
    await idle.until('quick');
    slow.socket.write(ask('/slow?ms=200'));
    half.socket.write('GET /quick HT');
    await pause(30);

    const begun = performance.now();
    const drained = traffic.drain('reload', 5000);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    half.socket.write('TP/1.1\r\nHost: localhost\r\n\r\n');
    const ended = Promise.all(
      [idle, unused].map(({ socket }) => once(socket, 'close').then(() => performance.now() - begun)),
    );
    await slow.until('slow');
    await half.until('quick');

    expect(slow.text()).toMatch(/connection: close/i);
    expect(half.text()).toMatch(/connection: close/i);
    expect(await drained).toEqual([]);
    for (const milliseconds of await ended) expect(milliseconds).toBeGreaterThan(250);
  });

  it('row 69: of requests that stand one behind the other, answers all', async () => {
    const { traffic, port } = await boot(platform);
    const piped = await open(port);
    piped.socket.write(ask('/slow?ms=150') + ask('/quick'));
    await pause(40);

    expect(await traffic.drain('reload', 5000)).toEqual([]);

    await piped.until('quick');
    expect(piped.text()).toMatch(/slow[^]*quick/);
  });

  it('row 70: ends streams of events, also such as begin meanwhile, and tells when to come back', async () => {
    const { traffic, port } = await boot(platform);
    const kept = await open(port);
    kept.socket.write(ask('/quick'));
    await kept.until('quick');
    const events = await open(port);
    events.socket.write(ask('/events'));
    await events.until('data: 1');

    const drained = traffic.drain('reload', 5000);
    kept.socket.write(ask('/events'));
    const ends = Promise.all([kept, events].map(({ socket }) => once(socket, 'close')));
    expect(await drained).toEqual([]);
    await ends;

    for (const { text } of [kept, events]) expect(text()).toMatch(/\nretry: \d+\n\n/);
    await pause(30); // its source may write behind the end: nobody must fall over that
  });

  it.each([
    ['reload', 1012, 'service restart'],
    ['stop', 1001, 'going away'],
  ] as const)('row 70: closes websockets on a %s with %i', async (reason, code, text) => {
    const { traffic, port } = await boot(platform);
    const client = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    await once(client, 'open');
    const closed = once(client, 'close') as Promise<[number, Buffer]>;

    expect(await traffic.drain(reason, 5000)).toEqual([]);

    const [given, why] = await closed;
    expect([given, String(why)]).toEqual([code, text]);
  });

  it('row 68: cuts what is left at the limit, and tells what that was without its query', async () => {
    const { traffic, port } = await boot(platform);
    const slow = await open(port);
    slow.socket.write(ask('/slow?ms=60000&token=secret'));
    await pause(30);

    expect(await traffic.drain('reload', 100)).toEqual(['GET /slow']);

    if (!slow.socket.closed) await once(slow.socket, 'close');
  });

  it('leaves a request for an upgrade that nobody takes to the routes', async () => {
    const { port } = await boot(platform, []);
    const upgrade = await open(port);
    upgrade.socket.write('GET /quick HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n');
    await upgrade.until('quick');
    expect(upgrade.text()).toMatch(/^HTTP\/1\.1 200 OK/);
  });
});
