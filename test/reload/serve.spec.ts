import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { ReloadTicket } from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { leaveProcessOne, underShell } from '#lib/supervisor/shell-init.js';

import { keepAsking } from '../support/keep-asking.js';
import { fixture, newDirectory } from '../support/plugin-folders.js';
import { childrenOf, isAlive, Served } from '../support/serve.js';

// Workers without Nest, which are ready in a moment: what the supervisor does does not depend on the application.
const TIMES = ['--ready-timeout', '30s', '--drain-timeout', '1500', '--close-timeout', '400', '--no-preflight'];
const LIMIT = 60_000;

interface Home {
  readonly served: Served;
  readonly directory: string;
  /** What workers do that start from now on. */
  behave(behaviour: object): void;
}

async function start(
  args: readonly string[] = [],
  behaviour: object = {},
  under: readonly string[] = [],
): Promise<Home> {
  const directory = newDirectory();
  const file = path.join(directory, 'behaviour.json');
  const behave = (value: object): void => writeFileSync(file, JSON.stringify(value));
  behave(behaviour);
  const served = await Served.start({
    entry: fixture('hosts/light.mjs'),
    args: [...TIMES, ...args],
    env: { BEHAVIOUR: file, WATCHED: path.join(directory, 'plugins') },
    under,
  });
  return { served, directory, behave };
}

const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
const WITHOUT_EXECVE = '--import=data:text/javascript,delete(process.execve)';
const SHELL = ['/bin/sh', ...underShell([]).slice(1)];
const canUnshare = spawnSync('unshare', [...CONTAINER.slice(1), 'true']).status === 0;

const READY = /is ready/;
const DONE = /: done/;

