import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { pluginkit, pluginkitAtTerminal } from '../support/command-line.js';
import { directoryOf, entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

/** shop, mail (which needs shop), and off, which is switched off. */
function threePlugins(): string {
  const directory = newDirectory();
  writePlugin(directory, 'shop', { 'index.js': entry({ name: 'shop', description: 'Sells things.' }) });
  writePlugin(directory, 'post', { 'index.js': entry({ name: 'mail', dependsOn: { shop: '^1.0.0' } }) });
  writePlugin(directory, 'off', { 'index.js': 'throw new Error("never imported");', DISABLED: '' });
  return directory;
}

describe('pluginkit list', { timeout: 60_000 }, () => {
  it('writes one line for each plugin into a pipe, without colour', async () => {
    const { code, stdout, stderr } = await pluginkit(['list', '--dir', threePlugins()]);
    expect(stdout).toBe('shop\t1.0.0\tenabled\tSells things.\nmail\t1.0.0\tenabled\t\noff\t-\tdisabled\t\n');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('draws a table with colour at a terminal, and without colour under NO_COLOR', async () => {
    const directory = threePlugins();
    const { stdout } = await pluginkitAtTerminal(['list', '--dir', directory]);
    expect(stdout).toContain('NAME');
    expect(stdout).toContain('\u001b[32menabled');
    const plain = await pluginkitAtTerminal(['list', '--dir', directory], { env: { NO_COLOR: '1' } });
    expect(plain.stdout).toMatch(/shop {2}1\.0\.0 {4}enabled/);
    expect(plain.stdout).not.toContain('\u001b');
  });

  it('prints one JSON document with what is known of each', async () => {
    const directory = threePlugins();
    writePlugin(directory, 'bad', { 'index.js': 'export const a = 1;\nexport const b = nothing;\n' });
    const { code, stdout } = await pluginkit(['list', '--dir', directory, '--json']);
    const { plugins } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(plugins).toMatchObject([
      {
        name: 'bad',
        state: 'failed',
        error: { code: 'IMPORT_FAILED', line: 2, file: path.join(directory, 'bad/index.js') },
      },
      { name: 'shop', version: '1.0.0', state: 'enabled', folder: path.join(directory, 'shop') },
      { name: 'mail', dependsOn: { shop: '^1.0.0' } },
      { name: 'off', state: 'disabled' },
    ]);
  });

  it('says it when a folder is not there', async () => {
    const { code, stderr } = await pluginkit(['list', '--dir', '/nowhere']);
    expect(code).toBe(1);
    expect(stderr).toContain('/nowhere does not exist');
  });

  it('reads several folders and installed packages, and plugins/ where none is named', async () => {
    const home = newDirectory();
    writePlugin(path.join(home, 'plugins'), 'one', { 'index.js': entry({ name: 'one' }) });
    writePlugin(path.join(home, 'more'), 'two', { 'index.js': entry({ name: 'two' }) });
    writePlugin(path.join(home, 'node_modules'), 'three', { 'index.js': entry({ name: 'three' }) });
    writeFileSync(path.join(home, 'package.json'), '{"type":"module"}');
    expect((await pluginkit(['list'], { cwd: home })).stdout).toMatch(/^one\t.*\n$/);
    const all = await pluginkit(['list', '-d', 'plugins', '-d', 'more', '-p', 'three'], { cwd: home });
    expect(all.stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(['one', 'three', 'two', '']);
  });

  it('shows what a plugin says without its control characters', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'evil', {
      'index.js': 'export default {};',
      'package.json': JSON.stringify({ name: 'e\u001b[2Jvil\u009b31m', description: 'a\u202eb' }),
    });
    const { stdout } = await pluginkitAtTerminal(['list', '--dir', directory], { env: { NO_COLOR: '1' } });
    const json = await pluginkitAtTerminal(['list', '--json', '--dir', directory], { env: { NO_COLOR: '1' } });
    // eslint-disable-next-line no-control-regex -- exactly these must not be there
    const steering = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202e]/;
    expect(stdout).not.toMatch(steering);
    expect(json.stdout).not.toMatch(steering);
    expect(JSON.parse(json.stdout).plugins).toHaveLength(1);
  });

  it('goes on without a plugin that ends the process, and one that never lets go of it', async () => {
    const directory = threePlugins();
    writePlugin(directory, 'quitter', { 'index.js': 'process.exit(0);' });
    writePlugin(directory, 'looper', { 'index.js': entry({ name: 'looper' }, '(() => { for (;;); })()') });
    const { code, stdout } = await pluginkit(['list', '--dir', directory, '--json', '--timeout', '500']);
    const { plugins } = JSON.parse(stdout) as { plugins: { name: string; state: string; error?: { code: string } }[] };
    expect(code).toBe(0);
    expect(Object.fromEntries(plugins.map((each) => [each.name, each.error?.code ?? each.state]))).toEqual({
      shop: 'enabled',
      mail: 'enabled',
      off: 'disabled',
      quitter: 'IMPORT_FAILED',
      looper: 'REGISTER_TIMEOUT',
    });
  });
});

describe('pluginkit enable and disable', { timeout: 60_000 }, () => {
  it('write the marker, say so, and know what was so before', async () => {
    const directory = threePlugins();
    const off = path.join(directory, 'post');
    const first = await pluginkit(['disable', 'mail', '--dir', directory]);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('mail is disabled.');
    expect(first.stdout).toContain('within a second');
    expect(existsSync(path.join(off, 'DISABLED'))).toBe(true);
    expect((await pluginkit(['disable', 'POST', '--dir', directory])).stdout).toContain('disabled already');
    await pluginkit(['enable', 'mail', '--dir', directory]);
    expect([existsSync(path.join(off, 'DISABLED')), existsSync(path.join(off, 'ENABLED'))]).toEqual([false, true]);
  });

  it('refuse to switch off what others need, and take them along with --cascade', async () => {
    const directory = threePlugins();
    const refused = await pluginkit(['disable', 'shop', '--dir', directory, '--json']);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { code: 'HAS_DEPENDENTS', plugin: 'shop', hint: '--cascade disables mail as well.' },
    });
    expect(existsSync(path.join(directory, 'shop/DISABLED'))).toBe(false);
    const done = await pluginkit(['disable', 'shop', '--cascade', '--dir', directory, '--json']);
    expect(JSON.parse(done.stdout)).toMatchObject({
      plugin: 'shop',
      state: 'disabled',
      applied: 'markers',
      affected: ['mail'],
    });
    const early = await pluginkit(['enable', 'mail', '--dir', directory]);
    expect(early).toMatchObject({ code: 1, stdout: '' });
    expect(early.stderr).toContain('DEPENDENCY_DISABLED');
    expect((await pluginkit(['enable', 'mail', '--cascade', '--dir', directory])).stdout).toContain(
      'mail is enabled, and so is shop.',
    );
  });

  it('know a dependency that only package.json tells', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'shop', { 'index.js': entry({ name: 'shop' }) });
    writePlugin(directory, 'mail', {
      'index.mjs': 'throw new Error("broken");',
      'package.json': JSON.stringify({ name: 'mail', version: '1.0.0', pluginkit: { dependsOn: { shop: '*' } } }),
    });
    expect((await pluginkit(['disable', 'shop', '--dir', directory])).stderr).toContain('HAS_DEPENDENTS');
  });

  it('name the plugins that may have been meant', async () => {
    const { code, stdout, stderr } = await pluginkit(['disable', 'shpo', '--dir', threePlugins()]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('NOT_FOUND');
    expect(stderr).toContain('Did you mean shop?');
  });

  it('switch off a plugin that ends whatever process imports it', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'quitter', { 'index.js': 'process.exit(0);' });
    expect((await pluginkit(['disable', 'quitter', '--dir', directory])).code).toBe(0);
    expect(existsSync(path.join(directory, 'quitter/DISABLED'))).toBe(true);
  });

  it('fail where the marker cannot be written', async () => {
    const directory = directoryOf('broken/register-throws');
    mkdirSync(path.join(directory, 'register-throws/ENABLED/full'), { recursive: true });
    const { code, stderr } = await pluginkit(['disable', 'register-throws', '--dir', directory]);
    expect(code).toBe(1);
    expect(stderr).toContain('STATE_WRITE_FAILED');
  });
});
