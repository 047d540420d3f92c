import { generatePlugins } from './support/generate-plugins.mjs';
import { runChild } from './support/run-child.mjs';
import { median, spread } from './support/statistics.mjs';

const CHILD = new URL('boot.child.mjs', import.meta.url);
/** What the project promises, as ratios to the same modules imported by hand. */
const WANTED = { boot: 1.15, memory: 1.2 };
const FEWEST_ROUNDS = 5;
const KIB = 1024;

/**
 * Boots an application with plugins, once through PluginKitModule and once with the same entry files imported by hand.
 * Every boot is a process of its own. The ways take turns, so that whatever else the machine does meets all of them.
 */
export async function run({ rounds, sizes, platform }) {
  const results = [];
  for (const size of sizes) results.push(await measureSize({ size, rounds, platform }));
  return {
    title: `Boot on ${platform}: PluginKitModule compared with imports by hand, ${rounds} rounds`,
    columns: [
      'plugins',
      'by hand ms',
      'kit ms',
      'by hand ms/plugin',
      'kit ms/plugin',
      'ratio',
      'ratio of pairs (q1-q3)',
      'CPU ratio',
      'by hand KiB/plugin',
      'kit KiB/plugin',
      'memory ratio',
    ],
    rows: results.map(rowOf),
    notes: [
      ...(rounds < FEWEST_ROUNDS ? [`Fewer than ${FEWEST_ROUNDS} rounds: no more than a first look.`] : []),
      `Wanted: at most ${WANTED.boot} for 100 and 1000 plugins, memory at most ${WANTED.memory}.`,
      `An empty application takes ${results.map(({ empty }) => empty.ms.median.toFixed(0)).join(', ')} ms; loading nestjs-pluginkit itself, not counted above, ${results.at(-1).kitImport.median.toFixed(0)} ms.`,
    ],
    results: { wanted: WANTED, sizes: results },
  };
}

async function measureSize({ size, rounds, platform }) {
  const generated = generatePlugins(size);
  try {
    const boot = (way) => runChild(CHILD, { way, platform, ...generated }, ['--expose-gc']);
    // The first ones read the files from the disk, later ones from its cache: they do not count.
    for (const way of ['empty', 'hand', 'kit']) await boot(way);
    const runs = { empty: [], hand: [], kit: [] };
    for (let round = 0; round < rounds; round += 1) {
      // Neither way always comes first: a machine that slows down or speeds up must not favour one.
      for (const way of round % 2 === 0 ? ['hand', 'kit', 'empty'] : ['kit', 'hand', 'empty'])
        runs[way].push(await boot(way));
    }
    return summary(size, runs);
  } finally {
    generated.remove();
  }
}

function summary(plugins, runs) {
  const emptyBytes = median(runs.empty.map(({ bytes }) => bytes));
  const perPlugin = ({ bytes }) => (bytes - emptyBytes) / plugins;
  const sideOf = (way) => ({
    ms: spread(runs[way].map(({ ms }) => ms)),
    cpuMs: spread(runs[way].map(({ cpuMs }) => cpuMs)),
    msPerPlugin: median(runs[way].map(({ ms }) => ms)) / plugins,
    bytesPerPlugin: spread(runs[way].map(perPlugin)),
  });
  const [empty, hand, kit] = ['empty', 'hand', 'kit'].map(sideOf);
  const pairs = (of) => spread(runs.kit.map((each, round) => of(each) / of(runs.hand[round])));
  return {
    plugins,
    empty: { ms: empty.ms, cpuMs: empty.cpuMs, bytes: emptyBytes },
    hand,
    kit,
    ratio: {
      boot: kit.ms.median / hand.ms.median,
      bootOfPairs: pairs(({ ms }) => ms),
      cpu: kit.cpuMs.median / hand.cpuMs.median,
      cpuOfPairs: pairs(({ cpuMs }) => cpuMs),
      memory: kit.bytesPerPlugin.median / hand.bytesPerPlugin.median,
      memoryOfPairs: pairs(perPlugin),
    },
    kitImport: spread(runs.kit.map(({ kitImportMs }) => kitImportMs)),
    runs,
  };
}

function rowOf({ plugins, hand, kit, ratio }) {
  const { q1, median: middle, q3 } = ratio.bootOfPairs;
  return [
    String(plugins),
    hand.ms.median.toFixed(0),
    kit.ms.median.toFixed(0),
    hand.msPerPlugin.toFixed(2),
    kit.msPerPlugin.toFixed(2),
    ratio.boot.toFixed(2),
    `${middle.toFixed(2)} (${q1.toFixed(2)}-${q3.toFixed(2)})`,
    ratio.cpu.toFixed(2),
    (hand.bytesPerPlugin.median / KIB).toFixed(1),
    (kit.bytesPerPlugin.median / KIB).toFixed(1),
    ratio.memory.toFixed(2),
  ];
}
