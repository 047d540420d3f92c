import { rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { rules } from '#lib/cli/doctor/doctor.js';

import { pluginkit, type Finished } from '../support/command-line.js';
import { directoryOf, entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

type Files = Readonly<Record<string, string>>;
const manifest = (fields: object): string => JSON.stringify({ type: 'module', ...fields });

/** For each code: the files of a plugin that has the problem, and of one that has not. */
const CASES: Readonly<Record<string, { readonly fails: Files; readonly passes: Files }>> = {
  OWN_COPY: {
    fails: {
      'index.js': entry({ name: 'OWN_COPY' }),
      'node_modules/reflect-metadata/package.json': '{"name":"reflect-metadata","version":"0.2.2"}',
    },
    passes: {
      'index.js': entry({ name: 'OWN_COPY' }),
      'package.json': manifest({ peerDependencies: { 'reflect-metadata': '*' } }),
    },
  },
  PEER_MISSING: {
    fails: {
      'index.js': entry({ name: 'PEER_MISSING' }),
      'package.json': manifest({ peerDependencies: { 'nobody-has-this': '^1.0.0' } }),
    },
    passes: {
      'index.js': entry({ name: 'PEER_MISSING' }),
      'package.json': manifest({
        peerDependencies: { 'nobody-has-this': '^1.0.0' },
        peerDependenciesMeta: { 'nobody-has-this': { optional: true } },
      }),
    },
  },
  RANGE_UNMET: {
    fails: {
      'index.js': entry({ name: 'RANGE_UNMET' }),
      'package.json': manifest({ peerDependencies: { '@nestjs/common': '^2.0.0' } }),
    },
    passes: {
      'index.js': entry({ name: 'RANGE_UNMET' }),
      'package.json': manifest({ peerDependencies: { '@nestjs/common': '^12.0.0' } }),
    },
  },
  MODULE_FORMAT: {
    fails: {
      'index.js':
        '"use strict";\nmodule.exports = { name: "MODULE_FORMAT", author: "Ada", version: "1.0.0", register() { return {}; } };',
      'package.json': manifest({}),
    },
    passes: {
      'index.js':
        '"use strict";\nmodule.exports = { name: "MODULE_FORMAT", author: "Ada", version: "1.0.0", register() { return {}; } };',
      'package.json': manifest({ type: 'commonjs' }),
    },
  },
  ENTRY_OUTSIDE: {
    fails: { 'index.js': entry({ name: 'ENTRY_OUTSIDE' }), 'package.json': manifest({ files: ['dist'] }) },
    passes: {
      'index.js': entry({ name: 'ENTRY_OUTSIDE' }),
      'package.json': manifest({ files: ['./index.js', 'static/'] }),
      'static/a.css': '',
    },
  },
  ASSET_NOT_FOUND: {
    fails: {
      'index.js': entry({ name: 'ASSET_NOT_FOUND' }),
      'templates/asset/page.html': "<p>\n{{ emit_assets('ASSET_NOT_FOUND', 'gone.css') }}",
    },
    passes: {
      'index.js': entry({ name: 'ASSET_NOT_FOUND' }),
      'templates/asset/page.html': "{{ emit_assets('ASSET_NOT_FOUND', 'here.css') }}",
      'static/here.css': '',
    },
  },
  TEMPLATE_NOT_FOUND: {
    fails: { 'index.js': entry({ name: 'TEMPLATE_NOT_FOUND' }, "{ slots: { menu: 'template/gone.html' } }") },
    passes: {
      'index.js': entry({ name: 'TEMPLATE_NOT_FOUND' }, "{ slots: { menu: 'template/here.html' } }"),
      'templates/template/here.html': '',
    },
  },
  ROUTE_CONFLICT: {
    fails: {
      'index.js': entry(
        { name: 'ROUTE_CONFLICT' },
        "{ prefix: '/r', routes: [{ path: '/:id', handler: () => 1 }, { path: '/:name', handler: () => 2 }] }",
      ),
    },
    passes: {
      'index.js': entry(
        { name: 'ROUTE_CONFLICT' },
        "{ prefix: '/r', routes: [{ path: '/:id', handler: () => 1 }, { path: '/:name', method: 'POST', handler: () => 2 }] }",
      ),
    },
  },
  SLOT_CLASH: {
    fails: { 'index.js': entry({ name: 'SLOT_CLASH' }), 'templates/asset/page.html': '' },
    passes: { 'index.js': entry({ name: 'SLOT_CLASH' }), 'templates/slot/page.html': '' },
  },
  KEY_UNUSED: {
    fails: { 'index.js': entry({ name: 'KEY_UNUSED' }, '{ controllers: [] }') },
    passes: { 'index.js': entry({ name: 'KEY_UNUSED' }, "{ routes: { path: '/k', handler: () => 1 } }") },
  },
  METADATA_DIFFERS: {
    fails: {
      'index.js': entry({ name: 'METADATA_DIFFERS', version: '2.0.0' }),
      'package.json': manifest({ name: 'METADATA_DIFFERS', version: '1.0.0' }),
    },
    passes: {
      'index.js': entry({ name: 'METADATA_DIFFERS', version: '2.0.0' }),
      'package.json': manifest({ name: '@ada/METADATA_DIFFERS', version: '2.0.0' }),
    },
  },
  EXTENSION_UNKNOWN: {
    fails: { 'index.js': entry({ name: 'EXTENSION_UNKNOWN' }, '{\n  controlers: [] }') },
    passes: { 'index.js': entry({ name: 'EXTENSION_UNKNOWN' }) },
  },
  INCOMPATIBLE: {
    fails: { 'index.js': entry({ name: 'INCOMPATIBLE', engines: { host: '^2.0.0' } }) },
    passes: { 'index.js': entry({ name: 'INCOMPATIBLE', engines: { host: '^1.0.0' } }) },
  },
  IMPORT_FAILED: {
    fails: { 'index.js': 'export const a = 1;\n\nimport "a-package-of-nobody";\n' },
    passes: { 'index.js': entry({ name: 'IMPORT_FAILED' }) },
  },
  MODULE_FAILED: {
    fails: {
      'index.js': entry(
        { name: 'MODULE_FAILED' },
        "{\n providers: [{ provide: 'x', useFactory: () => {\n throw new Error('no'); } }] }",
      ),
    },
    passes: { 'index.js': entry({ name: 'MODULE_FAILED' }, "{ providers: [{ provide: 'x', useFactory: () => 1 }] }") },
  },
  NEEDS_APPLICATION: {
    fails: {
      'index.js': entry(
        { name: 'NEEDS_APPLICATION' },
        "{ providers: [{ provide: 'x', inject: ['HOST'], useFactory: () => 1 }] }",
      ),
    },
    passes: {
      'index.js': entry(
        { name: 'NEEDS_APPLICATION' },
        "{ providers: ['HOST', 'x'].map((provide) => ({ provide, useValue: 1 })) }",
      ),
    },
  },
  PATH_ESCAPE: {
    fails: { 'package.json': manifest({ main: 'entry.js' }) },
    passes: { 'index.js': entry({ name: 'PATH_ESCAPE' }) },
  },
};

interface Problem {
  readonly code: string;
  readonly plugin: string;
  readonly severity: string;
  readonly file?: string;
  readonly line?: number;
  readonly hint: string;
}

describe('pluginkit check', { timeout: 60_000 }, () => {
  const results = { fails: [] as Problem[], passes: [] as Problem[] };

  const home = path.resolve('test/.tmp', `doctor-${process.pid}`);
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  beforeAll(async () => {
    for (const which of ['fails', 'passes'] as const) {
      const directory = path.join(home, which, 'plugins');
      for (const [code, files] of Object.entries(CASES)) writePlugin(directory, code, files[which]);
      if (which === 'fails') {
        writePlugin(path.dirname(directory), 'elsewhere', { 'entry.js': entry({ name: 'PATH_ESCAPE' }) });
        symlinkSync('../../elsewhere/entry.js', path.join(directory, 'PATH_ESCAPE/entry.js'));
      }
      const { stdout } = await pluginkit(['check', '--dir', directory, '--json', '--host-version', '1.5.0']);
      results[which] = JSON.parse(stdout).problems as Problem[];
    }
  }, 60_000);

  it.each(Object.keys(CASES))('finds %s where it is, and not where it is not', (code) => {
    const found = results.fails.filter((each) => each.plugin === code);
    expect(found.map((each) => each.code)).toContain(code);
    expect(found.find((each) => each.code === code)?.hint).toMatch(/\w+.* \S+/);
    expect(results.passes.filter((each) => each.plugin === code)).toEqual([]);
  });

  it('has a case for each code that a rule gives', () => {
    const codes = rules.flatMap((rule) => Object.keys(rule.codes));
    expect(codes.filter((code) => !(code in CASES))).toEqual([]);
  });

  it.each([
    ['ASSET_NOT_FOUND', 'page.html', 2],
    ['IMPORT_FAILED', 'index.js', 3],
    ['EXTENSION_UNKNOWN', 'index.js', 4],
    ['MODULE_FAILED', 'index.js', 5],
    ['RANGE_UNMET', 'package.json', 1],
    ['MODULE_FORMAT', 'index.js', 2],
  ])('tells the file and the line of %s', (code, file, line) => {
    const problem = results.fails.find((each) => each.plugin === code && each.code === code);
    expect(problem?.file?.endsWith(file)).toBe(true);
    expect(problem?.line).toBe(line);
  });

  it('reports to people, to code hosts and to GitHub, and ends with 1 for errors alone', async () => {
    const directory = directoryOf('broken/register-throws');
    writePlugin(directory, 'careless', { 'index.js': entry({ name: 'careless' }, '{ controllers: [] }') });
    const text = await pluginkit(['check', '--dir', directory]);
    expect(text.code).toBe(1);
    expect(text.stdout).toMatch(
      /error register-throws REGISTER_FAILED: .*\n {2}test\/.*register-throws\/index\.js:3\n {2}\w/,
    );
    expect(text.stdout).toContain('2 plugins: 1 error, 1 warning');

    const github = await pluginkit(['check', '--dir', directory, '--format', 'github']);
    expect(github.stdout).toMatch(/^::error file=test\/\S+index\.js,line=3,title=REGISTER_FAILED::/m);
    expect(github.stdout).toMatch(/^::warning file=/m);

    const sarif = JSON.parse((await pluginkit(['check', '--dir', directory, '--format', 'sarif'])).stdout);
    expect(sarif).toMatchObject({ version: '2.1.0', runs: [{ tool: { driver: { name: 'pluginkit check' } } }] });
    expect(sarif.runs[0].results).toMatchObject([
      { ruleId: 'KEY_UNUSED', level: 'warning' },
      {
        ruleId: 'REGISTER_FAILED',
        level: 'error',
        locations: [{ physicalLocation: { artifactLocation: { uriBaseId: 'WORK' }, region: { startLine: 3 } } }],
      },
    ]);

    const folder = path.join(directory, 'careless');
    expect(await pluginkit(['check', folder])).toMatchObject({ code: 0 });
    expect(await pluginkit(['check', folder, '--strict'])).toMatchObject({ code: 1 });
  }, 60_000);

  it('checks the folder in which it is called', async () => {
    const folder = writePlugin(newDirectory(), 'mine', { 'index.js': entry({ name: 'mine' }) });
    const { code, stdout }: Finished = await pluginkit(['check', '.'], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '1 plugin: no problems\n' });
  });
});
