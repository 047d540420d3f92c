import { connect, type Socket } from 'node:net';

import { AdminEventStream } from '#lib/admin/admin-event-stream.js';
import {
  PluginError,
  type Plugin,
  type PluginChange,
  type PluginRegistry,
  type ReloadService,
  type ReloadTicket,
} from 'nestjs-pluginkit';
import { Subject } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { ADA, bootAdmin, type AdminApp } from '../support/admin-app.js';
import { PLATFORMS } from '../support/boot-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

const PLUGINS = '/pluginkit/api/plugins';

interface Event {
  readonly event: string;
  readonly id: string;
  readonly data: Record<string, unknown>;
}

/** Listens to the stream by a plain socket. */
class Listener {
  received = '';
  isClosed = false;
  readonly #socket: Socket;
  #wake: () => void = () => undefined;

  constructor(app: AdminApp, lastEventId?: string) {
    this.#socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (chunk: string) => {
      this.received += chunk;
      this.#wake();
    });
    this.#socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
    this.#socket.on('error', () => undefined);
    const resume = lastEventId === undefined ? '' : `last-event-id: ${lastEventId}\r\n`;
    this.#socket.write(
      `GET /pluginkit/api/events HTTP/1.1\r\nhost: localhost\r\nauthorization: ${ADA}\r\n${resume}connection: close\r\n\r\n`,
    );
    onTestFinished(() => this.close());
  }

  get events(): Event[] {
    return [...this.received.matchAll(/event: (\w+)\nid: (\S+)\ndata: (.*)\n\n/g)].map(([, event, id, data]) => ({
      event: event ?? '',
      id: id ?? '',
      data: JSON.parse(data ?? '') as Event['data'],
    }));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async first(event: string): Promise<Event> {
    await this.until(() => this.events.some((each) => each.event === event));
    return this.events.find((each) => each.event === event) as Event;
  }

  close(): void {
    this.#socket.destroy();
  }
}

function onePlugin(): string {
  const directory = newDirectory();
  writePlugin(directory, 'shop', { 'index.js': entry({ name: 'shop' }) });
  return directory;
}

