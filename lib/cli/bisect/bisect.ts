import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { printable } from '../../plugin/printable.js';
import type { InspectedPlugin } from '../inspection/inspection.js';
import { coloured, say, sayJson, warn } from '../terminal.js';
import { BorrowedMarkers } from './borrowed-markers.js';
import { findCulprit } from './find-culprit.js';

/** Signals that end the command; the markers are put back before. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Finds the plugin with which a command fails: runs it with the first half of the plugins in load order, and so on.
 * @returns whether one was found
 */
export async function bisect(command: string, plugins: readonly InspectedPlugin[], json: boolean): Promise<boolean> {
  const on = plugins.filter(({ state }) => state !== 'disabled');
  const markers = new BorrowedMarkers(
    journalFor(on),
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

/** Outside the plugin folders, where nobody takes it for a plugin; the same for the same folders. */
function journalFor(plugins: readonly InspectedPlugin[]): string {
  const key = createHash('sha256')
    .update(
      plugins
        .map(({ folder }) => path.dirname(folder))
        .toSorted()
        .join('\n'),
    )
    .digest('hex');
  return path.join(tmpdir(), `pluginkit-bisect-${process.getuid?.() ?? 0}-${key.slice(0, 16)}.json`);
}

/** What the command prints goes to the standard error where the standard output is for JSON. */
async function fails(command: string, json: boolean, signal: AbortSignal): Promise<boolean> {
  const child = spawn(command, { shell: true, stdio: ['ignore', json ? 2 : 1, 2], signal });
  const [code] = (await Promise.race([once(child, 'exit'), once(child, 'error')])) as [unknown];
  return code !== 0;
}
