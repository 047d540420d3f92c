import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { loadPlugins } from '#lib/loading/load-plugins.js';
import { MarkerFiles } from '#lib/state/marker-files.js';
import { definePlugin, PluginMetadata, type PluginDefinition } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

async function load(options: { directories?: string[]; plugins?: unknown[]; hostVersion?: string }) {
  const plugins = (options.plugins ?? []) as PluginDefinition[];
  const { candidates } = await loadPlugins(
    { directories: [], packages: [], timeout: 2000, ...options, plugins },
    new MarkerFiles(),
  );
  return candidates;
}

const valid = { name: 'valid', author: 'Ada', version: '1.0.0', register: () => ({}) };

describe('the forms of a plugin', () => {
  it.each([
    [
      'a value as default export',
      'index.mjs',
      `export default { name: 'form', author: 'Ada', version: '1.0.0', register: () => ({}) };`,
    ],
    [
      'a class as default export',
      'index.mjs',
      `export default class { name = 'form'; author = 'Ada'; version = '1.0.0'; register() { return { prefix: '/' + this.name }; } }`,
    ],
    [
      "the seed's named exports",
      'index.mjs',
      `export const metadata = { name: 'form', author: 'Ada', version: '1.0.0' }; export function register() { return {}; }`,
    ],
    [
      'a value in CommonJS',
      'index.cjs',
      `module.exports = { name: 'form', author: 'Ada', version: '1.0.0', register: () => ({}) };`,
    ],
    [
      'a class in CommonJS',
      'index.cjs',
      `module.exports = class Form { name = 'form'; author = 'Ada'; version = '1.0.0'; register() { return {}; } };`,
    ],
    [
      "the seed's form in CommonJS",
      'index.cjs',
      `exports.metadata = { name: 'form', author: 'Ada', version: '1.0.0' }; exports.register = () => ({});`,
    ],
    [
      'a default export compiled to CommonJS',
      'index.cjs',
      `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = { name: 'form', author: 'Ada', version: '1.0.0', register: () => ({}) };`,
    ],
    [
      'a class that extends PluginMetadata',
      'index.mjs',
      `import { PluginMetadata } from 'nestjs-pluginkit'; export default class extends PluginMetadata { name = 'form'; author = 'Ada'; version = '1.0.0'; register() { return {}; } }`,
    ],
    [
      'a class that extends PluginMetadata, in CommonJS',
      'index.cjs',
      `const { PluginMetadata } = require('nestjs-pluginkit'); module.exports = class extends PluginMetadata { name = 'form'; author = 'Ada'; version = '1.0.0'; register() { return {}; } };`,
    ],
  ])('can be %s', async (_form, file, source) => {
    const directory = newDirectory();
    writePlugin(directory, 'folder', { [file]: source });

    const [candidate] = await load({ directories: [directory] });

    expect(candidate?.error).toBeUndefined();
    expect(candidate).toMatchObject({
      name: 'form',
      metadata: { name: 'form', author: 'Ada', version: '1.0.0' },
      returned: expect.any(Object),
    });
  });

  it('keeps `this` in the register() of a class and of a value', async () => {
    class Shop extends PluginMetadata {
      override name = 'shop';
      override author = 'Ada';
      override version = '1.0.0';
      register(): object {
        return { prefix: `/${this.name}` };
      }
    }
    const [candidate] = await load({ plugins: [Shop] });
    expect(candidate?.returned).toEqual({ prefix: '/shop' });
  });

  it('takes what the code leaves out from package.json', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'folder', {
      'index.mjs': `export default { version: '2.0.0', register: () => ({}) };`,
      'package.json': JSON.stringify({
        name: '@acme/from-package',
        version: '1.0.0',
        author: { name: 'Ada', email: 'ada@example.org' },
        description: 'does things',
        homepage: 'https://example.org/',
        license: 'MIT',
        pluginkit: { dependsOn: {}, loadAfter: ['other'], engines: { node: '>=20' } },
      }),
    });

    const [candidate] = await load({ directories: [directory] });

    expect(candidate?.metadata).toEqual({
      name: 'from-package',
      author: 'Ada <ada@example.org>',
      version: '2.0.0',
      description: 'does things',
      url: 'https://example.org/',
      license: 'MIT',
      dependsOn: {},
      loadAfter: ['other'],
      engines: { node: '>=20' },
    });
  });
});

