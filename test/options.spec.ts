import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PluginKitModule, PluginRegistry, type PluginKitOptions } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { newDirectory, writePlugin, entry } from './support/plugin-folders.js';

const inline = { name: 'inline', author: 'Ada', version: '1.0.0', register: () => ({}) };
const options: PluginKitOptions = { directories: [], plugins: [inline] };

let built = 0;

@Injectable()
class Settings {
  readonly kit = options;
  constructor() {
    built++;
  }
  createPluginKitOptions(): PluginKitOptions {
    return this.kit;
  }
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

async function pluginsOf(imports: Parameters<typeof Module>[0]['imports']): Promise<string[]> {
  @Module({ imports: imports ?? [] })
  class AppModule {}
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  await app.init();
  const names = app
    .get(PluginRegistry)
    .all()
    .map(({ name }) => name);
  await app.close();
  return names;
}

describe('the options', () => {
  it.each([
    ['forRoot', () => PluginKitModule.forRoot(options)],
    [
      'useFactory with what it injects',
      () =>
        PluginKitModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: async ({ kit }: Settings) => Promise.resolve(kit),
        }),
    ],
    ['useClass', () => PluginKitModule.forRootAsync({ useClass: Settings })],
    ['useExisting', () => PluginKitModule.forRootAsync({ imports: [SettingsModule], useExisting: Settings })],
  ])('come by %s', async (_way, module) => {
    expect(await pluginsOf([module()])).toEqual(['inline']);
  });

  it('are made once: the provider that a factory injects is not built again', async () => {
    built = 0;
    await pluginsOf([
      SettingsModule,
      PluginKitModule.forRootAsync({
        imports: [SettingsModule],
        inject: [Settings],
        useFactory: ({ kit }: Settings) => kit,
      }),
    ]);
    expect(built).toBe(1);
  });

  it('have a default each: plugins/ below the working directory', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'plugins/found', { 'index.js': entry({ name: 'found' }) });
    const before = process.cwd();
    process.chdir(directory);
    try {
      expect(await pluginsOf([PluginKitModule.forRoot()])).toEqual(['found']);
    } finally {
      process.chdir(before);
    }
  });

  it('are not written to', async () => {
    const frozen = Object.freeze({
      ...options,
      directories: Object.freeze([]),
      plugins: Object.freeze([Object.freeze({ ...inline })]),
      share: Object.freeze([]),
    });
    expect(await pluginsOf([PluginKitModule.forRoot(frozen as PluginKitOptions)])).toEqual(['inline']);
  });

  it.each([
    ['directories', { directories: 'plugins' }],
    ['directories', { directories: [7] }],
    ['packages', { packages: [''] }],
    ['plugins', { plugins: {} }],
    ['share', { share: [undefined] }],
    ['onFailure', { onFailure: 'ignore' }],
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: Infinity }],
    ['hostVersion', { hostVersion: 'newest' }],
    ['live', { live: 'yes' }],
    ['views', { views: 'nunjucks' }],
    ['views.engine', { views: { engine: 'ejs' } }],
    ['views.engine', { views: { engine: {} } }],
    ['views.folders', { views: { folders: 'views' } }],
    ['views.filters', { views: { filters: { a: 1 } } }],
    ['views.cache', { views: { cache: 1 } }],
    ['assetsPath', { assetsPath: 'assets' }],
    ['assetsPath', { assetsPath: '/' }],
    ['assetsPath', { assetsPath: '/assets/' }],
    ['assetsPath', { assetsPath: '/a//b' }],
    ['assetsPath', { assetsPath: '/a b' }],
    ['assetsPath', { assetsPath: '/a/../b' }],
    ['assetsPath', { assetsPath: '/a"b' }],
    ['baseUrl', { baseUrl: 'example.org' }],
    ['baseUrl', { baseUrl: 'javascript:alert(1)' }],
    ['baseUrl', { baseUrl: 'https://example.org/"' }],
    ['config', { config: [] }],
  ])('end the boot when %s is wrong, and name it: %j', async (name, wrong) => {
    await expect(pluginsOf([PluginKitModule.forRoot({ ...options, ...wrong } as PluginKitOptions)])).rejects.toThrow(
      `the option "${name}" must be`,
    );
  });
});
