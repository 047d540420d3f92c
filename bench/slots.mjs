import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import 'reflect-metadata';

import { spread } from './support/statistics.mjs';

/** What the project promises for a thousand plugins in one slot, in ms. */
const WANTED = 50;
const SCRATCH = path.join(import.meta.dirname, '.tmp');
const KINDS = ['inline', 'file'];

/** Renders one slot that every plugin has a part in, each with a template of its own. */
export async function run({ rounds, sizes }) {
  const results = [];
  for (const size of sizes) for (const kind of KINDS) results.push(await measure(size, kind, rounds));
  return {
    title: `One slot, every plugin in it, ${rounds} rounds`,
    columns: ['plugins', 'templates', 'render ms (q1-q3)', 'first ms', 'after a change ms'],
    rows: results.map(({ size, kind, render, first, changed }) => [
      String(size),
      kind,
      `${render.median.toFixed(1)} (${render.q1.toFixed(1)}-${render.q3.toFixed(1)})`,
      first.toFixed(1),
      changed.median.toFixed(1),
    ]),
    notes: [
      `Wanted: less than ${WANTED} ms to render a thousand. The first time compiles every template; after a change nothing but what is new.`,
    ],
    results: { wanted: WANTED, slots: results },
  };
}

async function measure(size, kind, rounds) {
  const { PluginKitModule, PluginRegistry, PluginView } = await import('nestjs-pluginkit');
  mkdirSync(SCRATCH, { recursive: true });
  const directory = mkdtempSync(path.join(SCRATCH, 'slots-'));
  try {
    for (let number = 0; number < size; number += 1) writePlugin(directory, `p${number}`, kind);
    class AppModule {}
    Module({ imports: [PluginKitModule.forRoot({ directories: [directory], live: true, onFailure: 'throw' })] })(
      AppModule,
    );
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    const view = app.get(PluginView);
    const registry = app.get(PluginRegistry);
    const render = () => timed(() => verify(view.emitSlot('side', { who: '<x>' }), size));
    const first = render();
    const times = Array.from({ length: rounds * 5 }, render);
    const changes = [];
    for (let round = 0; round < rounds; round += 1) {
      await registry.disable('p0');
      await registry.enable('p0');
      changes.push(render());
    }
    await app.close();
    return { size, kind, first, render: spread(times), changed: spread(changes), times, changes };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function writePlugin(directory, name, kind) {
  const folder = path.join(directory, name);
  const template = `<li class="${name}">{{ who }} in ${name}</li>`;
  const slot = kind === 'file' ? `${name}/side.njk` : template;
  mkdirSync(path.join(folder, 'templates', name), { recursive: true });
  if (kind === 'file') writeFileSync(path.join(folder, 'templates', slot), template);
  writeFileSync(
    path.join(folder, 'index.js'),
    `export const metadata = { name: '${name}', author: 'Ada', version: '1.0.0' };
export const register = () => ({ slots: { side: ${JSON.stringify(slot)} } });\n`,
  );
}

function timed(work) {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

/** A page that leaves something out is not a quick page. */
function verify(html, size) {
  const parts = html.match(/<li class="p\d+">&lt;x&gt; in p\d+<\/li>/g) ?? [];
  if (parts.length !== size) throw new Error(`${parts.length} of ${size} plugins are in the slot`);
}
