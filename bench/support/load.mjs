import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const CONNECTIONS = 32;

/** Which program makes the load: wrk, where it is installed, else autocannon. */
export const LOADER = isInstalled('wrk', '-v') ? 'wrk' : 'autocannon';

/** Whether a program is there to be run. */
export function isInstalled(program, flag = '--version') {
  return spawnSync(program, [flag]).error === undefined;
}

/** Keeps connections busy for some time, and counts what was answered and what was not. */
export async function load(url, seconds) {
  return LOADER === 'wrk' ? withWrk(url, seconds) : withAutocannon(url, seconds);
}

async function withWrk(url, seconds) {
  const args = ['-t2', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '10s', url];
  const { stdout: text } = await run('wrk', args);
  const requests = Number(/(\d+) requests in/.exec(text)[1]);
  const [, ...errors] = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text) ?? [];
  const [connect = 0, read = 0, write = 0, timeout = 0] = errors.map(Number);
  const status = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  return { requests, failed: connect + read + write + timeout + status, connect, read, write, timeout, status };
}

async function withAutocannon(url, seconds) {
  const { default: autocannon } = await import('autocannon');
  const { requests, errors, timeouts, non2xx } = await autocannon({ url, connections: CONNECTIONS, duration: seconds });
  return {
    requests: requests.total,
    failed: errors + non2xx,
    read: errors - timeouts,
    timeout: timeouts,
    status: non2xx,
  };
}
