// node bench/profile.mjs [--plugins 1000] [--platform fastify] [--runs 5] [--top 40] [--keep folder]: where the time of a
// boot goes. Every figure is the median of the runs.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { generatePlugins } from './support/generate-plugins.mjs';
import { runChild } from './support/run-child.mjs';
import { median } from './support/statistics.mjs';
import { formatTable } from './support/table.mjs';

const { values } = parseArgs({
  options: {
    plugins: { type: 'string', default: '1000' },
    platform: { type: 'string', default: 'express' },
    runs: { type: 'string', default: '5' },
    keep: { type: 'string' },
    top: { type: 'string', default: '40' },
  },
});
const generated = generatePlugins(Number(values.plugins));
const folder = values.keep ?? mkdtempSync(path.join(os.tmpdir(), 'pluginkit-profile-'));
mkdirSync(folder, { recursive: true });
const profiles = { hand: [], kit: [] };
for (let run = 1; run <= Number(values.runs); run += 1) {
  for (const way of ['hand', 'kit']) {
    const profile = path.resolve(folder, `${way}-${run}.cpuprofile`);
    const input = { way, platform: values.platform, profile, ...generated };
    const { ms } = await runChild(new URL('boot.child.mjs', import.meta.url), input);
    profiles[way].push(read(profile));
    console.log(`${way}: ${ms.toFixed(0)} ms while profiled`);
  }
}
generated.remove();
if (values.keep === undefined) rmSync(folder, { recursive: true });

show('Self time by group, ms', (each) => each.byGroup);
show('Self time by file, ms', (each) => each.byFile);
show('Self time by function, ms', (each) => each.byFunction);
show('Time below a function of nestjs-pluginkit, ms (without what runs later in promises)', (each) => each.below);

function show(title, of) {
  const [hand, kit] = [profiles.hand.map(of), profiles.kit.map(of)];
  const keys = new Set([...hand, ...kit].flatMap((each) => Array.from(each.keys())));
  const middle = (runs, key) => median(runs.map((each) => each.get(key) ?? 0));
  const rows = Array.from(keys)
    .map((key) => ({ key, hand: middle(hand, key), kit: middle(kit, key) }))
    .toSorted((a, b) => b.kit - b.hand - (a.kit - a.hand))
    .slice(0, Number(values.top))
    .map((row) => [row.hand.toFixed(1), row.kit.toFixed(1), (row.kit - row.hand).toFixed(1), row.key]);
  console.log(`\n${title}\n\n${formatTable(['by hand', 'kit', 'difference', 'where'], rows)}`);
}

function read(file) {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8'));
  const byId = new Map(nodes.map((node) => [node.id, { ...node, self: 0 }]));
  const profiler = nodes.find(({ callFrame }) => callFrame.functionName === 'dispatch' && !callFrame.url)?.id;
  for (const [index, id] of samples.entries()) if (id !== profiler) byId.get(id).self += timeDeltas[index] / 1000;
  const result = { byGroup: new Map(), byFile: new Map(), byFunction: new Map(), below: new Map() };
  const walk = (node, around) => {
    const { functionName, url, lineNumber } = node.callFrame;
    const place = url ? placeOf(url) : functionName.replace(/^RegExp: .*/, 'regular expressions');
    const name = `${functionName || '(anonymous)'} ${place}:${lineNumber + 1}`;
    add(result.byGroup, groupOf(place), node.self);
    add(result.byFile, place, node.self);
    add(result.byFunction, url ? name : place, node.self);
    const inside = place.startsWith('dist/') ? new Set([...around, name]) : around;
    for (const each of inside) add(result.below, each, node.self);
    for (const child of node.children ?? []) walk(byId.get(child), inside);
  };
  walk(byId.get(nodes[0].id), new Set());
  return result;
}

function add(map, key, time) {
  map.set(key, (map.get(key) ?? 0) + time);
}

function placeOf(url) {
  if (url.includes('/bench/.tmp/')) return url.endsWith('list-by-hand.mjs') ? 'the list by hand' : 'the plugins';
  return url.replace(/^file:\/\/.*\/node_modules\//, 'node_modules/').replace(/^file:\/\/.*\/(dist|bench)\//, '$1/');
}

function groupOf(place) {
  if (place.startsWith('dist/')) return 'nestjs-pluginkit';
  if (place.startsWith('node:')) return /modules|vm|url|package/.test(place) ? 'Node.js: modules' : 'Node.js: other';
  if (place.startsWith('(') || place.startsWith('the ')) return place;
  return /^node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(place)?.[1] ?? 'functions of V8 and Node.js in C++';
}
