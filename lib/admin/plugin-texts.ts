import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import path from 'node:path';

import { isInside } from '../discovery/is-inside.js';
import type { Plugin } from '../plugin/plugin.js';
import type { PluginText } from './api.js';

/** The most that is read of a file, in bytes. */
const MOST = 256 * 1024;

/**
 * Reads a text of a plugin: the file that it names, else the first one of the usual names that is there.
 * What is no plain file inside the plugin's folder, links resolved, is passed over.
 */
export async function readText(
  { folder, metadata }: Plugin,
  field: 'readmeFile' | 'licenseFile',
): Promise<PluginText | undefined> {
  if (folder === undefined) return undefined;
  const named = metadata[field];
  for (const file of named === undefined ? USUAL[field] : [named]) {
    const text = await readInside(folder, file).catch(() => undefined);
    if (text) return text;
  }
  return undefined;
}

const USUAL = {
  readmeFile: ['README.md', 'readme.md', 'README.txt', 'README'],
  licenseFile: ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE'],
} as const;

async function readInside(folder: string, file: string): Promise<PluginText | undefined> {
  const [root, target] = await Promise.all([realpath(folder), realpath(path.join(folder, file))]);
  if (!isInside(root, target)) return undefined;
  // Without waiting: a pipe would never answer. What the last name links to meanwhile is not followed.
  const handle = await open(target, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    if (!(await handle.stat()).isFile()) return undefined;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST + 1), 0, MOST + 1, 0);
    const text = new TextDecoder().decode(buffer.subarray(0, Math.min(bytesRead, MOST)));
    return { file: path.relative(root, target).split(path.sep).join('/'), text, isCut: bytesRead > MOST };
  } finally {
    await handle.close();
  }
}
