import { cpSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { ReloadService, type ReloadStatus, type ReloadTicket } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { bootApp, PLATFORMS } from '../support/boot-app.js';
import { keepAsking } from '../support/keep-asking.js';
import { directoryOf, entry, fixture, newDirectory, writePlugin } from '../support/plugin-folders.js';
import { isAlive, Served } from '../support/serve.js';

const HOST = path.resolve('test/dist/support/served-host.js');
const LIMIT = 120_000;
const HELLO = entry({ name: 'hello' }, `{ routes: { path: '/hello', handler: () => 'hello' } }`);

/** Plugins that throw, that Nest cannot make, and that never end. */
const BROKEN = ['import-throws', 'provider-unresolved', 'register-never-settles'];

describe.each(PLATFORMS)('an application on %s under pluginkit serve', (platform) => {
  it(
    'rows 65, 66 and 69: reloads when it is asked to, loses no request, and keeps its old worker when a plugin is broken',
    async () => {
      const directory = newDirectory();
      writePlugin(directory, 'hello', { 'index.js': HELLO });
      const served = await Served.start({ entry: HOST, env: { PLUGINS: directory, PLATFORM: platform } });
      await served.until(/is ready/);
      const [first] = served.workers();
      const asking = keepAsking(`${served.url}/hello`, 2);

      expect(await served.json<ReloadStatus>('/status')).toEqual({
        isPossible: true,
        way: 'supervisor',
        generation: 1,
      });
      const slow = served.text('/slow?ms=3000');
      const ticket = await served.json<ReloadTicket>('/reload', { method: 'POST' });
      expect(ticket).toMatchObject({ generation: 2, phase: 'queued' });
      await served.until(/generation 2: done/);
      expect(await slow).toBe(`slow ${first}`);
      expect(await served.json('/status')).toMatchObject({ generation: 2, last: { id: ticket.id, phase: 'done' } });

      const [running] = served.workers();
      for (const name of BROKEN) cpSync(fixture(`broken/${name}`), path.join(directory, name), { recursive: true });
      served.signal('SIGHUP');
      await served.until(/RELOAD_ABORTED: Plugin "import-throws"/);
      const { last } = await served.json<ReloadStatus>('/status');
      expect(last).toMatchObject({ phase: 'aborted', error: { code: 'RELOAD_ABORTED', plugin: 'import-throws' } });
      expect(last?.error?.message).toMatch(/IMPORT_FAILED.*provider-unresolved.*register-never-settles/);
      for (const name of BROKEN) rmSync(path.join(directory, name), { recursive: true });

      writePlugin(directory, 'leaves', { 'index.js': 'process.exit(0);' });
      served.signal('SIGHUP');
      await served.until(/RELOAD_ABORTED: Plugin "leaves"/);
      await expect.poll(() => served.workers()).toEqual([running]);
      expect((await served.json<ReloadTicket[]>('/tickets')).map(({ phase }) => phase)).toContain('aborted');

      const { answered, failed } = await asking.stop();
      expect(failed).toEqual([]);
      expect(answered).toBeGreaterThan(50);
      expect(await served.stop()).toBe(0);
      expect(served.out).toContain(`${running} shut down by SIGTERM`);
    },
    LIMIT,
  );

  it(
    'row 67: lets a new worker take over only when its health says so, and hands no request to it before',
    async () => {
      const directory = newDirectory();
      const health = path.join(directory, 'health');
      writeFileSync(health, 'well');
      const served = await Served.start({
        entry: HOST,
        args: ['--ready-timeout', '15s', '--drain-timeout', '2s', '--no-preflight'],
        env: { PLUGINS: directory, PLATFORM: platform, HEALTH: health },
      });
      await served.until(/is ready/);
      const old = await served.text('/');
      const asking = keepAsking(served.url, 2);

      writeFileSync(health, 'because the cache is cold');
      served.signal('SIGHUP');
      await served.until(/waits until it is healthy: the cache is cold/);
      for (let time = 0; time < 40; time += 1) expect(await served.text('/')).toBe(old);
      writeFileSync(health, 'ill');
      await served.until(/waits until it is healthy: it says false/);
      expect(await served.text('/')).toBe(old);
      writeFileSync(health, 'well');
      await served.until(/generation 2: done/);
      const next = await served.text('/');
      expect(next).not.toBe(old);

      writeFileSync(health, 'because the database\nis away');
      served.signal('SIGHUP');
      await served.until(/RELOAD_ABORTED: .*was not ready within 15000 ms.*told last: the database is away/);
      expect(await served.text('/')).toBe(next);
      const { last } = await served.json<ReloadStatus>('/status');
      expect(last).toMatchObject({
        phase: 'aborted',
        error: { hint: expect.stringContaining('reload.health') as string },
      });
      expect((await asking.stop()).failed).toEqual([]);
      expect(await served.stop()).toBe(0);
    },
    LIMIT,
  );
});

it(
  'serves an application whose entry is CommonJS, and is still the main module',
  async () => {
    const directory = newDirectory();
    writePlugin(directory, 'hello', { 'index.js': HELLO });
    const served = await Served.start({ entry: fixture('hosts/main.cjs'), env: { PLUGINS: directory } });
    await served.until(/is ready/);

    expect(await served.text('/hello')).toBe('hello');
    served.signal('SIGHUP');
    await served.until(/: done/);
    expect(await served.text('/hello')).toBe('hello');
    expect(await served.stop()).toBe(0);
    expect(served.err).toBe('');
  },
  LIMIT,
);

it(
  'starts with a plugin that fails, as it does without a supervisor, and reloads as long as no other one fails',
  async () => {
    const directory = directoryOf('broken/init-rejects');
    const served = await Served.start({ entry: HOST, env: { PLUGINS: directory } });
    await served.until(/is ready/);

    served.signal('SIGHUP');
    await served.until(/generation 2: done/);

    expect(await served.json('/status')).toMatchObject({ generation: 2 });
    expect(await served.stop()).toBe(0);
  },
  LIMIT,
);

describe('without pluginkit serve', () => {
  const parent = fixture('hosts/signal-parent.mjs');

  it(
    'row 63: the parent of the right name is sent SIGHUP after the answer, and one of another name is not',
    async () => {
      for (const [title, isRight] of [
        ['reloader: the one', true],
        ['reloader: another', false],
      ] as const) {
        const served = await Served.run([process.execPath, parent, title, HOST], {
          PLUGINS: newDirectory(),
          PARENT_NAME: 'reloader: the one',
        });
        await served.until(/listens/);
        const status = await served.json<ReloadStatus>('/status');
        const answer = await served.json<Record<string, unknown>>('/reload', { method: 'POST' });

        if (isRight) {
          expect(status).toEqual({ isPossible: true, way: 'signal' });
          expect(answer).toMatchObject({ phase: 'queued', generation: 0 });
          await served.until(/hung up/);
          const phases = (await served.json<ReloadTicket[]>('/tickets')).map(({ phase }) => phase);
          expect(phases).toEqual(['queued', 'signalled']);
        } else {
          expect(status).toMatchObject({ isPossible: false, way: 'none' });
          expect(answer).toMatchObject({
            code: 'RELOAD_REFUSED',
            message: expect.stringContaining('is called "reloader: another", not "reloader: the one"'),
          });
        }
        expect(isAlive(served.pid)).toBe(true);
        await served.stop();
        expect(served.out.includes('hung up')).toBe(isRight);
      }
    },
    LIMIT,
  );

  it('a reload is refused with the reason and what to do', async () => {
    const { app } = await bootApp({ directories: [] });
    const reloads = app.get(ReloadService);

    expect(reloads.status()).toMatchObject({ isPossible: false, way: 'none', reason: expect.any(String) });
    await expect(reloads.reload()).rejects.toMatchObject({
      code: 'RELOAD_REFUSED',
      message: expect.stringMatching(/^The application cannot be reloaded \(/),
      hint: expect.stringContaining('pluginkit serve'),
    });
  });

  it.each([{ parentName: '' }, { parentName: 3 }, { health: true }, { parent: 'x' }, 'x'])(
    'the option reload is refused when it is %j',
    async (reload) => {
      await expect(
        bootApp({ directories: [], reload: reload as never }, { nest: { abortOnError: false, logger: false } }),
      ).rejects.toThrow('the option "reload" must be');
    },
  );
});
