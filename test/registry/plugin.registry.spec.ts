import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { PluginError, type PluginChange, type PluginRegistry } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp } from '../support/boot-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

/** comments <- stats <- charts; draft is switched off by its marker, later by its metadata. */
async function board(live = true): Promise<{
  registry: PluginRegistry;
  directory: string;
  marks: (name: string) => string[];
  log: readonly string[];
}> {
  const directory = newDirectory();
  writePlugin(directory, 'comments-folder', {
    'package.json': '{"name":"comments","type":"module"}',
    'index.js': entry({ name: 'Comments' }, `{ extensions: { menu: ['c1', 'c2'] } }`),
  });
  writePlugin(directory, 'stats', {
    'index.js': entry({ name: 'stats', dependsOn: { comments: '^1.0.0' } }, `{ extensions: { menu: 's1' } }`),
  });
  writePlugin(directory, 'charts', {
    'index.js': entry({ name: 'charts', dependsOn: { stats: '*' } }, `{ extensions: { menu: ['first by name'] } }`),
  });
  writePlugin(directory, 'draft', {
    'index.js': `throw new Error('must not be imported');`,
    'package.json': '{"name":"@x/the-draft","version":"0.1.0","description":"later"}',
    DISABLED: '',
  });
  writePlugin(directory, 'later', {
    'index.js': entry({ name: 'later', state: 'disabled' }, `(() => { throw new Error('must not be registered'); })()`),
  });
  writePlugin(directory, 'bad', { 'index.js': `throw new Error('bad');` });
  const { registry, log } = await bootApp({ directories: [directory], live });
  const marks = (name: string): string[] =>
    readdirSync(path.join(directory, name)).filter((each) => /^[A-Z]+$/.test(each));
  return { registry, directory, marks, log };
}

