import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const exec = promisify(execFile);
const scratch = path.join(tmpdir(), `pluginkit-package-${process.pid}`);
const modules = path.join(scratch, 'node_modules');

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: { readonly path: string }[];
}
let packed: Packed;

/** A project that has the packed library and what it names as dependencies and peers: nothing else is resolved. */
beforeAll(async () => {
  mkdirSync(modules, { recursive: true });
  const { stdout } = await exec('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch]);
  const [first] = JSON.parse(stdout) as Packed[];
  if (!first) throw new Error('npm pack gave nothing');
  packed = first;
  mkdirSync(path.join(modules, 'nestjs-pluginkit'));
  await exec('tar', [
    '-xzf',
    path.join(scratch, packed.filename),
    '--strip-components=1',
    '-C',
    path.join(modules, 'nestjs-pluginkit'),
  ]);
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
  const names = new Set([
    '@nestjs',
    '@types',
    'reflect-metadata',
    'rxjs',
    ...Object.keys(dependencies).map(firstSegment),
  ]);
  for (const name of names) symlinkSync(path.resolve('node_modules', name), path.join(modules, name));
  writeFileSync(path.join(scratch, 'package.json'), '{ "type": "module" }');
}, 60_000);
/** `@clack` of `@clack/prompts`. */
function firstSegment(name: string): string {
  return name.split('/')[0] ?? name;
}
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the packed package', () => {
  it('holds the compiled library, its sources, its texts, and nothing else', () => {
    const paths = packed.files.map((file) => file.path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'LICENSE',
        'CHANGELOG.md',
        'dist/index.js',
        'dist/index.d.ts',
        'dist/loading/resolve-hook.js',
        'lib/index.ts',
        'dist/admin/page/index.html',
      ]),
    );
    expect(
      paths.filter(
        (each) =>
          !/^(?:dist\/.+\.(?:js|d\.ts)(?:\.map)?|dist\/admin\/page\/(?:index\.html|assets\/[\w-]+\.(?:css|svg))|lib\/.+\.ts|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(
            each,
          ),
      ),
    ).toEqual([]);
    expect(packed.size).toBeLessThan(800_000);
  });

  it('names what it needs: few dependencies, the platforms as optional peers', () => {
    const { dependencies, peerDependencies, peerDependenciesMeta, exports, type, license, engines } = JSON.parse(
      readFileSync(path.join(modules, 'nestjs-pluginkit/package.json'), 'utf8'),
    ) as Record<string, Record<string, unknown>>;
    expect(Object.keys(dependencies ?? {})).toEqual([
      '@clack/prompts',
      '@nestjs/serve-static',
      'chokidar',
      'class-validator',
      'commander',
      'find-my-way',
      'resolve.exports',
      'semver',
      'send',
    ]);
    expect(Object.keys(peerDependencies ?? {})).toEqual([
      '@nestjs/common',
      '@nestjs/core',
      '@nestjs/platform-express',
      '@nestjs/platform-fastify',
      '@swc/core',
      'eta',
      'nunjucks',
      'reflect-metadata',
      'rxjs',
      'supertest',
    ]);
    expect(Object.keys(peerDependenciesMeta ?? {})).toEqual([
      '@nestjs/platform-express',
      '@nestjs/platform-fastify',
      '@swc/core',
      'eta',
      'nunjucks',
      'supertest',
    ]);
    expect(Object.keys(exports ?? {})).toEqual(['.', './testing', './package.json']);
    expect({ type, license, engines }).toMatchObject({
      type: 'module',
      license: 'MIT',
      engines: { node: expect.any(String) },
    });
  });

  it('is imported by an ES module and required by CommonJS as the same classes', async () => {
    writeFileSync(
      path.join(scratch, 'use.mjs'),
      `import 'reflect-metadata'; import { createRequire } from 'node:module'; import { PluginKitModule, PluginRegistry } from 'nestjs-pluginkit';
       const required = createRequire(import.meta.url)('nestjs-pluginkit');
       console.log(required.PluginKitModule === PluginKitModule && required.PluginRegistry === PluginRegistry, import.meta.resolve('nestjs-pluginkit'));`,
    );
    const { stdout, stderr } = await exec(process.execPath, ['use.mjs'], {
      cwd: scratch,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(stdout).toMatch(new RegExp(`^true file://${modules}/nestjs-pluginkit/dist/index\\.js`));
    expect(stderr).toBe('');
  });

  it('has types that compile in another project, and that refuse what is wrong', async () => {
    writeFileSync(
      path.join(scratch, 'use.ts'),
      `import { Controller, Get, Module } from '@nestjs/common';
       import { definePlugin, PluginKitModule, PluginMetadata, PluginError, PluginRegistry, type Contributions, type Plugin } from 'nestjs-pluginkit';
       @Controller('hello') class HelloController { @Get() hello(): string { return 'hello'; } }
       export default definePlugin({ name: 'hello', author: 'Ada', version: '1.0.0', register: () => ({ controllers: [HelloController], routes: { path: '/x', handler: (request: { url: string }, response: { send(body: string): void }) => response.send(request.url) } }) });
       export class Hello extends PluginMetadata { name = 'hello'; author = 'Ada'; version = '1.0.0'; register(): Contributions { return { prefix: '/hello' }; } }
       @Module({ imports: [PluginKitModule.forRootAsync({ useFactory: () => ({ directories: ['plugins'], share: [] }) })] }) export class AppModule {}
       export function tell(registry: PluginRegistry, plugin: Plugin): string { return plugin.state === 'failed' ? plugin.error.code : String(registry.enabled().length); }
       // @ts-expect-error a controller is a class
       definePlugin({ register: () => ({ controllers: ['HelloController'] }) });
       // @ts-expect-error there is no such option
       PluginKitModule.forRoot({ dirs: [] });
       // @ts-expect-error only a failed plugin has an error
       export const code = (plugin: Plugin): PluginError => plugin.error;`,
    );
    const options = {
      module: 'nodenext',
      target: 'es2023',
      strict: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
    };
    writeFileSync(path.join(scratch, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
    const { stdout } = await exec(process.execPath, [
      path.resolve('node_modules/typescript/bin/tsc'),
      '-p',
      scratch,
    ]).catch((error: unknown) => error as { stdout: string });
    expect(stdout).toBe('');
  }, 60_000);

  it('runs: an application outside of this repository finds a plugin in plugins/', async () => {
    mkdirSync(path.join(scratch, 'plugins/hello'), { recursive: true });
    writeFileSync(
      path.join(scratch, 'plugins/hello/index.js'),
      `export default { name: 'hello', author: 'Ada', version: '1.0.0', register: () => ({ routes: { path: '/hello', handler: () => 'hello' } }) };`,
    );
    writeFileSync(
      path.join(scratch, 'main.mjs'),
      `import 'reflect-metadata'; import { Module } from '@nestjs/common'; import { NestFactory } from '@nestjs/core'; import { PluginKitModule } from 'nestjs-pluginkit';
       class AppModule {} Module({ imports: [PluginKitModule.forRoot()] })(AppModule);
       const app = await NestFactory.create(AppModule, { logger: false }); await app.listen(0, '127.0.0.1');
       console.log(await (await fetch(await app.getUrl() + '/hello')).text()); await app.close();`,
    );
    const { stdout } = await exec(process.execPath, ['main.mjs'], {
      cwd: scratch,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(stdout).toBe('hello\n');
  });
});
