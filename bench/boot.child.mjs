// One measured boot in a process of its own; what it found goes to the parent as JSON.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import 'reflect-metadata';

import { newAdapter } from './support/new-adapter.mjs';

const { way, platform, directory, listByHand, last, count, profile } = JSON.parse(process.argv[2]);

const adapter = await newAdapter(platform);
const beforeKit = performance.now();
// Every way loads it, so that memory differs by nothing but the plugins.
const { PluginKitModule, PluginRegistry } = await import('nestjs-pluginkit');
const kitImportMs = performance.now() - beforeKit;

const { app, ms, cpuMs } = profile === undefined ? await boot() : await profiled(boot);
const bytes = await bytesInUse();
await verify();
const steps = way === 'kit' ? app.get(PluginRegistry).report().milliseconds : undefined;
process.stdout.write(JSON.stringify({ ms, cpuMs, bytes, kitImportMs, steps }), () => process.exit(0));

/** The measured part: from the import of the plugins to the open port. */
async function boot() {
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  class AppModule {}
  Module({ imports: await modules() })(AppModule);
  const made = await NestFactory.create(AppModule, adapter, { logger: false, abortOnError: false });
  await made.listen(0, '127.0.0.1');
  const elapsed = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { app: made, ms: elapsed, cpuMs: (user + system) / 1000 };
}

async function modules() {
  if (way === 'kit') return [PluginKitModule.forRoot({ directories: [directory], onFailure: 'throw' })];
  if (way === 'hand') return (await import(listByHand)).modules;
  return [];
}

async function bytesInUse() {
  for (let pass = 0; pass < 2; pass += 1) {
    await nextTurn();
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A boot that leaves plugins out must not count as a quick one. */
async function verify() {
  if (way === 'empty') return;
  const response = await fetch(new URL(last.path, await app.getUrl()));
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { from: last.name });
  if (way === 'kit') assert.equal(app.get(PluginRegistry).enabled().length, count);
}

async function profiled(work) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  const result = await work();
  const taken = await session.post('Profiler.stop');
  writeFileSync(profile, JSON.stringify(taken.profile));
  session.disconnect();
  return result;
}
