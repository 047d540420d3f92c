import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { pluginkit, run } from '../support/command-line.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

/** A place with plugins, and a command pluginkit as npm installs it. */
function home(): { cwd: string; env: NodeJS.ProcessEnv } {
  const cwd = newDirectory();
  for (const name of ['shop', 'show', 'mail'])
    writePlugin(path.join(cwd, 'plugins'), name, { 'index.js': entry({ name }) });
  writeFileSync(path.join(cwd, 'plugins/show/DISABLED'), '');
  const bin = path.join(cwd, 'bin');
  mkdirSync(bin);
  const file = path.join(bin, 'pluginkit');
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${path.resolve('dist/cli/pluginkit.js')}' "$@"\n`);
  chmodSync(file, 0o755);
  return { cwd, env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` } };
}

async function completed(words: readonly string[], place = home()): Promise<string[]> {
  return (await pluginkit(['__complete', '--', ...words], place)).stdout.split('\n').slice(0, -1);
}

describe('pluginkit completion', { timeout: 60_000 }, () => {
  it('completes commands, options, choices and the names of plugins that can be switched', async () => {
    expect(await completed(['c'])).toEqual(['check', 'completion']);
    expect(await completed(['disable', 'sh'])).toEqual(['shop']);
    expect(await completed(['enable', 'sho'])).toEqual(['shop', 'show']);
    expect(await completed(['check', '--for'])).toEqual(['--format']);
    expect(await completed(['check', '--format', ''])).toEqual(['github', 'sarif']);
    expect(await completed(['completion', 'z'])).toEqual(['zsh']);
    expect(await completed(['disable', '--dir', ''])).toEqual([]);
    expect(await completed(['nonsense', ''])).toEqual([]);
  });

  it('works in bash', async () => {
    const place = home();
    const script = `eval "$(pluginkit completion bash)"; COMP_WORDS=(pluginkit disable m); COMP_CWORD=2; _pluginkit; echo "\${COMPREPLY[@]}"`;
    expect(await run('bash', ['-c', script], place)).toMatchObject({ code: 0, stdout: 'mail\n' });
  });

  it.each(['zsh', 'fish'])('prints a script for %s that asks for the words', async (shell) => {
    const { code, stdout } = await pluginkit(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain('pluginkit __complete -- ');
  });

  it('refuses other shells', async () => {
    expect((await pluginkit(['completion', 'tcsh'])).code).toBe(1);
  });
});
