import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a script in a process of its own; hands it `input`, and returns what it writes, both as JSON. */
export async function runChild(script, input, nodeOptions = []) {
  const { stdout } = await run(process.execPath, [...nodeOptions, fileURLToPath(script), JSON.stringify(input)], {
    env: { ...process.env, NODE_ENV: 'production' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout);
}
