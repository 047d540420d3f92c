// npm run bench [-- <suite>... --rounds 11 --sizes 10,100,1000 --platform fastify]
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { describeMachine } from './support/machine.mjs';
import { formatTable } from './support/table.mjs';

/** A suite is a file that exports `run(options)`: it returns `{ title, columns, rows, notes, results }`. */
const SUITES = {
  boot: () => import('./boot.mjs'),
  hooks: () => import('./hooks.mjs'),
  slots: () => import('./slots.mjs'),
  live: () => import('./live.mjs'),
  requests: () => import('./requests.mjs'),
  reload: () => import('./reload.mjs'),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    sizes: { type: 'string', default: '10,100,1000' },
    platform: { type: 'string', default: 'express' },
    seconds: { type: 'string', default: '60' },
    reloads: { type: 'string', default: '20' },
    workers: { type: 'string', default: '2' },
    out: { type: 'string', default: path.join(import.meta.dirname, '..', 'reports', 'bench') },
  },
});
const options = {
  rounds: positive(values.rounds, 'rounds'),
  sizes: values.sizes.split(',').map((each) => positive(each, 'sizes')),
  platform: oneOf(['express', 'fastify'], values.platform, 'platform'),
  seconds: positive(values.seconds, 'seconds'),
  reloads: positive(values.reloads, 'reloads'),
  workers: positive(values.workers, 'workers'),
};
const names = positionals.length > 0 ? positionals : Object.keys(SUITES);
for (const name of names) oneOf(Object.keys(SUITES), name, 'suite');

mkdirSync(values.out, { recursive: true });
for (const name of names) {
  const { run } = await SUITES[name]();
  const before = describeMachine();
  const { title, columns, rows, notes, results } = await run(options);
  const machine = { ...before, loadAfter: describeMachine().load };
  const file = path.join(values.out, `${name}.json`);
  writeFileSync(file, `${JSON.stringify({ suite: name, machine, options, results }, undefined, 2)}\n`);
  console.log(`\n${title}\n\n${formatTable(columns, rows)}\n`);
  for (const note of notes) console.log(note);
  console.log(
    `Node.js ${machine.node}, ${machine.cores} x ${machine.cpu}, load ${machine.load} before and ${machine.loadAfter} after.`,
  );
  console.log(`Written to ${path.relative(process.cwd(), file)}`);
}

function positive(text, option) {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new TypeError(`--${option} must be whole numbers above 0, it is ${text}`);
}

function oneOf(known, given, option) {
  if (known.includes(given)) return given;
  throw new TypeError(`${option} must be one of ${known.join(', ')}, it is ${given}`);
}
