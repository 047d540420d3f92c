import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { findPlugins } from '#lib/discovery/find-plugins.js';
import type { FolderSource } from '#lib/discovery/plugin-source.js';
import { describe, expect, it } from 'vitest';

import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

const NOTHING_RUNS = `throw new Error('discovery must not run this');`;

function find(...directories: string[]) {
  const { sources, notices } = findPlugins({ directories, packages: [], plugins: [] });
  return { folders: sources as FolderSource[], notices };
}

describe('finding plugins in folders', () => {
  it('takes the entry from package.json exports, then main, then index.js, index.mjs, index.cjs', () => {
    const directory = newDirectory();
    writePlugin(directory, 'a-exports', {
      'package.json': JSON.stringify({
        exports: { '.': { import: './esm.js', require: './cjs.js' } },
        main: 'main.js',
      }),
      'esm.js': NOTHING_RUNS,
      'cjs.js': NOTHING_RUNS,
      'main.js': NOTHING_RUNS,
    });
    writePlugin(directory, 'b-main', {
      'package.json': JSON.stringify({ main: 'lib/main' }),
      'lib/main.js': NOTHING_RUNS,
      'index.js': NOTHING_RUNS,
    });
    writePlugin(directory, 'c-js', { 'index.js': NOTHING_RUNS, 'index.mjs': NOTHING_RUNS });
    writePlugin(directory, 'd-mjs', { 'index.mjs': NOTHING_RUNS, 'index.cjs': NOTHING_RUNS });
    writePlugin(directory, 'e-cjs', { 'index.cjs': NOTHING_RUNS });

    const { folders } = find(directory);

    expect(folders.map(({ folder, entry: file }) => path.relative(folder, file ?? ''))).toEqual([
      'esm.js',
      'lib/main.js',
      'index.js',
      'index.mjs',
      'index.cjs',
    ]);
  });

  it('passes over what is no plugin, and says why at debug level', () => {
    const directory = newDirectory();
    writePlugin(directory, 'no-entry', { 'readme.md': '#' });
    writePlugin(directory, 'typescript-only', { 'index.ts': NOTHING_RUNS });
    writePlugin(directory, 'deep/down', { 'index.js': NOTHING_RUNS });
    writePlugin(directory, 'node_modules/some', { 'index.js': NOTHING_RUNS });
    writePlugin(directory, '.hidden', { 'index.js': NOTHING_RUNS });
    writeFileSync(path.join(directory, 'file.js'), NOTHING_RUNS);

    const { folders, notices } = find(directory);

    expect(folders).toEqual([]);
    expect(notices.map(({ level }) => level)).toEqual(['debug', 'debug', 'debug', 'debug']);
    for (const name of ['no-entry', 'typescript-only', 'deep', 'file.js'])
      expect(notices.some(({ text }) => text.includes(path.join(directory, name)))).toBe(true);
  });

  it('warns of a directory that is missing, and goes on with the others', () => {
    const directory = newDirectory();
    writePlugin(directory, 'here', { 'index.js': NOTHING_RUNS });

    const { folders, notices } = find(path.join(directory, 'nowhere'), directory, directory);

    expect(folders.map(({ folderName }) => folderName)).toEqual(['here']);
    expect(notices).toEqual([
      { level: 'warn', text: `Plugin directory ${path.join(directory, 'nowhere')} does not exist.` },
    ]);
  });

  it('follows no link out of a plugin, nor out of the plugin directory', () => {
    const directory = newDirectory();
    const elsewhere = newDirectory();
    writePlugin(elsewhere, 'stranger', { 'index.js': NOTHING_RUNS, 'other.js': NOTHING_RUNS });
    symlinkSync(path.join(elsewhere, 'stranger'), path.join(directory, 'linked-folder'));
    mkdirSync(path.join(directory, 'linked-entry'));
    symlinkSync(path.join(elsewhere, 'stranger/index.js'), path.join(directory, 'linked-entry/index.js'));
    writePlugin(directory, 'climbing', { 'package.json': JSON.stringify({ main: '../../outside.js' }) });
    writeFileSync(path.join(path.dirname(directory), 'outside.js'), NOTHING_RUNS);
    symlinkSync('/nowhere/at/all', path.join(directory, 'broken-link'));

    const { folders, notices } = find(directory);

    expect(folders.map(({ folderName, problem }) => [folderName, problem?.code])).toEqual([
      ['climbing', 'PATH_ESCAPE'],
      ['linked-entry', 'PATH_ESCAPE'],
      ['linked-folder', 'PATH_ESCAPE'],
    ]);
    expect(notices).toEqual([{ level: 'warn', text: expect.stringContaining('broken-link') }]);
  });

  it('waits for no FIFO', () => {
    const directory = newDirectory();
    writePlugin(directory, 'fifo-entry', { 'note.txt': '' });
    execFileSync('mkfifo', [path.join(directory, 'fifo-entry/index.js'), path.join(directory, 'fifo')]);
    writePlugin(directory, 'fifo-manifest', { 'index.js': NOTHING_RUNS });
    execFileSync('mkfifo', [path.join(directory, 'fifo-manifest/package.json')]);

    const { folders } = find(directory);

    expect(folders.map(({ folderName, problem }) => [folderName, problem?.code])).toEqual([
      ['fifo-manifest', 'METADATA_INVALID'],
    ]);
  });

  it.each([
    ['is not JSON', '{ "name": '],
    ['holds no object', '["a"]'],
    ['is larger than 64 KiB', undefined],
  ])('refuses a package.json that %s, naming the file', (why, content) => {
    const directory = newDirectory();
    const folder = writePlugin(directory, 'odd', { 'index.js': NOTHING_RUNS, 'package.json': content ?? '' });
    // A sparse file of 100 MB: it must not be read.
    if (content === undefined) truncateSync(path.join(folder, 'package.json'), 100 * 1024 * 1024);

    const [found] = find(directory).folders;

    expect(found?.problem).toMatchObject({ code: 'METADATA_INVALID', file: path.join(folder, 'package.json') });
    expect(found?.problem?.message).toContain(why);
  });

  it('fails a plugin whose package.json names an entry that is not there: it was not built', () => {
    const directory = newDirectory();
    writePlugin(directory, 'unbuilt', {
      'package.json': JSON.stringify({ name: '@acme/unbuilt', exports: './dist/index.js' }),
    });

    const [found] = find(directory).folders;

    expect(found).toMatchObject({
      name: 'unbuilt',
      problem: { code: 'IMPORT_FAILED', hint: expect.stringMatching(/Build the plugin/) },
    });
  });
});

describe('finding plugins in packages', () => {
  it('finds them from the working directory upwards, through links to their real folder', () => {
    const { sources } = findPlugins({ directories: [], packages: ['notice-board-qr'], plugins: [] });

    expect(sources).toMatchObject([
      {
        origin: 'package',
        folder: path.resolve('sample/packages/notice-board-qr'),
        entry: path.resolve('sample/packages/notice-board-qr/dist/index.js'),
      },
    ]);
  });

  it('fails one that is not installed, with the command that installs it', () => {
    const { sources } = findPlugins({ directories: [], packages: ['@acme/not-installed'], plugins: [] });

    expect(sources).toMatchObject([
      {
        name: 'not-installed',
        problem: { code: 'IMPORT_FAILED', hint: expect.stringContaining('npm install @acme/not-installed') },
      },
    ]);
  });
});

describe('finding plugins given as values', () => {
  it('names those without a name by their position', () => {
    const { sources } = findPlugins({
      directories: [],
      packages: [],
      plugins: [{ name: 'first', register: () => ({}) }, null as never, { register: () => ({}) }],
    });

    expect(sources.map(({ name }) => name)).toEqual(['first', 'inline-2', 'inline-3']);
    expect(entry({ name: 'unused' })).toContain('register');
  });
});
