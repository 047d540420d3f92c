import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { journalIn, readQuarantine, release } from '#lib/state/quarantine.js';
import { describe, expect, it } from 'vitest';

import { bootOnce, startChild, type ChildSpec } from '../support/child-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

const OOM = 'const all = []; for (;;) all.push(new Array(1e6).fill(all.length));';

/** Two good plugins around one whose code is given, so that the good ones are in the same group of everything. */
function directoryWith(bad: string): string {
  const directory = newDirectory();
  for (const name of ['a-good', 'z-good'])
    writePlugin(directory, name, {
      'index.js': entry(
        { name },
        `{ providers: [{ provide: '${name}', useFactory: async () => { await null; return { async onModuleInit() { await null; } }; } }] }`,
        'await null;',
      ),
    });
  writePlugin(directory, 'm-bad', { 'index.js': bad });
  return directory;
}

function hook(code: string): string {
  return entry({ name: 'm-bad' }, `{ providers: [{ provide: 'X', useValue: { async onModuleInit() { ${code} } } }] }`);
}

/** Two starts in which the process dies, and a third one that serves. */
async function expectQuarantine(directory: string, spec: ChildSpec = {}, code?: number): Promise<void> {
  for (const _ of [1, 2]) {
    const { told, end } = await bootOnce(directory, spec);
    expect(told).toBeUndefined();
    if (code !== undefined) expect(end).toMatchObject({ code, signal: null });
    else expect(end.code).not.toBe(0);
  }
  const { told, end } = await bootOnce(directory, spec);
  expect(told).toMatchObject({
    up: 200,
    plugins: { 'a-good': 'enabled', 'm-bad': 'QUARANTINED', 'z-good': 'enabled' },
  });
  expect(end).toMatchObject({ code: 0 });
}

describe('row 10: a plugin in which the process dies in two starts running is left out in the third,', () => {
  it.each<[string, string, string, number?]>([
    ['on express, by exit at import', 'express', 'process.exit(3);', 3],
    [
      'on express, by abort in a provider',
      'express',
      entry({ name: 'm-bad' }, `{ providers: [{ provide: 'X', useFactory: () => process.abort() }] }`),
    ],
    ['on fastify, by exit behind an await in onModuleInit', 'fastify', hook('await null; process.exit(0);'), 0],
  ])(
    '%s',
    async (_, platform, code, exit) => {
      await expectQuarantine(directoryWith(code), { platform }, exit);
    },
    60_000,
  );

  it('by abort at import', async () => {
    await expectQuarantine(directoryWith('process.abort();'));
  });

  it('by exit in a timer that it began at import, though another is at work then', async () => {
    const directory = directoryWith(`setTimeout(() => process.exit(3), 300);\n${entry({ name: 'm-bad' })}`);
    writePlugin(directory, 'z-slow', {
      'index.js': entry({ name: 'z-slow' }, 'new Promise((resolve) => setTimeout(resolve, 1000, {}))'),
    });
    await expectQuarantine(directory, {}, 3);
  });

  it('by running out of memory in register()', async () => {
    await expectQuarantine(directoryWith(entry({ name: 'm-bad' }, `(() => { ${OOM} })()`)), {
      node: ['--max-old-space-size=60'],
    });
  });

  it.each([
    ['row 9: an endless loop at import, ended from outside', `console.error('it runs'); for (;;);`],
    [
      'row 9: Atomics.wait in register(), ended from outside',
      entry(
        { name: 'm-bad' },
        `(console.error('it runs'), Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))`,
      ),
    ],
    [
      'row 8: a top-level await that never settles, ended from outside',
      `setTimeout(() => console.error('it runs'), 400); await new Promise(() => {});`,
    ],
  ])('by %s', async (_, code) => {
    const directory = directoryWith(code);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const child = startChild(directory);
      await child.said('it runs');
      child.process.kill(signal);
      expect(await child.ended).toMatchObject({ signal });
    }
    const { told } = await bootOnce(directory);
    expect(told?.plugins).toEqual({ 'a-good': 'enabled', 'm-bad': 'QUARANTINED', 'z-good': 'enabled' });
  });

  it('fact 3: and a top-level await that never settles, that nobody ends, is caught by its time limit instead', async () => {
    const { told, end } = await bootOnce(directoryWith('await new Promise(() => {});'), { options: { timeout: 300 } });
    expect(told?.plugins).toMatchObject({ 'm-bad': 'IMPORT_TIMEOUT', 'a-good': 'enabled' });
    expect(end.code).toBe(0);
  });
});

