import { once } from 'node:events';

import { Controller } from '@nestjs/common';
import {
  ClientProxyFactory,
  MessagePattern,
  EventPattern,
  Transport,
  type MicroserviceOptions,
} from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { definePlugin } from 'nestjs-pluginkit';
import { lastValueFrom, timeout, toArray } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

import { bootApp, PLATFORMS } from '../support/boot-app.js';
import { freePort } from '../support/free-port.js';

const author = 'Ada';
const version = '1.0.0';

it.each(PLATFORMS)('messages to a gateway of a plugin that is off are answered with nothing: %s', async (platform) => {
  let calls = 0;
  @WebSocketGateway()
  class EchoGateway {
    @SubscribeMessage('echo')
    echo(@MessageBody() text: string) {
      calls += 1;
      return { event: 'echo', data: text };
    }
  }
  @WebSocketGateway()
  class OtherGateway {
    @SubscribeMessage('ping')
    ping() {
      return { event: 'ping', data: 'pong' };
    }
  }
  const plugins = [
    definePlugin({ name: 'echo', author, version, register: () => ({ providers: [EchoGateway] }) }),
    definePlugin({ name: 'other', author, version, register: () => ({ providers: [OtherGateway] }) }),
  ];
  const { url, registry } = await bootApp(
    { directories: [], plugins },
    { platform, prepare: (app) => void app.useWebSocketAdapter(new WsAdapter(app)) },
  );
  const socket = new WebSocket(url.replace('http', 'ws'));
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  const answers: unknown[] = [];
  socket.on('message', (data: Buffer) => answers.push(JSON.parse(data.toString())));
  const ask = async (event: string, data: string): Promise<void> => {
    socket.send(JSON.stringify({ event, data }));
    // Answers come in order: when the other plugin has answered, this one would have.
    const pong = once(socket, 'message');
    if (event !== 'ping') socket.send(JSON.stringify({ event: 'ping', data: '' }));
    await pong;
  };

  await ask('echo', 'one');
  await ask('ping', '');
  expect([calls, answers]).toEqual([1, expect.arrayContaining([{ event: 'echo', data: 'one' }])]);
  await registry.disable('echo');
  await ask('echo', 'two');
  expect(calls).toBe(1);
  expect(answers).not.toContainEqual({ event: 'echo', data: 'two' });
  await registry.enable('echo');
  await ask('echo', 'three');
  await ask('ping', '');
  expect(answers).toContainEqual({ event: 'echo', data: 'three' });
});

it('message patterns of a plugin that is off do not fire', async () => {
  const heard: string[] = [];
  const port = await freePort();
  @Controller()
  class Sums {
    @MessagePattern('sum')
    sum(numbers: number[]) {
      return numbers.reduce((sum, each) => sum + each, 0);
    }
    @EventPattern('said')
    said(text: string) {
      heard.push(text);
    }
  }
  const plugin = definePlugin({ name: 'sums', author, version, register: () => ({ controllers: [Sums] }) });
  const { app, registry } = await bootApp(
    { directories: [], plugins: [plugin] },
    {
      prepare: (made) =>
        void made.connectMicroservice<MicroserviceOptions>(
          { transport: Transport.TCP, options: { host: '127.0.0.1', port } },
          { inheritAppConfig: false },
        ),
    },
  );
  await app.startAllMicroservices();
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options: { host: '127.0.0.1', port } });
  onTestFinished(() => void client.close());
  const sum = (): Promise<unknown[]> => lastValueFrom(client.send('sum', [1, 2]).pipe(toArray(), timeout(5000)));
  expect(await sum()).toEqual([3]);
  await lastValueFrom(client.emit('said', 'on'), { defaultValue: undefined });
  await sum(); // what was said before has been heard by then
  await registry.disable('sums');
  await lastValueFrom(client.emit('said', 'off'), { defaultValue: undefined });
  expect(await sum()).not.toContain(3);
  await registry.enable('sums');
  await lastValueFrom(client.emit('said', 'on again'), { defaultValue: undefined });
  expect(await sum()).toEqual([3]);
  expect(heard).toEqual(['on', 'on again']);
});
