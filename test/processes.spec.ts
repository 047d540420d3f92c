import { spawn } from 'node:child_process';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { directoryOf, entry, newDirectory, writePlugin } from './support/plugin-folders.js';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs test/support/plain-host.ts, an application that knows nothing of tests, in a process of its own. */
function run(directory: string, env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'support/plain-host.js'), directory], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

const NEVER = 'new Promise(() => {})';

describe.each(['express', 'fastify'])(
  'a plain NestFactory.create(AppModule) on %s, in a process of its own,',
  (platform) => {
    it('serves, and neither hangs nor leaves in silence, when plugins never settle', async () => {
      const directory = directoryOf(
        'broken/import-never-settles',
        'broken/register-never-settles',
        'broken/provider-never-settles',
        'broken/provider-unresolved',
      );
      writePlugin(directory, 'hook', {
        'index.js': entry(
          { name: 'hook' },
          `{ providers: [{ provide: 'X', useValue: { onApplicationBootstrap: () => ${NEVER} } }] }`,
        ),
      });

      const { code, out, err } = await run(directory, { PLATFORM: platform });

      expect(err).toBe('');
      expect(JSON.parse(out)).toEqual({
        status: 200,
        plugins: {
          hook: 'MODULE_TIMEOUT',
          'import-never-settles': 'IMPORT_TIMEOUT',
          'provider-never-settles': 'MODULE_TIMEOUT',
          'provider-unresolved': 'MODULE_FAILED',
          'register-never-settles': 'REGISTER_TIMEOUT',
        },
      });
      expect(code).toBe(0);
    });

    it('ends with an error and its list, not with code 0 or 13, when it is told to throw', async () => {
      const directory = directoryOf('broken/import-never-settles', 'broken/init-rejects', 'broken/provider-unresolved');

      const { code, out, err } = await run(directory, { PLATFORM: platform, ON_FAILURE: 'throw' });

      expect(code).toBe(1);
      expect(out).toBe('');
      expect(err).toMatch(/AggregateError: 3 of 3 plugins failed/);
      for (const name of ['import-never-settles', 'init-rejects', 'provider-unresolved'])
        expect(err).toContain(`"${name}"`);
    });
  },
);

it('a process without a server stays until the time limit has told what never settles', async () => {
  const directory = newDirectory();
  writePlugin(directory, 'never', { 'index.js': `await ${NEVER};` });

  const { code, out } = await run(directory, { PLATFORM: 'none' });

  expect(JSON.parse(out)).toMatchObject({ plugins: { never: 'IMPORT_TIMEOUT' } });
  expect(code).toBe(0);
});
