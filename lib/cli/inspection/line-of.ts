import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { PluginError } from '../../plugin/plugin-error.js';

/** Finds the line of a file that an error is about: where it was thrown, else where the wrong field is written. */
export function lineOf(error: PluginError, folder: string, entry: string | undefined): number | undefined {
  return lineInStack(error.cause, folder) ?? lineOfField(error, entry);
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

function lineOfField({ file, field }: PluginError, entry: string | undefined): number | undefined {
  const place = file ?? entry;
  const [first] = field?.split(/[.,]/) ?? [];
  if (place === undefined || first === undefined) return undefined;
  try {
    const lines = readFileSync(place, 'utf8').split('\n');
    const at = lines.findIndex((line) => new RegExp(`(?:^|[\\s{,'"])${escaped(first)}['"]?\\s*[:=(,}]`).test(line));
    return at < 0 ? undefined : at + 1;
  } catch {
    return undefined; // a folder, or gone meanwhile
  }
}

function escaped(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
