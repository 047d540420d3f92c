import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { sourcesOfLib } from './support/sources.js';

/** The module, its options and its boot stand in no room: left of the two that use them as anybody would. */
const MODULE = '';
/** A room imports only itself and rooms to its left. */
const ROOMS = [
  'plugin',
  'discovery',
  'state',
  'loading',
  'extensions',
  'host',
  'registry',
  'events',
  'views',
  'reload',
  'admin',
  'supervisor',
  MODULE,
  'cli',
  'testing',
];
/** The primary process of `pluginkit serve` loads none either: it is small, and outlives what fails in the workers. */
const WITHOUT_NEST = ['plugin', 'discovery', 'state', 'loading', 'supervisor'];

const files = readSources();
const roomOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : MODULE);

describe('lib', () => {
  it('has the rooms that the documentation names, and beside them only the module, its options, its boot and the index', () => {
    expect([...new Set(files.map(({ file }) => roomOf(file)))].toSorted()).toEqual(ROOMS.toSorted());
    expect(files.filter(({ file }) => roomOf(file) === MODULE).map(({ file }) => file)).toEqual([
      'index.ts',
      'plugin-kit.boot.ts',
      'plugin-kit.live.ts',
      'plugin-kit.module.ts',
      'plugin-kit.options.ts',
    ]);
  });

  it.each(files)('$file imports no room to its right, and never the index', ({ file, imports }) => {
    const own = ROOMS.indexOf(roomOf(file));
    for (const specifier of imports.filter((each) => each.startsWith('.'))) {
      const target = path.join(path.dirname(file), specifier);
      // An application that has nothing but plugins uses the library as any other does.
      if (file === 'reload/preflight-app.ts') continue;
      expect(target).not.toBe('index.js');
      if (own >= 0) expect(ROOMS.slice(0, own + 1), `${file} -> ${target}`).toContain(roomOf(target));
    }
  });

  it.each(files.filter(({ file }) => WITHOUT_NEST.includes(roomOf(file))))('$file runs without Nest', ({ imports }) => {
    expect(imports.filter((each) => each.startsWith('@nestjs/'))).toEqual([]);
  });

  it('has one file for each dangerous verb, and leans on parts of Nest only in host/', () => {
    const uses = (pattern: RegExp): string[] => files.filter(({ code }) => pattern.test(code)).map(({ file }) => file);
    expect(uses(/\bimport\((?!'@nestjs\/platform-fastify'\))/)).toEqual(['loading/import-entry.ts']);
    const left = (pattern: RegExp): string[] => uses(pattern).filter((file) => roomOf(file) !== 'cli');
    expect(left(/(?<!called )process\.exit\(|console\./)).toEqual([]);
    // A signal 0 is none: it asks whether a process is there.
    expect(left(/process\.kill\((?!\w+, 0\))/)).toEqual(['reload/parent-process.ts', 'supervisor/worker-handle.ts']);
    expect(left(/child_process/)).toEqual(['reload/preflight.ts', 'supervisor/systemd.ts']);
    expect(uses(/\bwriteFile|\bwriteSync|\brename(?:Sync)?\(|\brm(?:Sync)?\(|\brmdir\(/)).toEqual([
      'cli/bisect/borrowed-markers.ts',
      'cli/scaffold/write-files.ts',
      'reload/preflight.ts', // a temporary folder of its own
      'state/boot-journal.ts',
      'state/folder-lock.ts',
      'state/line-file.ts',
      'state/marker-files.ts',
      'state/quarantine.ts',
      'supervisor/pid-file.ts',
    ]);
    expect(
      files.filter(
        ({ file, imports }) =>
          roomOf(file) !== 'host' && imports.some((each) => /^@nestjs\/(?:core|common)\//.test(each)),
      ),
    ).toEqual([]);
    expect(uses(/: any\b|\bas any\b|@ts-/)).toEqual([]);
    expect(uses(/^(?:export )?let /m)).toEqual([]);
  });
});

function readSources(): { file: string; code: string; imports: string[] }[] {
  return sourcesOfLib().map(({ file, text }) => {
    const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
    const imports = [...code.matchAll(/(?:from|import)\s+'([^']+)'/g)].map(([, specifier = '']) => specifier);
    return { file, code, imports };
  });
}
