import { fileURLToPath } from 'node:url';

import { load, LOADER } from './support/load.mjs';
import { ServerProcess } from './support/server-process.mjs';
import { spread } from './support/statistics.mjs';

const CHILD = fileURLToPath(new URL('requests.child.mjs', import.meta.url));
const WAYS = ['plain', 'kit'];
const PLATFORMS = ['express', 'fastify'];
const SECONDS = 2;

/**
 * Compares requests to routes of plugins with those to the same controllers in plain NestJS, and asks whether it matters
 * which of many plugins has the route.
 */
export async function run({ rounds, sizes }) {
  const results = [];
  for (const platform of PLATFORMS) {
    for (const plugins of sizes) results.push(await measure(platform, plugins, rounds));
  }
  return {
    title: `Requests per second, ${rounds} rounds of ${SECONDS} s by ${LOADER}: with the library against plain NestJS`,
    columns: ['platform', 'plugins', 'kit / plain, first', 'kit last / first', 'kit 404 / first', 'plain last / first'],
    rows: results.map(({ platform, plugins, ratios }) => [
      platform,
      String(plugins),
      ...['overhead', 'last', 'missing', 'plainLast'].map((name) => ratios[name].median.toFixed(3)),
    ]),
    notes: ['Wanted: 0.97 or more in the third column; 0.9 or more in the next two.'],
    results,
  };
}

async function measure(platform, plugins, rounds) {
  const servers = {};
  for (const way of WAYS) servers[way] = await start({ way, platform, plugins });
  const paths = { first: '/p0', last: `/p${plugins - 1}`, missing: '/nowhere' };
  const runs = [];
  try {
    for (const way of WAYS) await load(servers[way].url + paths.first, SECONDS); // warm
    for (let round = 0; round < rounds; round += 1) {
      const found = {};
      for (const [name, target] of Object.entries(paths)) {
        for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed()) {
          const { requests } = await load(servers[way].url + target, SECONDS);
          found[`${way} ${name}`] = requests / SECONDS;
        }
      }
      runs.push(found);
    }
  } finally {
    for (const { server } of Object.values(servers)) await server.stop();
  }
  const ratio = (over, under) => spread(runs.map((each) => each[over] / each[under]));
  return {
    platform,
    plugins,
    ratios: {
      overhead: ratio('kit first', 'plain first'),
      last: ratio('kit last', 'kit first'),
      missing: ratio('kit missing', 'kit first'),
      plainLast: ratio('plain last', 'plain first'),
    },
    runs,
  };
}

async function start(input) {
  const server = new ServerProcess(process.execPath, [CHILD, JSON.stringify(input)], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const [, url] = await server.until(/listening on (\S+)/);
  return { server, url };
}
