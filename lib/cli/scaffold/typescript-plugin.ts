import { ownManifest } from '../own-manifest.js';
import { licenseText } from './license-text.js';
import { pluginNameOf, type PluginWish } from './plugin-wish.js';

/** A plugin in TypeScript, as a package of its own: built, tested and tried by npm scripts. */
export function typescriptPlugin(wish: PluginWish): Record<string, string> {
  const name = pluginNameOf(wish.packageName);
  return {
    'package.json': json(manifestFor(wish)),
    'tsconfig.json': json(TSCONFIG),
    '.gitignore': 'node_modules/\ndist/\n',
    'README.md': readme(wish, name),
    LICENSE: licenseText(wish.license, wish.author),
    'src/index.ts': `import { definePlugin } from 'nestjs-pluginkit';

import { HelloController } from './hello.controller.js';

export default definePlugin({
  register: () => ({
    prefix: '/${name}',
    controllers: [HelloController],
  }),
});
`,
    'src/hello.controller.ts': `import { Controller, Get, Header, Query } from '@nestjs/common';
import { PluginView } from 'nestjs-pluginkit';

@Controller()
export class HelloController {
  constructor(private readonly view: PluginView) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  hello(@Query('name') name = 'world'): string {
    return this.view.render('${name}/hello.html', { name });
  }
}
`,
    'src/plugin.test.ts': `import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createPluginApp } from 'nestjs-pluginkit/testing';

test('greets whoever asks, until it is switched off', async (t) => {
  const app = await createPluginApp({ plugins: ['.'] });
  t.after(() => app.close());

  const response = await app.request('/${name}?name=Ada');
  assert.equal(response.status, 200);
  assert.match(await response.text(), /Hello Ada/);

  await app.disable('${name}');
  assert.equal((await app.request('/${name}')).status, 404);
});
`,
    [`templates/${name}/hello.html`]: `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>${name}</title>
    {{ emit_assets('${name}', '${name}.css') }}
  </head>
  <body>
    <h1>Hello {{ name }}</h1>
  </body>
</html>
`,
    [`static/${name}.css`]: `body {
  font-family: system-ui, sans-serif;
  margin: 4rem auto;
  max-width: 40rem;
}
`,
    'dev.mjs': `// A small application around the plugin.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PluginKitModule } from 'nestjs-pluginkit';

class AppModule {}
Module({
  imports: [PluginKitModule.forRoot({ directories: [], folders: ['.'], onFailure: 'throw' })],
})(AppModule);

const app = await NestFactory.create(AppModule);
await app.listen(process.env.PORT ?? 3000);
const address = (await app.getUrl()).replace('[::1]', 'localhost');
console.log(\`The plugin answers at \${address}/${name}\`);
`,
  };
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    rootDir: 'src',
    outDir: 'dist',
    declaration: true,
    sourceMap: true,
    strict: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  },
  include: ['src'],
};

/** In the versions that this library is tested with. */
const DEV_DEPENDENCIES = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  '@types/node',
  'nestjs-pluginkit',
  'nunjucks',
  'reflect-metadata',
  'rxjs',
  'typescript',
];

function manifestFor({ packageName, author, description, license }: PluginWish): object {
  const { version, devDependencies } = ownManifest();
  const known = (name: string): string => devDependencies[name] ?? '*';
  const own = `^${version}`;
  return {
    name: packageName,
    version: '0.1.0',
    description,
    keywords: ['nestjs-pluginkit-plugin'],
    license,
    author,
    type: 'module',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    files: ['dist', 'templates', 'static', '!dist/*.test.*'],
    scripts: {
      build: 'tsc',
      pretest: 'npm run build',
      test: 'node --test dist/plugin.test.js',
      check: 'pluginkit check .',
      predev: 'npm run build',
      dev: 'node dev.mjs',
      prepack: 'npm run build',
    },
    peerDependencies: { '@nestjs/common': known('@nestjs/common'), 'nestjs-pluginkit': own },
    devDependencies: Object.fromEntries(
      DEV_DEPENDENCIES.map((name) => [name, name === 'nestjs-pluginkit' ? own : known(name)]),
    ),
    pluginkit: { engines: { 'nestjs-pluginkit': own }, licenseFile: 'LICENSE', readmeFile: 'README.md' },
  };
}

function readme({ packageName, description }: PluginWish, name: string): string {
  return `# ${packageName}

${description}

A plugin for applications with [nestjs-pluginkit](https://www.npmjs.com/package/nestjs-pluginkit).

## Use it

Install it in the application, and name it there:

\`\`\`sh
npm install ${packageName}
\`\`\`

\`\`\`ts
PluginKitModule.forRoot({ packages: ['${packageName}'] });
\`\`\`

It answers at \`/${name}\`. Its page is a template for nunjucks, which the application must have installed.

## Work on it

\`\`\`sh
npm install
npm test
npm run dev
\`\`\`

\`npm run dev\` starts a small application around it at <http://localhost:3000/${name}>. \`npm run check\` looks for everything that is wrong with it.
`;
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
