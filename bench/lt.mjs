// One measurement in a process of its own; what it found goes to the parent as JSON.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import 'reflect-metadata';
import { PluginKitModule, PluginRegistry } from 'nestjs-pluginkit';

import { newAdapter } from './support/new-adapter.mjs';
import { newController } from './support/new-controller.mjs';
import { median } from './support/statistics.mjs';

const { what, platform, plugins: count, seconds } = JSON.parse(process.argv[2]);
const directory = mkdtempSync(path.join(import.meta.dirname, '.tmp-live-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const inline = Array.from({ length: count }, (_, n) => inlinePlugin(n));
writePlugin('onDisk', true);
const app = await boot();
const registry = app.get(PluginRegistry);
const measured = await { toggle, load, cycles, loading }[what]();
process.stdout.write(JSON.stringify(measured), () => process.exit(0));

async function boot() {
  class AppModule {}
  Module({ imports: [PluginKitModule.forRoot({ directories: [directory], plugins: inline, watch: false })] })(
    AppModule,
  );
  const made = await NestFactory.create(AppModule, await newAdapter(platform), { logger: false });
  await made.listen(0, '127.0.0.1');
  return made;
}

/** Each has a route of its own, and one that tells the same number in every part of an answer. */
function inlinePlugin(n) {
  const controller = newController(n);
  return { name: `p${n}`, author: 'Ada', version: '1.0.0', register: () => ({ controllers: [controller] }) };
}

function writePlugin(name, isOff) {
  const folder = path.join(directory, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'index.cjs'),
    `exports.metadata = { name: '${name}', author: 'Ada', version: '1.0.0' };\nexports.register = () => ({ routes: { path: '/${name}', handler: () => 'here' } });\n`,
  );
  if (isOff) writeFileSync(path.join(folder, 'DISABLED'), '');
}

/** A plugin without a folder is switched in memory: that is the change itself. */
async function toggle() {
  const name = `p${Math.floor(count / 2)}`;
  await registry.enable('onDisk');
  return { liveMs: await toggled(name, 20), wholeMs: await toggled("onDisk", 600) };
}

async function toggled(name, times) {
  const took = [];
  for (let n = 0; n < times; n += 1) {
    const begun = performance.now();
    await (n % 2 === 0 ? registry.disable(name) : registry.enable(name));
    if (n >= 20) took.push(performance.now() - begun);
  }
  return median(took);
}

/** One plugin is switched all the time, another never; an answer is one or the other, as a whole. */
async function load() {
  const { port } = app.getHttpServer().address();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  const until = performance.now() + seconds * 1000;
  const found = { seconds, requests: 0, failed: 0, mixed: 0, toggles: 0 };
  const ask = (target) =>
    new Promise((resolve, reject) => {
      http
        .get({ port, host: '127.0.0.1', path: target, agent }, (response) => {
          const chunks = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }));
          response.on('error', reject);
        })
        .on('error', reject);
    });
  const client = async (target, on) => {
    while (performance.now() < until) {
      try {
        const { status, body } = await ask(target);
        found.requests += 1;
        const isOn = status === 200 && body === on;
        const isOff = status === 404 && JSON.parse(body).message === `Cannot GET ${target}`;
        if (!isOn && !(isOff && target === '/p1')) found.mixed += 1;
      } catch {
        found.failed += 1;
      }
    }
  };
  const over = new AbortController();
  const toggler = async () => {
    for (let n = 0; !over.signal.aborted; n += 1) {
      await (n % 2 === 0 ? registry.disable('p1') : registry.enable('p1'));
      found.toggles += 1;
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
  };
  const toggling = toggler();
  await Promise.all(
    Array.from({ length: 24 }, (_, n) => client(n % 2 ? '/p1' : '/p2', JSON.stringify({ plugin: n % 2 ? 1 : 2 }))),
  );
  over.abort();
  await toggling;
  agent.destroy();
  return found;
}

async function cycles() {
  const server = app.getHttpServer();
  const listeners = () =>
    server.eventNames().reduce((sum, name) => sum + server.listenerCount(name), 0) +
    process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  const handles = () => process.getActiveResourcesInfo().length;
  const switchOffAndOn = async (times) => {
    for (let n = 0; n < times; n += 1) {
      await registry.disable('p1');
      await registry.enable('p1');
    }
  };
  const loadAndUnload = async (times) => {
    for (let n = 0; n < times; n += 1) {
      await registry.enable('onDisk');
      await registry.unload('onDisk');
    }
  };
  await switchOffAndOn(100);
  const before = { bytes: await heap(), listeners: listeners(), handles: handles() };
  await switchOffAndOn(1000);
  const after = { bytes: await heap(), listeners: listeners(), handles: handles() };
  await loadAndUnload(100);
  const loaded = await heap();
  await loadAndUnload(200);
  return {
    bytes: after.bytes - before.bytes,
    listeners: after.listeners - before.listeners,
    handles: after.handles - before.handles,
    loadBytes: (await heap()) - loaded,
  };
}

async function loading() {
  const took = [];
  for (let n = 0; n < 60; n += 1) {
    const begun = performance.now();
    await registry.enable('onDisk');
    if (n >= 10) took.push(performance.now() - begun);
    await registry.unload('onDisk');
  }
  return { ms: median(took) };
}

async function heap() {
  for (let pass = 0; pass < 4; pass += 1) {
    await nextTurn();
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}
