import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { PluginError } from '../../plugin/plugin-error.js';

/** Finds the line of a file that an error is about: where it was thrown, else where the wrong field is written. */
export function lineOf(error: PluginError, folder: string, entry: string | undefined): number | undefined {
  return (
    lineInStack(error.cause, folder) ?? lineOfImport(error) ?? lineOfSyntax(error, entry) ?? lineOfField(error, entry)
  );
}

function lineInStack(cause: unknown, folder: string): number | undefined {
  if (!(cause instanceof Error)) return undefined;
  const stack = cause.stack ?? '';
  for (const [, place = '', line] of stack.matchAll(/(file:\/\/[^\s)]+?|\/[^\s()]+?):(\d+)(?::\d+)?(?=[\s)]|$)/gm)) {
    const file = place.startsWith('file:') ? fileURLToPath(place.replace(/\?.*/, '')) : place;
    if (file.startsWith(folder)) return Number(line);
  }
  return undefined;
}

/** `Cannot find package 'x' imported from /plugins/shop/index.js` */
function lineOfImport({ message }: PluginError): number | undefined {
  const [, name, file] = /'([^']+)' imported from ([^\s)]+)/.exec(message) ?? [];
  if (name === undefined || file === undefined) return undefined;
  return lineIn(file, (line) => line.includes(path.basename(name)));
}

/** Node.js tells the line of an ES module that it cannot parse only to somebody who runs it. */
function lineOfSyntax({ cause }: PluginError, entry: string | undefined): number | undefined {
  if (!(cause instanceof SyntaxError) || entry === undefined) return undefined;
  const { stderr } = spawnSync(process.execPath, ['--check', entry], { encoding: 'utf8', timeout: 10_000 });
  const [, line] = /:(\d+)$/m.exec(stderr) ?? [];
  return line === undefined ? undefined : Number(line);
}

function lineIn(file: string, isIt: (line: string) => boolean): number | undefined {
  try {
    const at = readFileSync(file, 'utf8').split('\n').findIndex(isIt);
    return at < 0 ? undefined : at + 1;
  } catch {
    return undefined; // a folder, or gone meanwhile
  }
}

function lineOfField({ file, field }: PluginError, entry: string | undefined): number | undefined {
  const place = file ?? entry;
  const [first] = field?.split(/[.,]/) ?? [];
  if (place === undefined || first === undefined) return undefined;
  const written = new RegExp(`(?:^|[\\s{,'"])${escaped(first)}['"]?\\s*[:=(,}]`);
  return lineIn(place, (line) => written.test(line));
}

function escaped(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