describe.each(PLATFORMS)('the stream of events on %s', (platform) => {
  it('greets at once, and tells each change, by whomever it is made', async () => {
    const app = await bootAdmin({ directories: [onePlugin()] }, { platform });
    const listener = new Listener(app);
    const hello = await listener.first('hello');
    expect(listener.received).toMatch(/^HTTP\/1\.1 200/);
    expect(listener.received).toMatch(/content-type: text\/event-stream/i);
    expect(listener.received).toMatch(/retry: \d+/);
    expect(hello.data['at']).toMatch(/^\d{4}-/);
    await app.registry.disable('shop');
    expect((await listener.first('plugin')).data).toMatchObject({ plugin: 'shop', from: 'enabled', to: 'disabled' });
    await app.post(`${PLUGINS}/shop/enable`);
    await listener.until(() => listener.events.length === 3);
    expect(listener.events[2]).toMatchObject({ event: 'plugin', data: { from: 'disabled', to: 'enabled' } });
  });

  it('is resumed behind the last event that was seen', async () => {
    const app = await bootAdmin({ directories: [onePlugin()] }, { platform });
    const first = new Listener(app);
    await first.first('hello');
    await app.registry.disable('shop');
    const seen = await first.first('plugin');
    first.close();
    await app.registry.enable('shop');
    await app.registry.disable('shop');
    const second = new Listener(app, seen.id);
    await second.until(() => second.events.length >= 2);
    expect(second.events.map(({ event, data }) => [event, data['to']])).toEqual([
      ['plugin', 'enabled'],
      ['plugin', 'disabled'],
    ]);
    const ids = second.events.map(({ id }) => Number(id.split('.')[1]));
    expect(ids).toEqual([2, 3]);
  });

  it.each(['elsewhere.1', 'x', '', '0.999999999999'])(
    'tells to read everything anew behind %j',
    async (lastEventId) => {
      const app = await bootAdmin({}, { platform });
      const listener = new Listener(app, lastEventId);
      const reset = await listener.first('reset');
      const again = new Listener(app, reset.id);
      await again.until(() => again.received.includes('retry:'));
      expect(again.events).toEqual([]);
    },
  );

  it('ends when the application does', async () => {
    const app = await bootAdmin({}, { platform });
    const listener = new Listener(app);
    await listener.first('hello');
    const begun = performance.now();
    await app.app.close();
    await listener.until(() => listener.isClosed);
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  it('is guarded', async () => {
    const app = await bootAdmin({}, { platform });
    expect((await fetch(`${app.url}/pluginkit/api/events`)).status).toBe(401);
  });
});

describe('the stream of events', () => {
  function newStream(plugins: Plugin[] = []): {
    stream: AdminEventStream;
    changes: Subject<PluginChange>;
    tickets: Subject<ReloadTicket>;
  } {
    const changes = new Subject<PluginChange>();
    const tickets = new Subject<ReloadTicket>();
    // What the stream uses of both services.
    const registry = { changes$: changes, all: () => plugins } as unknown as PluginRegistry;
    const reload = { tickets$: tickets, status: () => ({ isPossible: true, way: 'supervisor', generation: 7 }) };
    const stream = new AdminEventStream(registry, reload as unknown as ReloadService);
    onTestFinished(() => stream.onModuleDestroy());
    return { stream, changes, tickets };
  }

  it('tells the steps of a reload, without paths', () => {
    const { stream, tickets } = newStream();
    const client = stream.open(undefined).setEncoding('utf8');
    const error = { code: 'MODULE_FAILED', message: `no file ${process.cwd()}/plugins/x.js`, plugin: 'x' } as const;
    tickets.next({ id: 'r1', phase: 'aborted', generation: 8, at: new Date(0), error });
    const text = String(client.read());
    expect(text).toContain('"generation":7');
    expect(text).toContain('event: reload\n');
    expect(text).toContain('"message":"no file ./plugins/x.js"');
    expect(text).toContain('"at":"1970-01-01T00:00:00.000Z"');
  });

  it('cuts off a client that reads nothing, and keeps serving the others', async () => {
    const { stream, changes } = newStream();
    const [slow, quick] = [stream.open(undefined), stream.open(undefined)];
    let received = 0;
    quick.on('data', () => received++);
    const closed = new Promise((resolve) => slow.once('close', resolve));
    let sent = 0;
    for (; !slow.destroyed && sent < 20_000; sent++) {
      changes.next({ plugin: 'shop', from: 'enabled', to: 'disabled', at: new Date() });
      if (sent % 100 === 0) await new Promise(setImmediate);
    }
    await closed;
    expect(sent).toBeLessThan(20_000);
    await new Promise(setImmediate);
    expect(quick.destroyed).toBe(false);
    expect(received).toBeGreaterThan(sent / 2);
  });

  it('tells to read everything anew when more has happened than is kept', () => {
    const { stream, changes } = newStream();
    const id = /id: (\S+)/.exec(String(stream.open(undefined).read()))?.[1] ?? '';
    for (let i = 0; i < 500; i++) changes.next({ plugin: 'shop', from: 'enabled', to: 'disabled', at: new Date() });
    expect(String(stream.open(id).read()).match(/event: plugin/g)).toHaveLength(500);
    changes.next({ plugin: 'shop', from: 'enabled', to: 'disabled', at: new Date() });
    expect(String(stream.open(id).read())).toContain('event: reset');
  });

  it('takes a hundred clients, and one more when another has gone', async () => {
    const { stream } = newStream();
    const clients = Array.from({ length: 100 }, () => stream.open(undefined));
    expect(() => stream.open(undefined)).toThrow('Too many clients');
    const gone = new Promise((resolve) => clients[0]?.once('close', resolve));
    clients[0]?.destroy();
    await gone;
    expect(stream.open(undefined).destroyed).toBe(false);
  });

  it('tells of plugins that fail while the application runs, once', () => {
    const plugins: Plugin[] = [];
    const { stream } = newStream(plugins);
    const client = stream.open(undefined).setEncoding('utf8');
    client.read();
    const error = new PluginError('MODULE_FAILED', { plugin: 'shop', detail: 'it broke', hint: 'Mend it.' });
    plugins.push({ name: 'shop', state: 'failed', origin: 'inline', metadata: {}, milliseconds: {}, error });
    stream.lookForFailures();
    stream.lookForFailures();
    const text = String(client.read());
    expect(text.match(/event: failure/g)).toHaveLength(1);
    expect(text).toContain('"plugin":"shop","code":"MODULE_FAILED"');
  });

  it('beats its heart while somebody listens', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { stream } = newStream();
    const client = stream.open(undefined).setEncoding('utf8');
    client.read();
    vi.advanceTimersByTime(30_000);
    expect(client.read()).toBe(': \n\n: \n\n');
    client.destroy();
  });
});
