import { runChild } from './support/run-child.mjs';
import { spread } from './support/statistics.mjs';

const CHILD = new URL('live.child.mjs', import.meta.url);

/**
 * Measures changes of the running application: how long a toggle and a load take, what a thousand of them leave behind, and
 * whether requests meet half of one.
 */
export async function run({ rounds, sizes, platform, seconds }) {
  const toggles = [];
  for (const plugins of sizes) {
    const runs = [];
    for (let round = 0; round < Math.min(rounds, 3); round += 1)
      runs.push(await runChild(CHILD, { what: 'toggle', platform, plugins }));
    toggles.push({
      plugins,
      liveMs: spread(runs.map(({ liveMs }) => liveMs)),
      wholeMs: spread(runs.map(({ wholeMs }) => wholeMs)),
    });
  }
  const load = await runChild(CHILD, { what: 'load', platform, plugins: 100, seconds: Math.min(seconds, 30) });
  const cycles = await runChild(CHILD, { what: 'cycles', platform, plugins: 10 }, ['--expose-gc']);
  const loading = await runChild(CHILD, { what: 'loading', platform, plugins: 100 });
  return {
    title: `Changes of the running application on ${platform}`,
    columns: ['', 'measured', 'wanted'],
    rows: [
      ...toggles.map(({ plugins, liveMs, wholeMs }) => [
        `toggle among ${plugins} plugins, median`,
        `${liveMs.median.toFixed(3)} ms (${wholeMs.median.toFixed(2)} ms with the marker file)`,
        plugins >= 1000 ? '5 ms' : '1 ms',
      ]),
      [
        `requests in ${load.seconds} s with a toggle every 10 ms`,
        `${load.failed} failed and ${load.mixed} mixed of ${load.requests}, ${load.toggles} toggles`,
        '0 and 0',
      ],
      ['heap after 1000 cycles of enable and disable', `${(cycles.bytes / 2 ** 20).toFixed(2)} MiB more`, '5 MB'],
      ['listeners and handles after them', `${cycles.listeners} and ${cycles.handles} more`, '0 and 0'],
      ['heap after 200 cycles of load and unload, CommonJS', `${(cycles.loadBytes / 2 ** 20).toFixed(2)} MiB more`, ''],
      ['live load of a small plugin, median', `${loading.ms.toFixed(2)} ms`, '10 ms'],
    ],
    notes: ['A toggle is the change of the running application; the marker file is what the disk takes.'],
    results: { toggles, load, cycles, loading },
  };
}
