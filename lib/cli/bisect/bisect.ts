import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { printable } from '../../plugin/printable.js';
import type { InspectedPlugin } from '../inspection/inspection.js';
import { inspectPlugins } from '../inspection/inspect-plugins.js';
import { coloured, say, sayJson, warn } from '../terminal.js';
import type { Places } from '../plugin-places.js';
import { BorrowedMarkers, putBackFrom } from './borrowed-markers.js';
import { findCulprit } from './find-culprit.js';

/** Signals that end the command; the markers are put back before. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Finds the plugin with which a command fails: runs it with the first half of the plugins in load order, and so on.
 * @returns whether one was found
 */
export async function bisect(command: string, places: Places, timeout: number, json: boolean): Promise<boolean> {
  const journal = journalFor(places);
  putBackFrom(journal); // of a run that was killed
  const { plugins } = await inspectPlugins({ ...places, timeout, registers: false });
  const on = plugins.filter(({ state }) => state !== 'disabled');
  const markers = new BorrowedMarkers(
    journal,
    on.map(({ folder }) => folder),
  );
  const tried: { readonly enabled: readonly string[]; readonly failed: boolean }[] = [];
  const ended = new AbortController();
  const end = (signal: NodeJS.Signals): void => {
    markers.giveBack();
    ended.abort();
    for (const each of SIGNALS) process.removeListener(each, end);
    process.kill(process.pid, signal); // as if nobody had listened: the shell learns what happened
  };
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    const { culprit, runs } = await findCulprit(on, async (some) => {
      markers.only(new Set(some.map(({ folder }) => folder)));
      const failed = await fails(command, json, ended.signal);
      tried.push({ enabled: some.map(({ name }) => name), failed });
      warn(
        `${failed ? coloured('red', 'fails') : coloured('green', 'passes')} with ${some.length} of ${on.length} plugins`,
      );
      return failed;
    });
    if (json) sayJson({ culprit: culprit?.name ?? null, folder: culprit?.folder, runs, tried });
    else if (culprit) sayCulprit(culprit, on, runs);
    else say('The command passes with all plugins: there is nothing to look for.');
    return culprit !== undefined;
  } finally {
    markers.giveBack();
    for (const signal of SIGNALS) process.removeListener(signal, end);
  }
}

function sayCulprit(culprit: InspectedPlugin, on: readonly InspectedPlugin[], runs: number): void {
  say(`${coloured('bold', printable(culprit.name))} makes the command fail (${runs} ${runs === 1 ? 'run' : 'runs'}).`);
  if (culprit === on[0]) say('It is the first in load order: unless the command fails without any plugin, too.');
}

/** Beside the plugins, where no plugin is looked for under such a name. */
function journalFor({ directories, folders }: Places): string {
  const [folder] = folders;
  return path.resolve(
    directories[0] ?? (folder === undefined ? '.' : path.dirname(path.resolve(folder))),
    '.pluginkit-bisect.json',
  );
}

/** What the command prints goes to the standard error where the standard output is for JSON. */
async function fails(command: string, json: boolean, signal: AbortSignal): Promise<boolean> {
  const child = spawn(command, { shell: true, stdio: ['ignore', json ? 2 : 1, 2], signal });
  const [code] = (await Promise.race([once(child, 'exit'), once(child, 'error')])) as [unknown];
  return code !== 0;
}
