import { describe, expect, it } from 'vitest';

import { bootOnce } from './support/child-app.js';
import { directoryOf, entry, newDirectory, writePlugin } from './support/plugin-folders.js';

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

      const { told, end } = await bootOnce(directory, { platform, options: { timeout: 300 } });

      expect(told?.up).toBe(200);
      expect(told?.plugins).toEqual({
        hook: 'MODULE_TIMEOUT',
        'import-never-settles': 'IMPORT_TIMEOUT',
        'provider-never-settles': 'MODULE_TIMEOUT',
        'provider-unresolved': 'MODULE_FAILED',
        'register-never-settles': 'REGISTER_TIMEOUT',
      });
      expect(end.err).not.toContain('Warning');
      expect(end.code).toBe(0);
    });

    it('ends with an error and its list, not with code 0 or 13, when it is told to throw', async () => {
      const directory = directoryOf('broken/import-never-settles', 'broken/init-rejects', 'broken/provider-unresolved');

      const { told, end } = await bootOnce(directory, { platform, options: { timeout: 300, onFailure: 'throw' } });

      expect(end.code).toBe(1);
      expect(told).toBeUndefined();
      expect(end.err).toMatch(/AggregateError: 3 of 3 plugins failed/);
      for (const name of ['import-never-settles', 'init-rejects', 'provider-unresolved'])
        expect(end.err).toContain(`"${name}"`);
    });
  },
);

it('a process without a server stays until the time limit has told what never settles', async () => {
  const directory = newDirectory();
  writePlugin(directory, 'never', { 'index.js': `await ${NEVER};` });

  const { told, end } = await bootOnce(directory, { platform: 'none', options: { timeout: 300 } });

  expect(told).toMatchObject({ plugins: { never: 'IMPORT_TIMEOUT' } });
  expect(end.code).toBe(0);
});
