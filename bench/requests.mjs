import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { Connections } from './support/connections.mjs';
import { ServerProcess } from './support/server-process.mjs';
import { spread } from './support/statistics.mjs';

const CHILD = fileURLToPath(new URL('requests.child.mjs', import.meta.url));
const WAYS = ['plain', 'kit'];
const PLATFORMS = ['express', 'fastify'];
/** In each round, how often the servers take turns, and how many requests a turn has. */
const TURNS = 25;
const REQUESTS = { express: 500, fastify: 1500 };
const WARM_TURNS = 10;

/**
 * Compares requests to routes of plugins with those to the same controllers in plain NestJS, and asks whether it matters
 * which of many plugins has the route. Each round has processes of its own: one and the same program is faster in some processes
 * than in others, by how V8 has come to know it.
 */
export async function run({ rounds, sizes }) {
  const results = [];
  for (const platform of PLATFORMS) {
    for (const plugins of sizes) results.push(await measure(platform, plugins, rounds));
  }
  const shown = ['overhead', 'last', 'missing', 'plainMissing', 'plainLast'];
  return {
    title: `Requests per second, ${rounds} rounds of ${TURNS} turns, and below it the processor time of a request: with the library against plain NestJS`,
    columns: [
      'platform',
      'plugins',
      'of',
      'kit / plain, first',
      'kit last / first',
      'kit 404 / first',
      'plain 404 / first',
      'plain last / first',
    ],
    rows: results.flatMap(({ platform, plugins, perSecond, processor }) => [
      [platform, String(plugins), 'requests', ...shown.map((name) => formatted(perSecond[name]))],
      ['', '', 'processor', ...shown.map((name) => formatted(processor[name]))],
    ]),
    notes: [
      'Medians of pairs that ran one after the other, and the quartiles.',
      'Wanted of the requests: 0.97 or more in the first of these columns; 0.9 or more in the next two.',
      'The processor time is that of the server: less is better, and other work on the machine changes it less.',
    ],
    results,
  };
}

async function measure(platform, plugins, rounds) {
  const paths = { first: '/p0', last: `/p${plugins - 1}`, missing: '/nowhere' };
  const requests = REQUESTS[platform];
  const runs = [];
  for (let round = 0; round < rounds; round += 1) {
    const servers = {};
    try {
      for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed())
        servers[way] = await start({ way, platform, plugins });
      for (let turn = 0; turn < WARM_TURNS; turn += 1) await takeTurn(servers, WAYS, paths, requests);
      for (let turn = 0; turn < TURNS; turn += 1)
        runs.push(await takeTurn(servers, turn % 2 === 0 ? WAYS : WAYS.toReversed(), paths, requests));
    } finally {
      for (const { server, connections } of Object.values(servers)) {
        connections.close();
        await server.stop();
      }
    }
  }
  return {
    platform,
    plugins,
    perSecond: ratiosOf(runs, ({ milliseconds }) => 1 / milliseconds),
    processor: ratiosOf(runs, ({ cpu }) => cpu),
    runs,
  };
}

async function takeTurn(servers, order, paths, requests) {
  const found = {};
  for (const [name, target] of Object.entries(paths)) {
    for (const way of order) {
      const { server, connections } = servers[way];
      const before = await cpuOf(server);
      const milliseconds = await connections.burst(target, requests);
      found[`${way} ${name}`] = { milliseconds, cpu: (await cpuOf(server)) - before };
    }
  }
  return found;
}

/** How the kinds of requests compare, by what is worked out of each. */
function ratiosOf(runs, value) {
  const ratio = (over, under) => spread(runs.map((each) => value(each[over]) / value(each[under])));
  return {
    overhead: ratio('kit first', 'plain first'),
    last: ratio('kit last', 'kit first'),
    missing: ratio('kit missing', 'kit first'),
    plainMissing: ratio('plain missing', 'plain first'),
    plainLast: ratio('plain last', 'plain first'),
  };
}

function formatted({ median, q1, q3 }) {
  return `${median.toFixed(3)} (${q1.toFixed(2)}-${q3.toFixed(2)})`;
}

/** The processor time of a server so far, in microseconds. */
async function cpuOf(server) {
  server.child.send('cpu');
  const [{ user, system }] = await once(server.child, 'message');
  return user + system;
}

async function start(input) {
  const server = new ServerProcess(process.execPath, [CHILD, JSON.stringify(input)], {
    env: { ...process.env, NODE_ENV: 'production' },
    ipc: true,
  });
  const [, url] = await server.until(/listening on (\S+)/);
  return { server, connections: await Connections.to(url) };
}