describe('metadata that is wrong', () => {
  const wrong: [string, Record<string, unknown>][] = [
    ['name', { name: undefined }],
    ['name', { name: '' }],
    ['name', { name: ' ' }],
    ['name', { name: 'a b' }],
    ['name', { name: '-a' }],
    ['name', { name: 'a/../b' }],
    ['name', { name: 'a\n' }],
    ['name', { name: 'ä' }],
    ['name', { name: 'x'.repeat(65) }],
    ['name', { name: 7 }],
    ['name', { name: new String('boxed') }],
    ['author', { author: undefined }],
    ['author', { author: '   ' }],
    ['author', { author: 'A\u001b[31m' }],
    ['author', { author: 'A\u202Eb' }],
    ['author', { author: ['Ada'] }],
    ['author', { author: new String('Ada') }],
    ['version', { version: undefined }],
    ['version', { version: 'v1.2.3' }],
    ['version', { version: ' 1.2.3 ' }],
    ['version', { version: '1.2' }],
    ['version', { version: '01.2.3' }],
    ['version', { version: '9007199254740992.0.0' }],
    ['version', { version: `1.0.0-${'a'.repeat(400)}` }],
    ['version', { version: 123 }],
    ['version', { version: '=1.0.0' }],
    ['description', { description: 7 }],
    ['license', { license: '' }],
    ['url', { url: 'javascript:alert(1)' }],
    ['url', { url: 'https://example.org/"onmouseover=x' }],
    ['url', { url: 'example.org' }],
    ['state', { state: 'paused' }],
    ['engines', { engines: { host: 'not a range' } }],
    ['engines', { engines: { deno: '*' } }],
    ['engines', { engines: [] }],
    ['dependsOn', { dependsOn: ['a'] }],
    ['dependsOn', { dependsOn: { a: 1 } }],
    ['dependsOn', { dependsOn: { a: 'one' } }],
    ['loadAfter', { loadAfter: 'a' }],
    ['loadAfter', { loadAfter: [1] }],
    ['register', { register: undefined }],
    ['register', { register: {} }],
    ['readmeFile', { readmeFile: 'README.md' }],
  ];

  it.each(wrong)('fails the plugin and names the field %s: %j', async (field, change) => {
    const [candidate] = await load({ plugins: [{ ...valid, ...change }] });

    expect(candidate?.error).toMatchObject({ code: 'METADATA_INVALID', field });
    expect(candidate?.error?.message).toContain(field);
  });

  it('is reported in one error, field by field', async () => {
    const [candidate] = await load({
      plugins: [{ name: 'many', version: '1', url: 'x', state: 'on', register: () => ({}) }],
    });

    expect(candidate?.error).toMatchObject({
      code: 'METADATA_INVALID',
      plugin: 'many',
      field: 'author, version, url, state',
    });
    for (const field of ['author', 'version', 'url', 'state']) expect(candidate?.error?.message).toContain(field);
  });

  const hostile: [string, unknown][] = [
    ['null', null],
    ['undefined', undefined],
    ['text', 'plugin'],
    ['a list', [valid]],
    ['a number', 7],
    ['a function', () => valid],
    [
      'a class whose constructor throws',
      class {
        constructor() {
          throw new Error('not me');
        }
      },
    ],
    [
      'a Proxy that throws whatever is asked',
      new Proxy(
        {},
        {
          get() {
            throw new Error('no');
          },
          getPrototypeOf() {
            throw new Error('no');
          },
          has() {
            throw new Error('no');
          },
        },
      ),
    ],
    [
      'an object with a throwing getter',
      {
        get name(): string {
          throw new Error('no');
        },
        author: 'Ada',
        version: '1.0.0',
        register: () => ({}),
      },
    ],
    ['an object without anything', Object.create(null)],
  ];

  it.each(hostile)('never throws: the plugin is %s', async (_what, plugin) => {
    const [candidate] = await load({ plugins: [plugin] });

    expect(candidate?.error?.code).toBe('METADATA_INVALID');
    expect(candidate?.error?.hint).not.toBe('');
  });

  it('is read once: what was checked cannot change', async () => {
    let reads = 0;
    const shifty = {
      ...valid,
      get version(): string {
        return reads++ === 0 ? '1.0.0' : 'anything';
      },
    };
    const [candidate] = await load({ plugins: [shifty] });
    expect(candidate?.metadata.version).toBe('1.0.0');
  });
});