describe('looking things up', () => {
  it('tells all plugins in load order, with what is known of each', async () => {
    const { registry, directory } = await board();

    expect(registry.all().map(({ name, state, version }) => [name, state, version])).toEqual([
      ['bad', 'failed', undefined],
      ['Comments', 'enabled', '1.0.0'],
      ['stats', 'enabled', '1.0.0'],
      ['charts', 'enabled', '1.0.0'],
      ['later', 'disabled', '1.0.0'],
      ['the-draft', 'disabled', '0.1.0'],
    ]);
    expect(registry.enabled().map(({ name }) => name)).toEqual(['Comments', 'stats', 'charts']);
    expect(registry.get('the-draft')).toMatchObject({
      origin: 'folder',
      folder: path.join(directory, 'draft'),
      metadata: { description: 'later' },
    });
    expect(() => (registry.all() as unknown[]).push('x')).not.toThrow();
    expect(registry.get('stats')).toSatisfy(Object.isFrozen);
  });

  it('finds by name without regard to case, else by folder, and throws NOT_FOUND otherwise', async () => {
    const { registry } = await board();

    expect(registry.get('COMMENTS').name).toBe('Comments');
    expect(registry.get('comments-folder').name).toBe('Comments');
    expect([registry.has('stats'), registry.has('draft'), registry.has('__proto__'), registry.has('')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(() => registry.get('nobody')).toThrow(PluginError);
    expect(() => registry.get('nobody')).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', plugin: 'nobody', hint: expect.any(String) }),
    );
  });

  it('gives extensions of enabled plugins in load order', async () => {
    const { registry } = await board();

    expect(registry.extensions<string>('menu')).toEqual(['c1', 'c2', 's1', 'first by name']);
    expect(registry.extensions('nothing')).toEqual([]);
  });
});

describe('switching', () => {
  it('writes the marker and holds at once; a plugin that does not start stays what it was', async () => {
    const { registry, marks } = await board();
    const changes: PluginChange[] = [];
    registry.changes$.subscribe((change) => changes.push(change));

    expect(await registry.disable('charts')).toEqual({
      plugin: 'charts',
      state: 'disabled',
      applied: 'live',
      affected: [],
    });
    expect(marks('charts')).toEqual(['DISABLED']);
    expect(registry.get('charts').state).toBe('disabled');
    expect(registry.extensions('menu')).not.toContain('first by name');
    expect(await registry.disable('charts')).toEqual({
      plugin: 'charts',
      state: 'disabled',
      applied: 'unchanged',
      affected: [],
    });
    expect(await registry.enable('charts')).toMatchObject({ state: 'enabled', applied: 'live' });
    expect(marks('charts')).toEqual(['ENABLED']);
    expect(registry.get('charts').state).toBe('enabled');
    await expect(registry.enable('later')).rejects.toMatchObject({ code: 'REGISTER_FAILED' });
    expect([registry.get('later').state, marks('later')]).toEqual(['disabled', []]);
    await expect(registry.enable('bad')).rejects.toMatchObject({ code: 'IMPORT_FAILED' });
    expect([registry.get('bad').state, marks('bad')]).toEqual(['failed', []]);
    expect(await registry.disable('bad')).toMatchObject({ state: 'disabled', applied: 'live' });
    await expect(registry.enable('bad')).rejects.toMatchObject({ code: 'IMPORT_FAILED' });
    expect(registry.get('bad').state).toBe('disabled');
    expect(changes).toEqual([
      { plugin: 'charts', from: 'enabled', to: 'disabled', at: expect.any(Date) },
      { plugin: 'charts', from: 'disabled', to: 'enabled', at: expect.any(Date) },
      { plugin: 'bad', from: 'failed', to: 'disabled', at: expect.any(Date) },
    ]);
  });

  it('without the option live, holds from the next start on', async () => {
    const { registry, marks } = await board(false);

    expect(await registry.disable('charts')).toEqual({
      plugin: 'charts',
      state: 'disabled',
      applied: 'on-reload',
      affected: [],
      reason: expect.stringContaining('"live"'),
    });
    expect(marks('charts')).toEqual(['DISABLED']);
    expect(registry.get('charts').state).toBe('enabled');
    expect(await registry.disable('charts')).toMatchObject({ applied: 'unchanged' });
    expect(await registry.enable('charts')).toMatchObject({ applied: 'on-reload' });
    expect(marks('charts')).toEqual(['ENABLED']);
  });

  it('tells beforehand what it would do, and does nothing', async () => {
    const { registry, marks } = await board();

    expect(registry.preview('disable', 'comments')).toEqual({
      plugin: 'Comments',
      state: 'disabled',
      applied: 'live',
      affected: ['charts', 'stats'],
      refusedWithoutCascade: 'HAS_DEPENDENTS',
    });
    expect(registry.preview('disable', 'charts')).toEqual({
      plugin: 'charts',
      state: 'disabled',
      applied: 'live',
      affected: [],
    });
    expect(registry.preview('enable', 'charts')).toMatchObject({ applied: 'unchanged' });
    expect(registry.preview('enable', 'later')).toMatchObject({ applied: 'live' });
    expect(() => registry.preview('enable', 'nobody')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    for (const folder of ['comments-folder', 'stats', 'charts', 'later']) expect(marks(folder)).toEqual([]);
    expect(registry.enabled()).toHaveLength(3);
  });

  it('refuses to disable what others depend on, or takes them along, dependents first', async () => {
    const { registry, marks } = await board();

    await expect(registry.disable('comments')).rejects.toMatchObject({
      code: 'HAS_DEPENDENTS',
      plugin: 'Comments',
      message: expect.stringMatching(/charts, stats/),
      hint: expect.stringContaining('cascade'),
    });
    expect(marks('comments-folder')).toEqual([]);

    expect(await registry.disable('comments', { cascade: true })).toEqual({
      plugin: 'Comments',
      state: 'disabled',
      applied: 'live',
      affected: ['charts', 'stats'],
    });
    for (const folder of ['comments-folder', 'stats', 'charts']) expect(marks(folder)).toEqual(['DISABLED']);
  });

  it('refuses to enable what needs a disabled plugin, or takes that along, dependencies first', async () => {
    const { registry, marks } = await board();
    await registry.disable('comments', { cascade: true });

    await expect(registry.enable('charts')).rejects.toMatchObject({
      code: 'DEPENDENCY_DISABLED',
      plugin: 'charts',
      message: expect.stringMatching(/Comments, stats/),
    });
    expect(await registry.enable('charts', { cascade: true })).toMatchObject({ affected: ['Comments', 'stats'] });
    for (const folder of ['comments-folder', 'stats', 'charts']) expect(marks(folder)).toEqual(['ENABLED']);
  });

  it('of a plugin that failed because another is off takes that along', async () => {
    const { directory } = await board();
    writeFileSync(path.join(directory, 'comments-folder/DISABLED'), '');
    const { registry } = await bootApp({ directories: [directory] });
    expect(registry.get('stats')).toMatchObject({ state: 'failed', error: { code: 'DEPENDENCY_DISABLED' } });

    await expect(registry.enable('stats')).rejects.toMatchObject({ code: 'DEPENDENCY_DISABLED' });
    expect(await registry.enable('stats', { cascade: true })).toEqual({
      plugin: 'stats',
      state: 'enabled',
      applied: 'live',
      affected: ['comments'],
    });
    expect(registry.get('Comments').state).toBe('enabled');
    expect(registry.enabled().map(({ name }) => name)).toEqual(['Comments', 'stats']);
  });

  it('happens one after the other: the last one acknowledged is the state', async () => {
    const { registry, marks } = await board();

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? registry.enable('charts') : registry.disable('charts'))),
    );

    expect(answers.map(({ applied }) => applied)).toEqual(Array(20).fill('live'));
    expect(marks('charts')).toEqual(['ENABLED']);
  });

  it('makes live what another process wrote', async () => {
    const { registry, directory } = await board();
    writeFileSync(path.join(directory, 'charts/DISABLED'), '');
    expect(await registry.disable('charts')).toMatchObject({ applied: 'live' });
    expect(await registry.disable('charts')).toMatchObject({ applied: 'unchanged' });
  });

  it('that cannot be written changes nothing, neither there nor in those taken along', async () => {
    const { registry, directory, marks } = await board();
    await registry.disable('comments', { cascade: true });
    // A marker that cannot be removed: a folder with something in it.
    mkdirSync(path.join(directory, 'later/DISABLED/full'), { recursive: true });
    await expect(registry.enable('later')).rejects.toMatchObject({
      code: 'STATE_WRITE_FAILED',
      plugin: 'later',
      file: path.join(directory, 'later'),
      hint: expect.any(String),
    });
    expect(marks('later')).toEqual(['DISABLED']);

    mkdirSync(path.join(directory, 'charts/DISABLED-'), { recursive: true });
    writeFileSync(path.join(directory, 'charts/.pluginkit.lock'), 'another-machine:1:1');
    await expect(registry.enable('charts', { cascade: true })).rejects.toMatchObject({
      code: 'STATE_WRITE_FAILED',
      plugin: 'charts',
      message: expect.stringContaining('.pluginkit.lock'),
    });
    expect([marks('comments-folder'), marks('stats')]).toEqual([['DISABLED'], ['DISABLED']]);
  }, 20_000);

  it('of an inline plugin, which has no file to be kept in, holds for this process', async () => {
    const inline = { author: 'Ada', version: '1.0.0', register: () => ({}) };
    const { registry } = await bootApp({
      live: true,
      directories: [],
      plugins: [
        { ...inline, name: 'on' },
        { ...inline, name: 'off', state: 'disabled' },
      ],
    });

    expect(await registry.disable('on')).toMatchObject({ applied: 'live' });
    expect(await registry.enable('on')).toMatchObject({ applied: 'live' });
    expect(await registry.enable('off')).toMatchObject({ applied: 'live' });
    const waiting = await bootApp({
      live: false,
      directories: [],
      plugins: [{ ...inline, name: 'off', state: 'disabled' }],
    });
    await expect(waiting.registry.enable('off')).rejects.toMatchObject({
      code: 'STATE_WRITE_FAILED',
      hint: expect.stringContaining('state'),
    });
  });

  it('holds in the next start', async () => {
    const { registry, directory } = await board();
    await registry.disable('charts');
    writeFileSync(path.join(directory, 'later/ENABLED'), '');

    const next = await bootApp({ directories: [directory] });

    expect(next.registry.get('charts').state).toBe('disabled');
    expect(next.registry.get('later').state).toBe('failed'); // its register() throws: now it was called
  });
});

