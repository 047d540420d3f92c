import { runChild } from './support/run-child.mjs';
import { median, spread } from './support/statistics.mjs';

const CHILD = new URL('hooks.child.mjs', import.meta.url);
/** How many plugins of all have the three hooks; `none` is the application without the library. */
const WAYS = { none: 0, 0: 0, 1: 1, 10: 10 };

/**
 * Measures what a request costs with hooks, among a number of plugins. What a hook costs must not grow with the number of plugins,
 * and without a hook a request must cost what it costs without the library.
 */
export async function run({ rounds, sizes, platform }) {
  const results = [];
  for (const plugins of sizes) results.push(await measureSize({ plugins, rounds, platform }));
  return {
    title: `A request on ${platform} with hooks, ${rounds} rounds: CPU time in us, client and server together`,
    columns: [
      'plugins',
      'without the library',
      'no hooks',
      '1 with hooks',
      '10 with hooks',
      'us per plugin with hooks',
    ],
    rows: results.map(({ plugins, us, perHookPlugin }) => [
      String(plugins),
      ...['none', '0', '1', '10'].map((way) => us[way].median.toFixed(1)),
      perHookPlugin.toFixed(2),
    ]),
    notes: ['Wanted: "no hooks" as "without the library", and the last column the same for every number of plugins.'],
    results: { sizes: results },
  };
}

async function measureSize({ plugins, rounds, platform }) {
  const runs = Object.fromEntries(Object.keys(WAYS).map((way) => [way, []]));
  for (let round = 0; round < rounds; round += 1) {
    const ways = Object.keys(WAYS);
    for (const way of round % 2 === 0 ? ways : ways.toReversed())
      runs[way].push(
        await runChild(CHILD, { platform, withKit: way !== 'none', plugins, hooked: Math.min(WAYS[way], plugins) }),
      );
  }
  const us = Object.fromEntries(Object.entries(runs).map(([way, all]) => [way, spread(all.map((each) => each.us))]));
  const more = Math.min(10, plugins) - 1;
  return {
    plugins,
    us,
    perHookPlugin: more > 0 ? median(runs[10].map((each, round) => (each.us - runs[1][round].us) / more)) : Number.NaN,
    runs,
  };
}
