// Measures requests in a process of its own; what it found goes to the parent as JSON.
import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';

import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PluginKitModule } from 'nestjs-pluginkit';
import 'reflect-metadata';

import { newAdapter } from './support/new-adapter.mjs';

const WARM_UP = 800;
const MEASURED = 3000;

const { platform, withKit, plugins, hooked } = JSON.parse(process.argv[2]);
let calls = 0;
const hook = () => void (calls += 1);

class AppController {
  index() {
    return { here: true };
  }
}
Controller()(AppController);
Get()(AppController.prototype, 'index', Object.getOwnPropertyDescriptor(AppController.prototype, 'index'));
class AppModule {}
Module({
  controllers: [AppController],
  imports: withKit ? [PluginKitModule.forRoot({ directories: [], plugins: pluginsOf() })] : [],
})(AppModule);

const app = await NestFactory.create(AppModule, await newAdapter(platform), { logger: false });
await app.listen(0, '127.0.0.1');
const url = await app.getUrl();
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

await ask(WARM_UP);
calls = 0;
const before = process.cpuUsage();
await ask(MEASURED);
const { user, system } = process.cpuUsage(before);
// A request that passes its hooks by must not count as a quick one; the last one may still be ending.
assert.ok((calls > 3 * hooked * (MEASURED - 2) && calls <= 3 * hooked * (MEASURED + 1)) || hooked === 0, String(calls));
process.stdout.write(JSON.stringify({ us: (user + system) / MEASURED, calls }), () => process.exit(0));

function pluginsOf() {
  return Array.from({ length: plugins }, (_, index) => ({
    name: `plugin-${index}`,
    author: 'Ada',
    version: '1.0.0',
    register: () =>
      index < hooked ? { hooks: { beforeRequest: hook, afterRequest: hook, teardownRequest: hook } } : {},
  }));
}

async function ask(times) {
  for (let each = 0; each < times; each += 1)
    await new Promise((resolve, reject) => {
      get(url, { agent }, (response) => response.resume().once('end', resolve)).once('error', reject);
    });
}
