import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it, vi } from 'vitest';

import { bootApp, failures, PLATFORMS } from '../support/boot-app.js';
import { newDirectory, writePlugin } from '../support/plugin-folders.js';

const exec = promisify(execFile);

const INDEX = `import { definePlugin } from 'nestjs-pluginkit';

import { Clock } from './clock.js';
import { TimeController } from './time.controller.js';

export default definePlugin({
  name: 'time',
  author: 'Ada',
  version: '1.0.0',
  register: () => ({ controllers: [TimeController], providers: [Clock] }),
});
`;
const CLOCK = `import { Injectable } from '@nestjs/common';

interface Time {
  readonly text: string;
}

@Injectable()
export class Clock {
  private readonly time: Time = { text: 'noon' };
  now(): string {
    return this.time.text;
  }
}
`;
const CONTROLLER = `import { Controller, Get, Query } from '@nestjs/common';

import { Clock } from './clock.js';

@Controller('time')
export class TimeController {
  constructor(private readonly clock: Clock) {}

  @Get()
  now(@Query('zone') zone?: string): string {
    return this.clock.now() + (zone ?? '');
  }
}
`;

function timePlugin(): string {
  const directory = newDirectory();
  writePlugin(directory, 'time', { 'index.ts': INDEX, 'clock.ts': CLOCK, 'time.controller.ts': CONTROLLER });
  return directory;
}

describe.each(PLATFORMS)('a plugin in TypeScript on %s', (platform) => {
  it('is loaded without a build, and injects by type', async () => {
    const { get } = await bootApp({ directories: [timePlugin()], typescript: true }, { platform });
    expect(await get('/time?zone=!')).toMatchObject({ status: 200, body: 'noon!' });
  });
});

describe('a plugin in TypeScript', { timeout: 60_000 }, () => {
  it('is no plugin without the option, which the log names', async () => {
    const { registry, log } = await bootApp({ directories: [timePlugin()] });
    expect(registry.all()).toEqual([]);
    expect(log.join('\n')).toContain('index.ts is loaded with the option "typescript"');
  });

  it('is refused in production, with the cure', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const { registry } = await bootApp({ directories: [timePlugin()], typescript: true });
    expect(failures(registry)).toEqual({ time: 'IMPORT_FAILED' });
    expect(registry.get('time')).toMatchObject({
      error: {
        message: expect.stringContaining('in production only JavaScript is loaded'),
        hint: expect.stringContaining('Build the plugin'),
      },
    });
  });

  it('is refused when package.json names it and TypeScript is not loaded', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'time', {
      'main.ts': 'export default 1;',
      'package.json': '{"name":"time","type":"module","main":"main.ts"}',
    });
    const { registry } = await bootApp({ directories: [directory] });
    expect(registry.get('time')).toMatchObject({
      error: { code: 'IMPORT_FAILED', file: path.join(directory, 'time/main.ts') },
    });
  });

  it('is loaded from its source under the condition "typescript", and from JavaScript elsewhere', async () => {
    const directory = newDirectory();
    const answer = (text: string): string =>
      `export default { name: 'two', author: 'Ada', version: '1.0.0', register: () => ({ routes: { path: '/two', handler: () => '${text}' } }) };`;
    writePlugin(directory, 'two', {
      'src/index.ts': answer('source'),
      'dist/index.js': answer('built'),
      'package.json': '{"type":"module","exports":{".":{"typescript":"./src/index.ts","default":"./dist/index.js"}}}',
    });
    expect(await (await bootApp({ directories: [directory], typescript: true })).get('/two')).toMatchObject({
      body: 'source',
    });
    vi.stubEnv('NODE_ENV', 'production');
    expect(await (await bootApp({ directories: [directory], typescript: true })).get('/two')).toMatchObject({
      body: 'built',
    });
  });

  it('tells errors by the lines of the source', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'broken', {
      'index.ts': `interface Nothing {\n  here: string;\n}\n\nthrow new Error('line five');\n`,
    });
    const { stdout } = await exec(process.execPath, [
      'dist/cli/pluginkit.js',
      'check',
      '--ts',
      '--json',
      '--dir',
      directory,
    ]).catch((error: unknown) => error as { stdout: string });
    expect(JSON.parse(stdout).problems).toMatchObject([
      { code: 'IMPORT_FAILED', line: 5, file: path.join(directory, 'broken/index.ts') },
    ]);
  });

  it('is new when it is loaded again in the running application', async () => {
    const directory = timePlugin();
    const { get, registry } = await bootApp({ directories: [directory], typescript: true });
    writePlugin(directory, 'time', { 'clock.ts': CLOCK.replace('noon', 'night') });
    await registry.upgrade('time');
    expect(await get('/time')).toMatchObject({ body: 'night' });
  });
});
