import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { findCulprit } from '#lib/cli/bisect/find-culprit.js';

import { pluginkit } from '../support/command-line.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

describe('findCulprit', () => {
  it('finds each of any number in at most log2(n) + 1 runs', async () => {
    for (let count = 1; count <= 40; count++) {
      const row = Array.from({ length: count }, (_, index) => index);
      for (const wanted of row) {
        const { culprit, runs } = await findCulprit(row, (some) => Promise.resolve(some.includes(wanted)));
        expect(culprit).toBe(wanted);
        expect(runs).toBeLessThanOrEqual(Math.ceil(Math.log2(count)) + 1);
      }
    }
  });

  it('says so when nothing fails', async () => {
    expect(await findCulprit([1, 2], () => Promise.resolve(false))).toEqual({ culprit: undefined, runs: 1 });
    expect(await findCulprit([], () => Promise.resolve(true))).toEqual({ culprit: undefined, runs: 0 });
  });
});

/** Eight plugins, a to h; h is needed by a. Each marker that a test needs is there before. */
function eight(): string {
  const directory = newDirectory();
  for (const name of 'abcdefgh')
    writePlugin(directory, name, { 'index.js': entry({ name, ...(name === 'a' && { dependsOn: { h: '*' } }) }) });
  writeFileSync(path.join(directory, 'c/ENABLED'), 'kept');
  writeFileSync(path.join(directory, 'f/DISABLED'), '');
  return directory;
}

function markersIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => !/^\w$|\.js$/.test(file))
    .toSorted();
}

describe('pluginkit check --bisect', { timeout: 60_000 }, () => {
  it('finds the plugin with which a command fails, and puts the markers back', async () => {
    const directory = eight();
    const before = markersIn(directory);
    const command = `test -e ${directory}/d/DISABLED`;
    const { code, stdout } = await pluginkit(['check', '--dir', directory, '--json', '--bisect', command]);
    const { culprit, runs, tried } = JSON.parse(stdout);
    expect({ code, culprit }).toEqual({ code: 0, culprit: 'd' });
    expect(runs).toBeLessThanOrEqual(Math.ceil(Math.log2(7)) + 1);
    for (const { enabled } of tried as { enabled: string[] }[]) {
      expect(enabled).not.toContain('f');
      if (enabled.includes('a')) expect(enabled).toContain('h');
    }
    expect(markersIn(directory)).toEqual(before);
    expect(before).toEqual(['c/ENABLED', 'f/DISABLED']);
  });

  it('tells when the command fails with none of them', async () => {
    const directory = eight();
    const { code, stdout } = await pluginkit(['check', '--dir', directory, '--bisect', 'true']);
    expect(code).toBe(1);
    expect(stdout).toContain('passes with all plugins');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'puts the markers back on %s, and on the next run after SIGKILL',
    async (signal) => {
      const directory = eight();
      const before = markersIn(directory);
      await killed(directory, signal);
      expect(markersIn(directory)).toEqual(before);
      await killed(directory, 'SIGKILL');
      expect(existsSync(path.join(directory, '.pluginkit-bisect.json'))).toBe(true);
      expect(markersIn(directory).length).toBeGreaterThan(3);
      await pluginkit(['check', '--dir', directory, '--bisect', 'true']);
      expect(markersIn(directory)).toEqual(before);
    },
    60_000,
  );
});

/** Kills a bisection while its command runs with half of the plugins. */
async function killed(directory: string, signal: NodeJS.Signals): Promise<void> {
  const command = `test ! -e ${directory}/g/DISABLED || { echo half; exec sleep 3; }; false`;
  const child = spawn(process.execPath, ['dist/cli/pluginkit.js', 'check', '--dir', directory, '--bisect', command], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  child.kill(signal);
  expect((await once(child, 'exit'))[1]).toBe(signal);
}
