import { ProcessWatch } from '#lib/host/process-watch.js';
import { loadPlugins } from '#lib/loading/load-plugins.js';
import { PluginWatch } from '#lib/loading/plugin-watch.js';
import { BootJournal } from '#lib/state/boot-journal.js';
import { journalPlaces } from '#lib/state/journal-places.js';
import { MarkerFiles } from '#lib/state/marker-files.js';

// The part of a start that runs without Nest, which takes a tenth of the time: finds, imports and registers the plugins.
const [directory = ''] = process.argv.slice(2);
const { OPTIONS = '{}', SCENARIO } = process.env;
const { journal: kept = true, timeout = 5000 } = JSON.parse(OPTIONS) as {
  journal?: boolean | string;
  timeout?: number;
};

const journal = new BootJournal(journalPlaces(kept, [directory]));
const watch = new PluginWatch(journal);
new ProcessWatch(watch, () => undefined).start();
await journal.begin();
const { candidates, notices } = await loadPlugins(
  { directories: [directory], packages: [], plugins: [], timeout },
  new MarkerFiles(),
  watch,
);
if (SCENARIO === 'host-exits') process.exit(4);
if (SCENARIO === 'host-aborts') process.abort();
if (SCENARIO === 'host-throws') await Promise.reject(new Error('of the application'));
await journal.finish();
const plugins = candidates.map(({ name, isOff, error }) => [name, isOff ? 'disabled' : (error?.code ?? 'enabled')]);
const told = [...journal.notices, ...notices].map(({ level, text }) => `${level} ${text}`);
process.stdout.write(`${JSON.stringify({ up: 200, plugins: Object.fromEntries(plugins) as object, notices: told })}\n`);
process.on('message', () => process.disconnect());