describe('the journal of the start', () => {
  const bad = 'process.exit(3);';

  async function quarantined(): Promise<string> {
    const directory = directoryWith(bad);
    await bootOnce(directory);
    await bootOnce(directory);
    return directory;
  }

  it('leaves nothing beside the plugins after a start that went well', async () => {
    const directory = directoryWith(entry({ name: 'm-bad' }));
    await bootOnce(directory);
    expect(readdirSync(directory).toSorted()).toEqual(['a-good', 'm-bad', 'z-good']);
  });

  it('tells what the process died of, how often, and the cure', async () => {
    const { end } = await bootOnce(await quarantined(), { platform: 'express' });
    expect(end.err).toContain(
      'Plugin "m-bad": it was left out, since the process had died in it (in its import, in 2 starts running).',
    );
    expect(end.err).toContain('enable it');
  });

  it('lets a plugin out by enable(), which holds from the next start on', async () => {
    const directory = await quarantined();
    const child = startChild(directory, { platform: 'express' });
    expect((await child.told())?.plugins?.['m-bad']).toBe('QUARANTINED');
    expect(await child.ask('enable', 'm-bad')).toMatchObject({ applied: 'on-reload', state: 'enabled' });
    expect(await child.ask('enable', 'm-bad')).toMatchObject({ applied: 'unchanged' });
    await child.close();
    expect(readdirSync(directory)).not.toContain('.pluginkit-journal');
    expect((await bootOnce(directory)).end.code).toBe(3);
  });

  it('lets a plugin out without an application, by its name or its folder', async () => {
    const directory = await quarantined();
    await bootOnce(directory);
    const journal = journalIn(directory);
    expect(readQuarantine(journal).quarantined).toMatchObject([{ name: 'm-bad', deaths: 2, doing: 'import' }]);
    expect(await release(journal, 'another')).toBe(false);
    expect(await release(journal, 'M-BAD')).toBe(true);
    expect(existsSync(journal)).toBe(false);
  });

  it('tries a plugin again when its files have changed', async () => {
    const directory = await quarantined();
    await bootOnce(directory);
    writePlugin(directory, 'm-bad', { 'index.js': entry({ name: 'm-bad' }) });
    const { told } = await bootOnce(directory);
    expect(told?.plugins?.['m-bad']).toBe('enabled');
    expect(told?.notices?.join()).toContain('m-bad was quarantined. Its files have changed: it is tried again.');
    expect(existsSync(journalIn(directory))).toBe(false);
  });

  it('counts one death only of what died in a start before a change of its files', async () => {
    const directory = directoryWith(bad);
    await bootOnce(directory);
    writePlugin(directory, 'm-bad', { 'index.js': `${bad}\n` });
    await bootOnce(directory);
    expect((await bootOnce(directory)).end.code).toBe(3);
    expect((await bootOnce(directory)).told?.plugins?.['m-bad']).toBe('QUARANTINED');
  });

  it('forgets a death when a start in between went well', async () => {
    const directory = directoryWith(`if (process.env.BAD) process.exit(3);\n${entry({ name: 'm-bad' })}`);
    for (const BAD of ['1', '', '1', '']) await bootOnce(directory, { env: { BAD } });
    expect((await bootOnce(directory, { env: { BAD: '1' } })).end.code).toBe(3);
  });

  it.each(['host-exits', 'host-aborts', 'host-throws'])(
    'blames no plugin when the application ends its own start: %s',
    async (scenario) => {
      const directory = directoryWith(entry({ name: 'm-bad' }));
      for (const _ of [1, 2, 3]) expect((await bootOnce(directory, { scenario })).told).toBeUndefined();
      expect((await bootOnce(directory)).told?.plugins).toEqual({
        'a-good': 'enabled',
        'm-bad': 'enabled',
        'z-good': 'enabled',
      });
    },
  );

  it('blames no plugin when the process is stopped after its start', async () => {
    const directory = directoryWith(entry({ name: 'm-bad' }));
    for (const signal of ['SIGTERM', 'SIGKILL', 'SIGINT'] as const) {
      const child = startChild(directory);
      await child.told();
      child.process.kill(signal);
      await child.ended;
    }
    expect((await bootOnce(directory)).told?.plugins).toMatchObject({ 'm-bad': 'enabled' });
    expect(existsSync(journalIn(directory))).toBe(false);
  });

  it('finds two bad ones, one after the other, and no good one', async () => {
    const directory = directoryWith('process.abort();');
    writePlugin(directory, 'n-bad', { 'index.js': entry({ name: 'n-bad' }, 'process.abort()') });
    let starts = 0;
    for (let isUp = false; !isUp && starts < 7; starts += 1) {
      const { told } = await bootOnce(directory);
      isUp = told !== undefined;
      if (told)
        expect(told.plugins).toEqual({
          'a-good': 'enabled',
          'm-bad': 'QUARANTINED',
          'n-bad': 'QUARANTINED',
          'z-good': 'enabled',
        });
    }
    expect(starts).toBe(5);
  });

  it('fails with it who depends on it', async () => {
    const directory = await quarantined();
    writePlugin(directory, 'user', { 'index.js': entry({ name: 'user', dependsOn: { 'm-bad': '*' } }) });
    expect((await bootOnce(directory)).told?.plugins).toMatchObject({
      user: 'DEPENDENCY_FAILED',
      'm-bad': 'QUARANTINED',
    });
  });

  it('serves two workers that start side by side and die of the same plugin', async () => {
    const directory = directoryWith('process.abort();');
    const both = (): Promise<unknown[]> => Promise.all([bootOnce(directory), bootOnce(directory)]);
    await both();
    await both();
    const third = (await both()) as Awaited<ReturnType<typeof bootOnce>>[];
    for (const { told } of third)
      expect(told?.plugins).toEqual({ 'a-good': 'enabled', 'm-bad': 'QUARANTINED', 'z-good': 'enabled' });
    expect(readdirSync(directory).filter((name) => name.endsWith('.boot'))).toEqual([]);
  });

  it('is put aside, with a word, when it makes no sense', async () => {
    const directory = directoryWith(entry({ name: 'm-bad' }));
    writeFileSync(journalIn(directory), '{"suspects": 7');
    writeFileSync(`${journalIn(directory)}.x.boot`, 'no json');
    const { told } = await bootOnce(directory);
    expect(told?.plugins?.['m-bad']).toBe('enabled');
    expect(told?.notices?.join()).toContain('is no journal of plugins: it is put aside as .corrupt.');
    expect(readFileSync(`${journalIn(directory)}.corrupt`, 'utf8')).toBe('{"suspects": 7');
  });

  it('is off, and says so at debug, where nothing can be written', async () => {
    const directory = directoryWith(entry({ name: 'm-bad' }));
    const { told } = await bootOnce(directory, { options: { journal: '/proc/journal' } });
    expect(told?.plugins?.['m-bad']).toBe('enabled');
    expect(told?.notices?.filter((text) => text.includes('journal'))).toEqual([
      expect.stringMatching(/^debug The journal of the start is off: \/proc\/journal\S* cannot be written/),
    ]);
  });

  it('is off by the option, and kept where the option says', async () => {
    const directory = directoryWith('process.exit(3);');
    await bootOnce(directory, { options: { journal: false } });
    expect(readdirSync(directory)).toHaveLength(3);
    const journal = path.join(newDirectory(), 'journal');
    for (const _ of [1, 2]) await bootOnce(directory, { options: { journal } });
    expect((await bootOnce(directory, { options: { journal } })).told?.plugins?.['m-bad']).toBe('QUARANTINED');
    expect(readdirSync(directory)).toHaveLength(3);
  });
});
