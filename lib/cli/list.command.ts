import { Command } from 'commander';

import type { PluginState } from '../plugin/plugin.js';
import { printable } from '../plugin/printable.js';
import { answer } from './answer.js';
import type { InspectedPlugin, Inspection } from './inspection/inspection.js';
import { inspectPlugins } from './inspection/inspect-plugins.js';
import { placesOf, withPlaces, type PlaceOptions } from './plugin-places.js';
import { coloured, say, sayJson, sayTable, warn } from './terminal.js';

const STYLES = { enabled: 'green', disabled: 'yellow', failed: 'red' } as const satisfies Record<PluginState, string>;

/** `pluginkit list` */
export function listCommand(): Command {
  return withPlaces(new Command('list').alias('ls').description('list plugins and their states')).action(
    (options: PlaceOptions) => answer(options.json, () => list(options)),
  );
}

async function list(options: PlaceOptions): Promise<boolean> {
  const { timeout, json } = options;
  const inspection = await inspectPlugins({ ...placesOf(options), timeout, registers: true });
  const unread = inspection.notices.filter(({ level }) => level === 'warn');
  if (json) sayJson({ plugins: inspection.plugins.map(entryOf), notices: unread.map(({ text }) => text) });
  else sayPlugins(inspection);
  for (const { text } of unread) warn(printable(text));
  return unread.length === 0;
}

function sayPlugins({ plugins }: Inspection): void {
  if (plugins.length === 0) {
    warn('There are no plugins here. Another folder is named by --dir.');
    return;
  }
  sayTable(
    ['NAME', 'VERSION', 'STATE', 'DESCRIPTION'],
    plugins.map(({ name, state, metadata, error }) => [
      { text: name },
      { text: metadata.version ?? '-' },
      { text: state, style: STYLES[state] },
      { text: error ? error.code : (metadata.description ?? '') },
    ]),
  );
  const failed = plugins.filter(({ state }) => state === 'failed').length;
  if (failed > 0 && process.stdout.isTTY)
    say(coloured('dim', `pluginkit check tells more of the ${failed} that failed.`));
}

function entryOf({ name, folder, origin, state, metadata, error }: InspectedPlugin): object {
  return {
    name,
    version: metadata.version,
    state,
    origin,
    folder,
    author: metadata.author,
    description: metadata.description,
    dependsOn: metadata.dependsOn,
    error: error && { code: error.code, message: error.message, file: error.file, line: error.line, hint: error.hint },
  };
}
