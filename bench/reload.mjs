import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { generatePlugins } from './support/generate-plugins.mjs';
import { isInstalled, load, LOADER } from './support/load.mjs';
import { freePort, ServerProcess } from './support/server-process.mjs';
import { median } from './support/statistics.mjs';

const CLI = path.resolve(import.meta.dirname, '../dist/cli/pluginkit.js');
const HOST = path.resolve(import.meta.dirname, 'reload.host.mjs');
/** What the project promises. */
const WANTED = { failed: 0, requests: 50_000, ready: 1.3 };
const PLUGINS = 10;
const PYTHON_APP = `def app(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '2')])
    return [b'ok']
`;

/** Reloads under load, and counts the requests that fail; without load, how long it takes until the new workers are ready. */
export async function run({ rounds, seconds, reloads, workers }) {
  const results = [];
  for (const platform of ['express', 'fastify'])
    results.push(await measurePlatform({ platform, rounds, seconds, reloads, workers }));
  if (isInstalled('gunicorn')) results.push(await measureGunicorn({ seconds, reloads, workers }));
  return {
    title: `Reload: ${reloads} in ${seconds} s under ${LOADER} with 32 keep-alive connections, ${workers} workers`,
    columns: ['server', 'reloads', 'requests', 'failed', 'ready ms/worker', 'cold boot ms', 'ratio', 'check ms'],
    rows: results.map(rowOf),
    notes: [
      `Wanted: ${WANTED.failed} failed of at least ${WANTED.requests}; ready again within ${WANTED.ready} of one worker's cold boot for each worker.`,
      'The times are measured without load, from the signal to the new workers, but for the check of the plugins before.',
    ],
    results: { wanted: WANTED, loader: LOADER, servers: results },
  };
}

async function measurePlatform({ platform, rounds, seconds, reloads, workers }) {
  const plugins = generatePlugins(PLUGINS);
  const port = await freePort();
  const app = [HOST, platform, plugins.directory, String(port)];
  try {
    const cold = [];
    for (let round = 0; round < rounds + 1; round += 1) cold.push(await coldBoot(app));
    cold.shift(); // the first one reads the files from the disk
    const serve = [CLI, 'serve', HOST, '--workers', String(workers), '--', platform, plugins.directory, String(port)];
    const server = new ServerProcess(process.execPath, serve);
    for (let worker = 0; worker < workers; worker += 1) await server.until(/is ready/);
    const idle = [];
    for (let round = 0; round < rounds; round += 1) idle.push(await reload(server));
    const url = `http://127.0.0.1:${port}${plugins.last.path}`;
    const { counted, times } = await underLoad({ url, seconds, reloads, reload: () => reload(server) });
    const status = await server.stop();
    if (status !== 0) throw new Error(`pluginkit serve ended with ${status}`);
    const coldMs = median(cold);
    const readyMs = median(idle.map(({ ready }) => ready)) / workers;
    const checkMs = median(idle.map(({ check }) => check));
    return {
      server: platform,
      ...counted,
      reloads: times.length,
      coldMs,
      readyMs,
      ratio: readyMs / coldMs,
      checkMs,
      cold,
      idle,
      times,
    };
  } finally {
    plugins.remove();
  }
}

async function coldBoot(app) {
  const begun = performance.now();
  const server = new ServerProcess(process.execPath, app);
  await server.until(/listening/);
  const ms = performance.now() - begun;
  await server.stop();
  return ms;
}

/** Resolves when the reload has ended: with the times until the check was over, and until all new workers were ready. */
async function reload(server) {
  const begun = performance.now();
  server.child.kill('SIGHUP');
  await phase(server, 'starting');
  const checked = performance.now();
  await phase(server, 'draining');
  const ready = performance.now();
  await phase(server, 'done');
  return { check: checked - begun, ready: ready - checked, total: performance.now() - begun };
}

async function phase(server, wanted) {
  const [, reached] = await server.until(new RegExp(`: (${wanted}|aborted)`));
  if (reached === 'aborted') throw new Error(`a reload was aborted: ${(await server.until(/RELOAD_ABORTED.*/))[0]}`);
}

async function underLoad({ url, seconds, reloads, reload: once }) {
  const counting = load(url, seconds);
  const times = [];
  const pace = (seconds * 1000) / reloads;
  const begun = performance.now();
  for (let number = 0; number < reloads; number += 1) {
    await pause(Math.max(0, begun + pace * (number + 0.2) - performance.now()));
    if (performance.now() - begun > seconds * 1000 - pace / 2) break; // the machine is too slow for so many
    times.push(await once());
  }
  return { counted: await counting, times };
}

async function measureGunicorn({ seconds, reloads, workers }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'pluginkit-bench-'));
  writeFileSync(path.join(folder, 'plain.py'), PYTHON_APP);
  const port = await freePort();
  const server = new ServerProcess(
    'gunicorn',
    ['plain:app', '-w', String(workers), '-k', 'gthread', '--threads', '32', '-b', `127.0.0.1:${port}`],
    { cwd: folder },
  );
  try {
    for (let worker = 0; worker < workers; worker += 1) await server.until(/Booting worker/);
    const hangUp = async () => {
      server.child.kill('SIGHUP');
      for (let worker = 0; worker < workers; worker += 1) await server.until(/Booting worker/);
    };
    const { counted, times } = await underLoad({ url: `http://127.0.0.1:${port}/`, seconds, reloads, reload: hangUp });
    return { server: 'gunicorn', ...counted, reloads: times.length };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowOf({ server, reloads, requests, failed, readyMs, coldMs, ratio, checkMs }) {
  const figure = (number, digits = 0) => number?.toFixed(digits) ?? '-';
  return [server, reloads, requests, failed]
    .map(String)
    .concat(figure(readyMs), figure(coldMs), figure(ratio, 2), figure(checkMs));
}
