import { existsSync } from 'node:fs';
import path from 'node:path';

const VARIABLE = 'PLUGINKIT_SAFE_MODE';
const FILE = 'SAFE_MODE';

/**
 * Why no plugin is to run: an environment variable, or a file in the first plugin directory.
 * @returns in words that fit into brackets; `undefined` where plugins run
 */
export function whySafeMode([directory]: readonly string[], env = process.env): string | undefined {
  if (!['', '0', 'false'].includes(env[VARIABLE] ?? '')) return `${VARIABLE} is set`;
  const file = directory !== undefined && path.resolve(directory, FILE);
  return file && existsSync(file) ? `there is a file ${file}` : undefined;
}
