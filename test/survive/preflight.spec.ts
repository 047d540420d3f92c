import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

import { preflight, preflightDirectories, type PreflightResult } from '#lib/reload/preflight.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

const GOOD = { 'index.js': entry({ name: 'good' }) };

function directoryWith(bad?: string): string {
  const directory = newDirectory();
  writePlugin(directory, 'good', GOOD);
  if (bad !== undefined) writePlugin(directory, 'bad', { 'index.js': bad });
  return directory;
}

/** Tries the application in test/support/preflight-host.ts out. */
function tried(directory: string, env: Record<string, string> = {}, timeout = 60_000): Promise<PreflightResult> {
  const host = path.join(import.meta.dirname, '../support/preflight-host.js');
  return preflight(host, { timeout, env: { NODE_OPTIONS: '', PLUGINS: directory, ...env } });
}

describe.each(['express', 'fastify'])('a start that is tried out, on %s,', (PLATFORM) => {
  it('tells what came of the plugins, and opens no port', async () => {
    const server = createServer().listen(0);
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const directory = directoryWith();
    const result = await tried(directory, { PLATFORM, PORT: String(port) });
    expect(result).toMatchObject({ ok: true, failures: [], report: { enabled: 1, failed: 0 } });
    expect(result.exit).toBeUndefined();
    expect(readdirSync(directory)).toEqual(['good']);
  }, 90_000);

  it('tells which plugin the process died in', async () => {
    const { ok, failures, exit } = await tried(directoryWith('process.exit(3);'), { PLATFORM });
    expect(ok).toBe(false);
    expect(exit).toMatchObject({ code: 3, timedOut: false });
    expect(failures).toEqual([
      expect.objectContaining({
        code: 'IMPORT_FAILED',
        plugin: 'bad',
        message: expect.stringContaining('in its import, the process ended with exit code 3') as string,
      }),
    ]);
  }, 90_000);
});

describe('a start that is tried out', () => {
  it('tells the failures of plugins that harm nobody else', async () => {
    const { ok, failures, report } = await tried(directoryWith(`throw new Error('broken');`));
    expect(ok).toBe(false);
    expect(report).toMatchObject({ enabled: 1, failed: 1 });
    expect(failures).toMatchObject([{ code: 'IMPORT_FAILED', plugin: 'bad' }]);
  }, 90_000);

  it('row 9: ends a loop at its time limit, and tells whose it is', async () => {
    const directory = directoryWith('for (;;);');
    let result = await tried(directory, {}, 5000);
    // On a busy machine, it does not come as far as to the plugin in that time.
    if (!result.failures[0]?.plugin) result = await tried(directory, {}, 40_000);
    const { failures, exit } = result;
    expect(exit).toMatchObject({ signal: 'SIGKILL', timedOut: true });
    expect(failures).toMatchObject([{ code: 'IMPORT_TIMEOUT', plugin: 'bad' }]);
  }, 90_000);

  it('row 10: names the one plugin that aborts among those that are imported with it', async () => {
    const { failures, exit } = await tried(directoryWith('process.abort();'));
    expect(exit).toMatchObject({ signal: 'SIGABRT' });
    expect(failures).toMatchObject([{ plugin: 'bad' }]);
  }, 90_000);

  it('blames no plugin when the application itself does not start', async () => {
    const { ok, failures, exit } = await tried(directoryWith(), { BROKEN: '1' });
    expect(ok).toBe(false);
    expect(exit).toMatchObject({ code: 1 });
    expect(failures).toMatchObject([
      {
        code: 'RELOAD_ABORTED',
        message: 'The application did not start: its process ended with exit code 1, and no plugin was at work.',
        hint: expect.stringContaining('the settings are wrong') as string,
      },
    ]);
    expect(failures[0]).not.toHaveProperty('plugin');
  }, 90_000);

  it('tries plugins out without an application of their own', async () => {
    const result = await preflightDirectories([directoryWith('process.exit(0);')], [], { timeout: 60_000 });
    expect(result).toMatchObject({ ok: false, exit: { code: 0 }, failures: [{ plugin: 'bad' }] });
  }, 90_000);
});
