import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { parentNow, signalParent, whyNotSignal } from '#lib/reload/parent-process.js';

import { newDirectory } from '../support/plugin-folders.js';

/** What /proc tells of a process that may be sent the signal; a test changes what it is about. */
interface Facts {
  pid?: number;
  comm?: string;
  cmdline?: string;
  uid?: number;
  caught?: string;
  startTime?: string;
}

const NAME = 'gunicorn: master [shop]';
const FULL: Required<Facts> = {
  pid: 4711,
  comm: 'gunicorn: maste',
  cmdline: `${NAME}\0\0\0`,
  uid: process.geteuid?.() ?? 0,
  caught: '0000000000004001',
  startTime: '777',
};

function writeProcess(proc: string, facts: Facts = {}): number {
  const { pid, comm, cmdline, uid, caught, startTime } = { ...FULL, ...facts };
  const folder = path.join(proc, String(pid));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'comm'), `${comm}\n`);
  writeFileSync(path.join(folder, 'cmdline'), cmdline);
  writeFileSync(
    path.join(folder, 'status'),
    `Name:\t${comm}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nSigCgt:\t${caught}\n`,
  );
  const rest = Array.from({ length: 17 }, () => '0').join(' ');
  writeFileSync(path.join(folder, 'stat'), `${pid} (${comm}) S ${rest} 0 ${startTime} 0 0\n`);
  return pid;
}

function refusalOf(facts: Facts, name = NAME): string | undefined {
  const proc = newDirectory();
  const pid = writeProcess(proc, facts);
  const source = { proc, parentPid: () => pid };
  return whyNotSignal(parentNow(source), name, source)?.reason;
}

describe('the parent process', () => {
  it('may be sent SIGHUP when it is the one from the start, of the same user, with a handler and the right name', () => {
    expect(refusalOf({})).toBeUndefined();
  });

  it('row 63: is never sent a signal as number 0 or 1', () => {
    for (const [pid, told] of [
      [0, 'outside of this container'],
      [1, 'init'],
    ] as const) {
      const proc = newDirectory();
      writeProcess(proc, { pid });
      const source = { proc, parentPid: (): number => pid };
      const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
      expect(signalParent({ pid, startTime: '777' }, NAME, source)?.reason).toContain(told);
      expect(kill).not.toHaveBeenCalled();
    }
  });

  it.each([
    ['another user', { uid: 54_321 }, 'belongs to another user'],
    ['no handler for SIGHUP', { caught: '0000000000004000' }, 'no handler for SIGHUP'],
    ['another name', { comm: 'npm start', cmdline: 'npm\0start\0' }, 'is called "npm start", not'],
    ['a name that is longer', { comm: 'gunicorn: mastex', cmdline: `${NAME} 2\0` }, 'is called'],
    [
      'a short name that the wanted one begins with',
      { comm: 'gunicorn', cmdline: 'gunicorn\0\0\0' },
      'is called "gunicorn"',
    ],
  ])('row 63: is refused with %s', (_case, facts, reason) => {
    expect(refusalOf(facts)).toContain(reason);
  });

  it('row 63: is refused where /proc tells nothing: hidden, or not there at all', () => {
    const source = { proc: path.join(newDirectory(), 'none'), parentPid: () => 4711 };
    expect(whyNotSignal({ pid: 4711, startTime: '777' }, NAME, source)?.reason).toContain('/proc tells nothing');
  });

  it.each([
    ['the name cut by the kernel', { cmdline: 'python3\0/usr/bin/gunicorn\0' }],
    ['the title cut at the length of the command line', { comm: 'gunicorn:', cmdline: 'gunicorn:\0' }],
    ['a bracket and a line break in its name', { comm: 'a) R 1 (b\n2', cmdline: `${NAME}\0` }],
  ])('row 64: is known by %s', (_case, facts) => {
    expect(refusalOf(facts)).toBeUndefined();
  });

  it('row 64: is refused when it has died and another process has its number, or is the parent now', () => {
    const proc = newDirectory();
    writeProcess(proc);
    const first = parentNow({ proc, parentPid: () => 4711 });
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);

    writeProcess(proc, { startTime: '778' });
    expect(signalParent(first, NAME, { proc, parentPid: () => 4711 })?.reason).toContain('is not the one that started');
    writeProcess(proc, { pid: 4712 });
    expect(signalParent(first, NAME, { proc, parentPid: () => 4712 })?.reason).toContain('is not the one that started');
    rmSync(path.join(proc, '4711'), { recursive: true });
    expect(signalParent(first, NAME, { proc, parentPid: () => 4711 })?.reason).toContain('/proc tells nothing');
    expect(kill).not.toHaveBeenCalled();
  });

  it('is sent the signal in the same turn as it is looked at', () => {
    const proc = newDirectory();
    writeProcess(proc);
    const source = { proc, parentPid: () => 4711 };
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    expect(signalParent(parentNow(source), NAME, source)).toBeUndefined();
    expect(kill.mock.calls).toEqual([[4711, 'SIGHUP']]);
  });

  it('is read as the system shows it: a shell has no handler, a program with one is known by its title', async () => {
    const shell = spawn('sh', ['-c', 'read line'], { stdio: 'pipe' });
    const node = spawn(
      process.execPath,
      ['-e', `process.title = 'hup me'; process.on('SIGHUP', () => {}); process.stdin.resume(); console.log('ready')`],
      { stdio: 'pipe' },
    );
    onTestFinished(() => void (shell.kill('SIGKILL') && node.kill('SIGKILL')));
    await new Promise((resolve) => node.stdout.once('data', resolve));
    const of = (pid: number | undefined, name: string) => {
      const source = { proc: '/proc', parentPid: () => pid ?? 0 };
      return whyNotSignal(parentNow(source), name, source)?.reason;
    };
    expect(of(shell.pid, 'sh')).toContain('no handler for SIGHUP');
    expect(of(node.pid, 'hup me')).toBeUndefined();
    expect(of(node.pid, 'hup you')).toContain('is called "hup me"');
  });
});