describe('pluginkit serve', () => {
  it(
    'row 65: of a thousand requests to reload one runs and one waits, and there are never more than two generations',
    async () => {
      const { served } = await start(['-w', '2', '-n', 'many']);
      await served.until(READY, 2);
      const asking = keepAsking(served.url, 8);
      const most = { workers: 0 };
      const counting = setInterval(() => (most.workers = Math.max(most.workers, served.workers().length)), 20);

      const first = await served.json<ReloadTicket>('/reload');
      const answers = await Promise.all(Array.from({ length: 100 }, () => served.json<ReloadTicket>('/reload')));
      for (let number = 0; number < 900; number += 1) served.signal('SIGHUP');
      await served.until(/generation 3: done/);

      clearInterval(counting);
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      expect(answers[0]).toMatchObject({ generation: 3, phase: 'queued' });
      expect(first).toMatchObject({ generation: 2 });
      expect(most.workers).toBeLessThanOrEqual(4);
      expect(await served.json('/')).toMatchObject({ generation: 3, title: 'pluginkit: worker [many]' });
      const { answered, failed } = await asking.stop();
      expect(failed).toEqual([]);
      expect(answered).toBeGreaterThan(100);
      expect(await served.stop()).toBe(0);
      expect(served.err).toBe('');
    },
    LIMIT,
  );

  it(
    'rows 66 and 67: a new worker that fails, exits or is never ready aborts the reload, and the old ones go on',
    async () => {
      const { served, behave } = await start(['-w', '2', '--ready-timeout', '6s']);
      await served.until(READY, 2);
      const old = served.workers();
      const asking = keepAsking(served.url, 2);
      const failing = {
        plugin: 'bad',
        code: 'MODULE_FAILED',
        message: 'Plugin "bad": its module did not start.',
        hint: 'Mend it.',
      };

      behave({ failed: [failing] });
      served.signal('SIGHUP');
      await served.until(/RELOAD_ABORTED: Plugin "bad"/);
      behave({ exit: 0 });
      served.signal('SIGHUP');
      await served.until(/RELOAD_ABORTED: .*process\.exit\(0\)/);
      behave({ block: true });
      served.signal('SIGHUP');
      await served.until(/RELOAD_ABORTED: .*not ready within 6000 ms/);
      const tickets = await served.json<ReloadTicket[]>('/tickets');

      expect(tickets.filter(({ phase }) => phase === 'aborted').map(({ error }) => error)).toEqual([
        {
          code: 'RELOAD_ABORTED',
          plugin: 'bad',
          message: expect.stringContaining('MODULE_FAILED: Plugin "bad": its module did not start'),
          hint: 'Mend it.',
        },
        expect.objectContaining({
          code: 'RELOAD_ABORTED',
          message: expect.stringContaining('it called process.exit(0)'),
        }),
        expect.objectContaining({
          code: 'RELOAD_ABORTED',
          message: expect.stringContaining('not ready within 6000 ms'),
        }),
      ]);
      await expect.poll(() => served.workers()).toEqual(old);
      expect(await served.json('/')).toMatchObject({ generation: 1 });
      const { answered, failed } = await asking.stop();
      expect(failed).toEqual([]);
      expect(answered).toBeGreaterThan(100);

      behave({});
      served.signal('SIGHUP');
      await served.until(/generation 5: done/);
      expect(served.workers().filter((pid) => old.includes(pid))).toEqual([]);
      expect(await served.stop()).toBe(0);
    },
    LIMIT,
  );

  it(
    'row 66: when the last new worker fails, none of the old ones is missing',
    async () => {
      const { served, behave } = await start(['-w', '2']);
      await served.until(READY, 2);
      const old = served.workers();

      served.signal('SIGHUP');
      await served.until(/\(1 of 2 ready\)/);
      const next = served.workers().find((pid) => !old.includes(pid));
      process.kill(next ?? served.pid, 'SIGKILL');
      await served.until(/RELOAD_ABORTED/);
      behave({});

      expect(old.every(isAlive)).toBe(true);
      expect(await served.json('/')).toMatchObject({ generation: 1 });
      expect(await served.stop()).toBe(0);
    },
    LIMIT,
  );

  it(
    'row 68: an old worker that never drains is killed at its time limit, and that is logged',
    async () => {
      const { served, behave } = await start([], { deaf: true });
      await served.until(READY);
      const [old = 0] = served.workers();
      void served.text('/block').catch(() => undefined);
      behave({});

      served.signal('SIGHUP');
      await served.until(new RegExp(`worker ${old} did not leave within 1900 ms, and was killed`));
      await served.until(DONE);

      expect(await served.json('/')).toMatchObject({ generation: 2 });
      expect(await served.stop()).toBe(0);
    },
    LIMIT,
  );

  it(
    'row 71: a worker that dies is replaced after 1, then 2 s; with the third death a fresh generation is given up, with status 3',
    async () => {
      const { served } = await start([], { dieAfterReady: true });

      expect(await served.exited).toEqual({ code: 3, signal: null });
      expect([...served.all.matchAll(/started in (\d+) s/g)].map(([, seconds]) => seconds)).toEqual(['1', '2']);
      expect(served.err).toContain('generation 1 is given up: three workers died within five minutes');
    },
    LIMIT,
  );

  it(
    'row 71: an application that never starts ends the command with status 3, and never with 0',
    async () => {
      const { served } = await start([], { exit: 0 });

      expect(await served.exited).toEqual({ code: 3, signal: null });
      expect(served.err).toMatch(/a worker ended before it was ready: it called process\.exit\(0\)/);
    },
    LIMIT,
  );

  it(
    'row 73: SIGHUP to a worker does nothing, and to the group it reloads',
    async () => {
      const { served } = await start();
      await served.until(READY);
      const [worker = 0] = served.workers();
      process.kill(worker, 'SIGHUP');
      process.kill(worker, 'SIGUSR2');
      expect(await served.json('/')).toMatchObject({ pid: worker });

      process.kill(-served.pid, 'SIGHUP');
      await served.until(/generation 2: done/);
      process.kill(-served.pid, 'SIGUSR2');
      await served.until(/generation 3: done/);

      expect(served.err).toBe('');
      process.kill(-served.pid, 'SIGINT'); // as a terminal sends it
      expect(await served.exited).toEqual({ code: 0, signal: null });
    },
    LIMIT,
  );

  it(
    'rows 75 and 69: when the primary dies, workers finish what is under way, leave, and free the port',
    async () => {
      const { served } = await start(['-w', '2']);
      await served.until(READY, 2);
      const workers = served.workers();
      const slow = served.text('/slow?ms=400');
      await served.text('/');

      served.signal('SIGKILL');

      expect(await slow).toBe('"slow"');
      await expect.poll(() => workers.filter(isAlive), { timeout: 5000 }).toEqual([]);
      await expect(served.text('/')).rejects.toThrow('fetch failed');
    },
    LIMIT,
  );

  it(
    'drains on SIGTERM and ends with 0; a second signal ends it at once, with 128 and its number',
    async () => {
      const first = await start();
      const second = await start();
      await first.served.until(READY);
      await second.served.until(READY);
      const slow = first.served.text('/slow?ms=300');
      const slower = second.served.text('/slow?ms=20000').catch(String);
      await Promise.all([first.served.text('/'), second.served.text('/')]);

      first.served.signal('SIGTERM');
      expect(await slow).toBe('"slow"');
      expect(await first.served.exited).toEqual({ code: 0, signal: null });

      const begun = performance.now();
      second.served.signal('SIGINT');
      await second.served.until(/stopping/);
      second.served.signal('SIGINT');
      expect(await second.served.exited).toEqual({ code: 130, signal: null });
      expect(performance.now() - begun).toBeLessThan(1400);
      expect(await slower).toContain('fetch failed');
    },
    LIMIT,
  );

  it(
    'replaces a worker that is asked to leave, without counting it as dead',
    async () => {
      const { served } = await start();
      await served.until(READY);
      const [worker = 0] = served.workers();

      process.kill(worker, 'SIGTERM');
      await served.until(READY);

      expect(served.workers()).not.toContain(worker);
      expect(served.err).toBe('');
      expect(await served.stop()).toBe(0);
    },
    LIMIT,
  );

  it(
    'reloads with --watch when files of plugins change, and hands arguments on',
    async () => {
      const { served, directory } = await start(['--watch', '--', '--port', '1']);
      mkdirSync(path.join(directory, 'plugins'));
      await served.until(READY);
      expect(await served.json('/')).toMatchObject({ argv: ['--port', '1'] });

      mkdirSync(path.join(directory, 'plugins', 'new'));
      writeFileSync(path.join(directory, 'plugins', 'new', 'index.js'), 'export {}');
      await served.until(/has changed/);
      await served.until(DONE);

      expect(await served.json('/')).toMatchObject({ generation: 2 });
    },
    LIMIT,
  );

  it(
    'writes its pid file, refuses one of a living process, takes over a stale one, and removes it',
    async () => {
      const file = path.join(newDirectory(), 'serve.pid');
      writeFileSync(file, '999999\n');
      const first = await start(['--pid-file', file]);
      await first.served.until(READY);
      expect(readFileSync(file, 'utf8')).toBe(`${first.served.pid}\n`);

      const second = await start(['--pid-file', file]);
      expect(await second.served.exited).toEqual({ code: 1, signal: null });
      expect(second.served.err).toContain(`process ${first.served.pid} has the pid file`);

      expect(await first.served.stop()).toBe(0);
      expect(existsSync(file)).toBe(false);
    },
    LIMIT,
  );

  it(
    'tells what is wrong with its arguments, and ends with 1',
    async () => {
      const missing = await Served.start({ entry: 'nowhere.js' });
      expect(await missing.exited).toEqual({ code: 1, signal: null });
      expect(missing.err).toMatch(/^error: there is no file .*nowhere\.js\n$/);

      const wrong = await Served.start({ entry: fixture('hosts/light.mjs'), args: ['--workers', '0'] });
      expect(await wrong.exited).toEqual({ code: 1, signal: null });
      expect(wrong.err).toContain('whole number from 1 to 1024');
    },
    LIMIT,
  );

  it(
    'says that it cannot watch the files of plugins, and serves',
    async () => {
      const served = await Served.start({
        entry: fixture('hosts/light.mjs'),
        args: [...TIMES, '--watch'],
        env: { WATCHED: path.join(newDirectory(), 'x'.repeat(300)) },
      });
      await served.until(READY);
      await expect.poll(() => served.all).toMatch(/WARN not all files are watched: .*ENAMETOOLONG/);
      expect(await served.json('/')).toMatchObject({ generation: 1 });
      served.signal('SIGHUP');
      await served.until(DONE);
      expect(await served.stop()).toBe(0);
    },
    LIMIT,
  );

  it(
    'tells systemd that it is ready, reloads and stops',
    async () => {
      const tools = newDirectory();
      const told = path.join(tools, 'told');
      writeFileSync(path.join(tools, 'systemd-notify'), `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> ${told}\n`, {
        mode: 0o755,
      });
      const served = await Served.start({
        entry: fixture('hosts/light.mjs'),
        args: TIMES,
        env: { NOTIFY_SOCKET: '/run/test', PATH: `${tools}:${process.env['PATH'] ?? ''}` },
      });
      await served.until(READY);
      served.signal('SIGHUP');
      await served.until(DONE);
      const { pid } = served;
      await expect.poll(() => readFileSync(told, 'utf8').trim().split('\n')).toHaveLength(3);

      expect(await served.stop()).toBe(0);
      expect(
        readFileSync(told, 'utf8')
          .replace(/USEC=\d+/, 'USEC=n')
          .trim()
          .split('\n'),
      ).toEqual([
        `/run/test --pid=${pid} READY=1`,
        `/run/test --pid=${pid} RELOADING=1 MONOTONIC_USEC=n`,
        `/run/test --pid=${pid} READY=1`,
        `/run/test --pid=${pid} STOPPING=1`,
      ]);
    },
    LIMIT,
  );

  it.runIf(canUnshare)(
    'row 74: serves, reloads and stops as process 1 of a container, and tells of orphans that it cannot take away',
    async () => {
      // As with Node.js 20, or in an image without a shell.
      const { served } = await start([], {}, [...CONTAINER, 'env', `NODE_OPTIONS=${WITHOUT_EXECVE}`]);
      await served.until(READY);
      const [init = 0] = childrenOf(served.pid);
      process.kill(init, 'SIGHUP');
      await served.until(DONE);
      expect(await served.json('/')).toMatchObject({ generation: 2 });
      expect(served.err).toBe('');

      await served.text('/orphan');
      const orphans = (): number => childrenOf(init).filter((pid) => !isAlive(pid)).length;
      await expect.poll(orphans, { timeout: 10_000 }).toBe(1);
      process.kill(init, 'SIGHUP');
      await served.until(/1 ended processes that are not ours stay/);

      process.kill(init, 'SIGTERM');
      expect(await served.exited).toEqual({ code: 0, signal: null });
    },
    LIMIT,
  );

  it
    .runIf(canUnshare)
    .each([
      ['below the shell that it becomes as process 1', [...CONTAINER, ...SHELL]],
      ...('execve' in process ? [['as process 1, having become a shell', CONTAINER] as const] : []),
    ] as const)(
    'row 74: %s, takes away every orphan, reloads, and ends with its own status',
    async (_how, under) => {
      const { served } = await start([], {}, under);
      await served.until(READY);
      const [init = 0] = childrenOf(served.pid);
      expect(readFileSync(`/proc/${init}/comm`, 'utf8')).toMatch(/sh\n$/);
      const [primary = 0] = childrenOf(init);

      await served.text('/orphan');
      process.kill(init, 'SIGHUP');
      await served.until(DONE);
      expect(await served.json('/')).toMatchObject({ generation: 2 });
      await expect.poll(() => childrenOf(init), { timeout: 10_000 }).toEqual([primary]);

      process.kill(init, 'SIGTERM');
      expect(await served.exited).toEqual({ code: 0, signal: null });
      expect(served.err).toBe('');
    },
    LIMIT,
  );

  it('row 74: becomes a shell only as process 1, with all that it was started with', () => {
    const given = {
      execPath: '/bin/node',
      execArgv: ['--trace-warnings'],
      argv: ['/bin/node', '/app/cli.js', 'serve', 'a b'],
    };
    const calls: unknown[] = [];
    const execve = (...args: unknown[]): void => void calls.push(args);

    leaveProcessOne({ ...given, pid: 2, execve });
    leaveProcessOne({ ...given, pid: 1 });
    expect(calls).toEqual([]);
    leaveProcessOne({ ...given, pid: 1, execve });
    expect(calls).toEqual([['/bin/sh', underShell(['/bin/node', '--trace-warnings', '/app/cli.js', 'serve', 'a b'])]]);
  });
});
