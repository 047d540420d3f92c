import { describe, expect, it } from 'vitest';

import { startChild, type ChildSpec } from '../support/child-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

/** Each throws in a way of its own, some time after it was loaded. */
const LATER: Readonly<Record<string, string>> = {
  'timer-error': `setTimeout(() => { throw new Error('in a timer'); }, 20)`,
  'timer-text': `setTimeout(() => { throw 'text without a stack'; }, 20)`,
  'second-timer': `setTimeout(() => setTimeout(() => { throw 'text of the second'; }, 10), 10)`,
  'rejected-text': `setTimeout(() => void Promise.reject('rejected text'), 20)`,
  'rejected-async': `(async () => { await new Promise((r) => setTimeout(r, 20)); throw 'text behind an await'; })()`,
  listener: `setTimeout(() => process.emit('something-of-a-test'), 20); process.on('something-of-a-test', () => { throw new Error('in a listener'); })`,
};

describe('row 18: an error that a plugin throws when nobody waits for it', () => {
  it('is logged and counted under the name of the plugin, and the application serves on', async () => {
    const directory = newDirectory();
    for (const [name, code] of Object.entries(LATER))
      writePlugin(directory, name, {
        'index.js': entry(
          { name },
          `{ providers: [{ provide: 'X', useValue: { onApplicationBootstrap() { ${code}; } } }] }`,
        ),
      });
    writePlugin(directory, 'at-import', {
      'index.js': entry({ name: 'at-import' }, '{}', `setTimeout(() => { throw 'text from the import'; }, 20);`),
    });
    const child = startChild(directory, { platform: 'express' });
    await child.told();
    for (const name of [...Object.keys(LATER), 'at-import']) {
      await child.said(`${name} threw an error that nobody caught`);
      expect({ name, ...(await child.ask('errors', name))?.errors }).toMatchObject({ name, count: 1 });
    }
    expect((await child.ask('errors', 'timer-error'))?.errors?.last?.message).toBe('in a timer');
    expect((await child.close()).code).toBe(0);
  }, 60_000);

  it('is switched off, where the application wants that, when there are too many in a span of time', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'noisy', {
      'index.js': entry({ name: 'noisy' }, '{}', `setInterval(() => { throw new Error('again'); }, 5).unref();`),
    });
    const options = { live: true, onPluginError: 'disable', pluginErrorLimit: { errors: 3, per: 60_000 } };
    const child = startChild(directory, { platform: 'fastify', options });
    await child.told();
    await child.said('noisy has thrown 3 errors in 60000 ms: it is disabled.');
    expect((await child.ask('states'))?.plugins).toEqual({ noisy: 'disabled' });
    child.process.kill('SIGKILL'); // its timer goes on, to the end of the process
    const { err } = await child.ended;
    expect(err.split('noisy threw an error that nobody caught')).toHaveLength(4);
  }, 60_000);
});

describe('an error that the application throws', () => {
  const end = (spec: ChildSpec): ReturnType<typeof startChild>['ended'] => {
    const directory = newDirectory();
    writePlugin(directory, 'good', {
      'index.js': entry({ name: 'good' }, '{}', `setInterval(() => undefined, 5).unref();`),
    });
    return startChild(directory, { platform: 'express', ...spec }).ended;
  };

  it.each([
    ['throws-later', /\n\s+throw new Error\('of the application'\);\n\s+\^\n\nError: of the application\n/],
    ['rejects-later', /Error: of the application\n/],
  ])(
    'ends the process as it would without plugins: %s',
    async (scenario, text) => {
      const { code, err } = await end({ scenario });
      expect(code).toBe(1);
      expect(err).toMatch(text);
      expect(err).not.toContain('nobody caught');
    },
    60_000,
  );

  it('is left to the handlers of the application, and so are those of plugins, which are counted', async () => {
    const directory = newDirectory();
    writePlugin(directory, 'bad', {
      'index.js': entry(
        { name: 'bad' },
        '{}',
        `setTimeout(() => Promise.reject('of bad'), 400); setTimeout(() => { throw new Error('bad'); }, 800);`,
      ),
    });
    const child = startChild(directory, { platform: 'express', scenario: 'own-handlers' });
    const lines = [await child.told(), await child.told(), await child.told()];
    expect(lines).toEqual(expect.arrayContaining([{ rejected: 'of bad' }, { handled: 'bad' }]));
    expect((await child.ask('errors', 'bad'))?.errors).toMatchObject({ count: 2 });
    await child.close();
  }, 60_000);
});