describe('files that metadata names', () => {
  it('must be there, and inside the folder whatever links there are', async () => {
    const directory = newDirectory();
    const outside = path.join(newDirectory(), 'secret');
    writeFileSync(outside, 'secret');
    const cases = {
      missing: 'README.md',
      climbing: '../../etc/passwd',
      absolute: '/etc/passwd',
      linked: 'link.md',
      folder: '.',
      fine: 'docs/README.md',
    };
    for (const [name, readmeFile] of Object.entries(cases)) {
      const folder = writePlugin(directory, name, {
        'index.js': entry({ name, readmeFile }),
        'docs/README.md': '# Hello',
      });
      if (name === 'linked') symlinkSync(outside, path.join(folder, 'link.md'));
    }

    const candidates = await load({ directories: [directory] });

    expect(Object.fromEntries(candidates.map(({ name, error }) => [name, error?.code]))).toEqual({
      missing: 'METADATA_INVALID',
      climbing: 'PATH_ESCAPE',
      absolute: 'PATH_ESCAPE',
      linked: 'PATH_ESCAPE',
      folder: 'METADATA_INVALID',
      fine: undefined,
    });
  });
});

describe('compatibility', () => {
  it('is checked for the library, Node.js and the application, and every unmet range is told', async () => {
    const [candidate] = await load({
      plugins: [definePlugin({ ...valid, engines: { 'nestjs-pluginkit': '>=99', node: '<18', host: '^2.0.0' } })],
      hostVersion: '1.4.0',
    });

    expect(candidate?.error).toMatchObject({
      code: 'INCOMPATIBLE',
      field: 'engines.nestjs-pluginkit, engines.node, engines.host',
    });
    expect(candidate?.error?.message).toMatch(/>=99.*<18.*\^2\.0\.0, this is 1\.4\.0/);
  });

  it('is not asked of a disabled plugin', async () => {
    const [candidate] = await load({ plugins: [{ ...valid, state: 'disabled', engines: { node: '<18' } }] });
    expect(candidate).toMatchObject({ isOff: true });
    expect(candidate?.error).toBeUndefined();
  });
});

describe('names', () => {
  it('belong to the plugin whose folder bears them, else to the first by folder name', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'a-thief', { 'index.js': entry({ name: 'SHOP' }) });
    writePlugin(directory, 'shop', { 'index.js': entry({ name: 'shop' }) });
    writePlugin(directory, 'one', { 'index.js': entry({ name: 'twin' }) });
    writePlugin(directory, 'two', { 'index.js': entry({ name: 'Twin' }) });

    const candidates = await load({ directories: [directory] });

    const failed = candidates.filter(({ error }) => error);
    expect(failed.map(({ name, error }) => [name, error?.code])).toEqual([
      ['SHOP', 'NAME_TAKEN'],
      ['Twin', 'NAME_TAKEN'],
    ]);
    expect(failed[0]?.error?.message).toContain(path.join(directory, 'shop'));
  });

  it('of a copy that is switched off give way to the plugin that is on', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'shop', { 'index.js': entry({ name: 'shop' }) });
    writePlugin(directory, 'shop-old', {
      'index.js': entry({ name: 'shop' }),
      'package.json': '{"name":"shop","version":"0.9.0"}',
      DISABLED: '',
    });

    const candidates = await load({ directories: [directory] });

    expect(candidates.map(({ name, isOff, error }) => [name, isOff, error])).toEqual([
      ['shop', false, undefined],
      ['shop-old', true, undefined],
    ]);
  });
});
