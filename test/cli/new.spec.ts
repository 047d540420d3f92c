import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

import { afterAll, describe, expect, it } from 'vitest';

import { pluginkit, pluginkitAtTerminal, run, terminalCommand } from '../support/command-line.js';
import { newDirectory } from '../support/plugin-folders.js';

const FLAGS = ['--author', 'Ada Lindqvist <ada@example.org>', '--description', 'Sells "things".', '--license', 'MIT'];

describe('pluginkit new', { timeout: 60_000 }, () => {
  it('writes everything that a plugin in TypeScript needs, in silence', async () => {
    const directory = newDirectory();
    const { code, stderr } = await pluginkit(['new', '@acme/shop', '--dir', directory, ...FLAGS]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const files = readdirSync(path.join(directory, 'shop'), { recursive: true, encoding: 'utf8' });
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'LICENSE',
        'tsconfig.json',
        'dev.mjs',
        'src/index.ts',
        'src/hello.controller.ts',
        'src/plugin.test.ts',
        'templates/shop/hello.html',
        'static/shop.css',
      ]),
    );
    const text = (file: string): string => readFileSync(path.join(directory, 'shop', file), 'utf8');
    expect(text('src/index.ts').trimEnd().split('\n')).toHaveLength(10);
    expect(text('LICENSE')).toMatch(/Copyright \(c\) \d{4} Ada Lindqvist\n/);
    expect(JSON.parse(text('package.json'))).toMatchObject({
      name: '@acme/shop',
      author: 'Ada Lindqvist <ada@example.org>',
      description: 'Sells "things".',
      license: 'MIT',
    });
  });

  it('never writes over a file, and then writes none', async () => {
    const directory = newDirectory();
    mkdirSync(path.join(directory, 'shop/src'), { recursive: true });
    writeFileSync(path.join(directory, 'shop/src/index.ts'), 'mine');
    const { code, stderr } = await pluginkit(['new', 'shop', '--dir', directory]);
    expect(code).toBe(1);
    expect(stderr).toContain('src/index.ts is there already');
    expect(readFileSync(path.join(directory, 'shop/src/index.ts'), 'utf8')).toBe('mine');
    expect(existsSync(path.join(directory, 'shop/package.json'))).toBe(false);
  });

  it.each(['Shop', '../shop', '.shop', '@acme', 'a b', 'x'.repeat(65), ''])(
    'refuses the name "%s" with the rule',
    async (name) => {
      const directory = newDirectory();
      const { code, stderr } = await pluginkit(['new', name, '--dir', directory]);
      expect(code).toBe(1);
      expect(stderr).toContain('A package has a name of 1 to 64 small letters');
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  it('refuses texts with line breaks, and wants a name where it cannot ask', async () => {
    expect((await pluginkit(['new', 'shop', '--author', 'a\nb', '--dir', newDirectory()])).stderr).toContain(
      '--author cannot be taken',
    );
    expect((await pluginkit(['new', '--dir', newDirectory()])).stderr).toContain('needs a name');
  });

  it('writes the smallest plugin with --minimal, and it loads', async () => {
    const directory = newDirectory();
    const { stdout } = await pluginkit(['new', 'Shop', '--minimal', '--json', '--dir', directory, ...FLAGS]);
    expect(JSON.parse(stdout)).toEqual({
      name: 'Shop',
      folder: path.join(directory, 'Shop'),
      files: ['index.js', 'package.json'],
    });
    const check = await pluginkit(['check', '--dir', directory, '--strict']);
    expect(check).toMatchObject({ code: 0, stdout: '1 plugin: no problems\n' });
  });

  it('asks at a terminal for what was not said', async () => {
    const directory = newDirectory();
    const { code, stdout } = await atTerminal(['new', '--dir', directory], ['shop', 'Sells things.', 'Ada', 'MIT']);
    expect(code).toBe(0);
    expect(stdout).toContain('What is it called?');
    expect(JSON.parse(readFileSync(path.join(directory, 'shop/package.json'), 'utf8'))).toMatchObject({
      name: 'shop',
      description: 'Sells things.',
      author: 'Ada',
    });
    const quiet = await pluginkitAtTerminal(['new', 'other', '--yes', '--dir', directory]);
    expect(quiet.stdout).not.toContain('?');
  });
});

describe('a new plugin', () => {
  const home = path.join(tmpdir(), `pluginkit-new-${process.pid}`);
  afterAll(() => rmSync(home, { recursive: true, force: true }), 120_000);

  it(
    'is installed from the packed library, built, tested, checked and served, in under a minute',
    { timeout: 600_000 },
    async () => {
      mkdirSync(home, { recursive: true });
      await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', home]);
      const [tarball = ''] = readdirSync(home);
      const begun = performance.now();
      expect(await pluginkit(['new', 'shop', '--dir', home, ...FLAGS])).toMatchObject({ code: 0 });
      const cwd = path.join(home, 'shop');
      const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', path.join(home, tarball)];
      expect(await run('npm', install, { cwd, timeout: 500_000 })).toMatchObject({ code: 0 });
      const tested = await run('npm', ['test'], { cwd, timeout: 500_000 });
      expect(tested).toMatchObject({ code: 0, stdout: expect.stringMatching(/pass 1\b/) });
      await expectServed(cwd);
      const seconds = (performance.now() - begun) / 1000;
      // On a machine that does several things at once, each takes its share.
      expect(seconds).toBeLessThan(60 * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism()));

      expect(await run('npx', ['--no-install', 'nestjs-pluginkit', 'check', '.', '--strict'], { cwd })).toMatchObject({
        code: 0,
        stdout: '1 plugin: no problems\n',
      });
      mkdirSync(path.join(cwd, 'plugins/typed'), { recursive: true });
      writeFileSync(path.join(cwd, 'plugins/typed/index.ts'), 'export default 1;');
      const without = await run('npx', ['--no-install', 'pluginkit', 'check', '--ts', '--dir', 'plugins'], { cwd });
      expect(without.stdout).toContain('npm install --save-dev @swc/core');
    },
  );
});

/** The script `dev` starts a host with the plugin. */
async function expectServed(cwd: string): Promise<void> {
  const child = spawn(process.execPath, ['dev.mjs'], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let url = '';
    for await (const line of createInterface({ input: child.stdout })) {
      url = /answers at (\S+)/.exec(line)?.[1] ?? '';
      if (url !== '') break;
    }
    expect(url).toMatch(/^http:\/\/localhost:/);
    const response = await fetch(`${url}?name=%3Cb%3E`);
    expect(response.status).toBe(200);
    const page = await response.text();
    expect(page).toContain('Hello &lt;b&gt;');
    const [, style = ''] = /href="([^"]+)"/.exec(page) ?? [];
    expect((await fetch(new URL(style, url.replace('[::1]', 'localhost')))).headers.get('content-type')).toContain(
      'text/css',
    );
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

/** Types an answer whenever a question has been asked. */
async function atTerminal(
  args: readonly string[],
  answers: readonly string[],
): Promise<{ code: number | null; stdout: string }> {
  const { CI: _, ...env } = process.env;
  const child = spawn('script', ['-qec', terminalCommand(args), '/dev/null'], {
    env: { ...env, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const left = [...answers];
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const asked = stripVTControlCharacters(stdout).match(
      /What is it called|What does it do|Who makes it|Under which licence/g,
    );
    if (new Set(asked).size > answers.length - left.length) child.stdin.write(`${left.shift() ?? ''}\r`);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout };
}