describe('the report of the boot', () => {
  it('tells each plugin, the counts and the milliseconds of every step as plain data', async () => {
    const { registry } = await board();
    const report = registry.report();

    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      enabled: 3,
      disabled: 2,
      failed: 1,
      milliseconds: {
        scan: expect.any(Number),
        import: expect.any(Number),
        register: expect.any(Number),
        start: expect.any(Number),
        total: expect.any(Number),
      },
    });
    const { scan, import: imported, register, start, total } = report.milliseconds;
    expect(Math.min(scan, imported, register, start)).toBeGreaterThan(0);
    expect(total).toBeCloseTo(scan + imported + register + start);
    expect(report.plugins.find(({ name }) => name === 'stats')).toMatchObject({
      state: 'enabled',
      contributions: { extensions: 1 },
      milliseconds: { import: expect.any(Number), register: expect.any(Number), start: expect.any(Number) },
    });
    expect(report.plugins.find(({ name }) => name === 'bad')).toMatchObject({
      state: 'failed',
      error: {
        code: 'IMPORT_FAILED',
        message: expect.any(String),
        hint: expect.any(String),
        file: expect.stringContaining('bad'),
      },
    });
  });

  it('is logged: a line for each plugin, then one for all, without control characters from plugins', async () => {
    const { log } = await board();
    const lines = log.filter((line) => !line.startsWith('debug'));

    expect(lines).toHaveLength(7);
    expect(lines[0]).toMatch(/^error bad failed: IMPORT_FAILED: .*bad/);
    expect(lines[2]).toMatch(/^log stats 1\.0\.0 enabled \(1 extension\) \d+(\.\d)? ms$/);
    expect(lines[5]).toBe('log the-draft 0.1.0 disabled');
    expect(lines[6]).toMatch(
      /^log 3 enabled, 2 disabled, 1 failed in .* \(scan .*, import .*, register .*, start .*\)$/,
    );

    const directory = newDirectory();
    writePlugin(directory, 'loud', {
      'index.js': `throw new Error('a\\nb \\u001b[31mred\\u001b[0m \\u202eevil ' + 'x'.repeat(100000));`,
    });
    writePlugin(directory, 'na\u001b[31mme\nx', { 'index.js': `throw 1;` });
    const loud = await bootApp({ directories: [directory] });
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    for (const line of loud.log) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(Math.max(...loud.log.map(({ length }) => length))).toBeLessThan(10_000);
  });
});
