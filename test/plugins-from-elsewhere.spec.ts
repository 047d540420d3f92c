import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { type FailedPlugin } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, failures, PLATFORMS } from './support/boot-app.js';
import { entry, newDirectory, newDirectoryOutside, writePlugin } from './support/plugin-folders.js';

const ESM = `
import { Controller, Get, NotFoundException } from '@nestjs/common';
import { PluginRegistry } from 'nestjs-pluginkit';
import { greeting } from './inner.js';

class HelloController {
  constructor(registry) { this.registry = registry; }
  hello() { return greeting + this.registry.enabled().length; }
  missing() { throw new NotFoundException('not here'); }
}
Controller('esm')(HelloController);
Reflect.defineMetadata('design:paramtypes', [PluginRegistry], HelloController);
for (const name of ['hello', 'missing']) Get(name)(HelloController.prototype, name, Object.getOwnPropertyDescriptor(HelloController.prototype, name));
export default { name: 'esm', author: 'Ada', version: '1.0.0', register: () => ({ controllers: [HelloController] }) };
`;
const CJS = `
const { Controller, Get, NotFoundException } = require('@nestjs/common');
const { PluginRegistry } = require('nestjs-pluginkit');
const { greeting } = require('./inner.cjs');

class HelloController {
  constructor(registry) { this.registry = registry; }
  hello() { return greeting + this.registry.enabled().length; }
  missing() { throw new NotFoundException('not here'); }
}
Controller('cjs')(HelloController);
Reflect.defineMetadata('design:paramtypes', [PluginRegistry], HelloController);
for (const name of ['hello', 'missing']) Get(name)(HelloController.prototype, name, Object.getOwnPropertyDescriptor(HelloController.prototype, name));
module.exports = { name: 'cjs', author: 'Ada', version: '1.0.0', register: () => ({ controllers: [HelloController] }) };
`;

function writeBoth(directory: string): void {
  writePlugin(directory, 'esm', {
    'index.mjs': ESM.replace('./inner.js', './inner.mjs'),
    'inner.mjs': `export const greeting = 'hello ';`,
  });
  writePlugin(directory, 'cjs', { 'index.cjs': CJS, 'inner.cjs': `exports.greeting = 'hello ';` });
}

describe.each(PLATFORMS)('on %s, plugins as ES modules and as CommonJS', (platform) => {
  it.each([
    ['inside the tree of the application', newDirectory],
    ['outside of it, without node_modules of their own', newDirectoryOutside],
  ])('load in one application: %s', async (_where, make) => {
    const directory = make();
    writeBoth(directory);

    const { get, registry } = await bootApp({ directories: [directory] }, { platform });

    expect(failures(registry)).toEqual({});
    for (const name of ['esm', 'cjs']) {
      expect((await get(`/${name}/hello`)).body).toBe('hello 2');
      expect((await get(`/${name}/missing`)).status).toBe(404); // with a second copy of NestJS it would be 500
    }
  });
});

it('outside the tree, what neither the plugin nor the application has is told as missing', async () => {
  const directory = newDirectoryOutside();
  writePlugin(directory, 'esm', { 'index.mjs': `import 'nobody-has-this';` });
  writePlugin(directory, 'cjs', { 'index.cjs': `require('nobody-has-this');` });

  const { registry } = await bootApp({ directories: [directory] });

  for (const name of ['esm', 'cjs']) {
    const { error } = registry.get(name) as FailedPlugin;
    expect(error).toMatchObject({
      code: 'IMPORT_FAILED',
      hint: expect.stringContaining('npm install nobody-has-this'),
    });
    expect(error.message).toContain('nobody-has-this');
  }
});

describe('a plugin with a copy of NestJS of its own', () => {
  const own = {
    'node_modules/@nestjs/common/package.json': '{"name":"@nestjs/common","version":"11.0.0","main":"index.js"}',
    'node_modules/@nestjs/common/index.js': '',
  };

  it('is refused before anything of it runs, with the cure', async () => {
    const directory = newDirectory();
    const folder = writePlugin(directory, 'foreign', { 'index.js': `throw new Error('must not run');`, ...own });

    const { registry } = await bootApp({ directories: [directory] });

    expect((registry.get('foreign') as FailedPlugin).error).toMatchObject({
      code: 'FOREIGN_NEST',
      file: path.join(folder, 'node_modules/@nestjs/common'),
      hint: expect.stringMatching(/peer dependency/),
    });
  });

  it('is refused also when the copy lies above it, in a tree that is not the application’s', async () => {
    const directory = newDirectoryOutside();
    writePlugin(directory, '.', own);
    writePlugin(directory, 'plugins/foreign', { 'index.mjs': entry({ name: 'foreign' }) });

    const { registry } = await bootApp({ directories: [path.join(directory, 'plugins')] });

    expect(failures(registry)).toEqual({ foreign: 'FOREIGN_NEST' });
  });

  it('is taken when the copy is a link to that of the application', async () => {
    const directory = newDirectoryOutside();
    const folder = writePlugin(directory, 'linked', { 'index.mjs': entry({ name: 'linked' }) });
    mkdirSync(path.join(folder, 'node_modules/@nestjs'), { recursive: true });
    symlinkSync(path.resolve('node_modules/@nestjs/common'), path.join(folder, 'node_modules/@nestjs/common'));

    const { registry } = await bootApp({ directories: [directory] });

    expect(failures(registry)).toEqual({});
  });
});

it('installed packages are plugins, linked ones too, by folder name and scope', async () => {
  const real = newDirectory();
  writeBoth(real);
  const modules = path.resolve('node_modules/@pluginkit-test');
  rmSync(modules, { recursive: true, force: true }); // a run that was killed may have left it
  mkdirSync(modules, { recursive: true });
  cpSync(path.join(real, 'cjs'), path.join(modules, 'copied'), { recursive: true });
  writeFileSync(path.join(modules, 'copied/package.json'), '{"name":"@pluginkit-test/copied","main":"index.cjs"}');
  symlinkSync(path.join(real, 'esm'), path.join(modules, 'linked'));
  writeFileSync(
    path.join(real, 'esm/package.json'),
    '{"name":"@pluginkit-test/linked","exports":{".":{"import":"./index.mjs"}}}',
  );
  try {
    const { get, registry } = await bootApp({
      directories: [],
      packages: ['@pluginkit-test/copied', '@pluginkit-test/linked', '@pluginkit-test/absent'],
    });

    expect(failures(registry)).toEqual({ absent: 'IMPORT_FAILED' });
    expect(registry.get('esm')).toMatchObject({ origin: 'package', folder: path.join(real, 'esm') });
    expect((await get('/cjs/hello')).body).toBe('hello 2');
    expect((await get('/esm/hello')).body).toBe('hello 2');
  } finally {
    rmSync(modules, { recursive: true, force: true });
  }
});
