import { readFileSync } from 'node:fs';

import { startTimeOf } from '../state/process-start-time.js';

/** A process that stays the same one as long as both are equal: numbers are used again. */
export interface ParentProcess {
  readonly pid: number;
  readonly startTime: string;
}

/** Why the parent is not to be sent a signal, and what to do about it. */
export interface ParentRefusal {
  readonly reason: string;
  readonly hint: string;
}

/** Where processes are read about. */
export interface ProcessSource {
  readonly proc: string;
  readonly parentPid: () => number;
}

/** This process and its system. */
export const THIS_PROCESS: ProcessSource = { proc: '/proc', parentPid: () => process.ppid };

const USE_SERVE = 'Start the application with `pluginkit serve`.';
/** The kernel keeps this much of a process' name, in bytes. */
const COMM_LENGTH = 15;
/** A title that was cut shorter than this could be anything. */
const SHORTEST_TITLE = 4;

/** Who the parent is now; to be asked once, when the process starts. */
export function parentNow({ proc, parentPid }: ProcessSource): ParentProcess | undefined {
  const pid = parentPid();
  const startTime = pid > 1 ? startTimeOf(pid, proc) : undefined;
  return startTime === undefined ? undefined : { pid, startTime };
}

/** Whether the parent is the one from the start, would take SIGHUP as a request to reload, and bears this name. */
export function whyNotSignal(
  first: ParentProcess | undefined,
  name: string,
  source: ProcessSource,
): ParentRefusal | undefined {
  const pid = source.parentPid();
  // 0 is a parent outside of the container, and as a receiver all of our own group.
  if (!(pid > 1))
    return { reason: `the parent process is ${pid === 1 ? 'init (1)' : 'outside of this container'}`, hint: USE_SERVE };
  const parent = readProcess(pid, source.proc);
  if (!parent) return { reason: `/proc tells nothing of the parent process ${pid}`, hint: USE_SERVE };
  if (!first || first.pid !== pid || first.startTime !== startTimeOf(pid, source.proc))
    return { reason: 'the parent process is not the one that started this process', hint: USE_SERVE };
  if (parent.user !== process.geteuid?.())
    return { reason: `the parent process ${pid} belongs to another user`, hint: 'Run both as one user.' };
  if (!parent.handlesHangup)
    return {
      reason: `the parent process ${pid} has no handler for SIGHUP, so that the signal would end it or do nothing`,
      hint: USE_SERVE,
    };
  if (!isNamed(parent, name))
    return {
      reason: `the parent process ${pid} is called "${parent.title || parent.comm}", not "${name}"`,
      hint: 'Set the option reload.parentName to the name of the process that reloads on SIGHUP.',
    };
  return undefined;
}

/** Sends SIGHUP to the parent, after all checks and with nothing in between. */
export function signalParent(
  first: ParentProcess | undefined,
  name: string,
  source: ProcessSource,
): ParentRefusal | undefined {
  const refusal = whyNotSignal(first, name, source);
  if (refusal || !first) return refusal;
  process.kill(first.pid, 'SIGHUP');
  return undefined;
}

interface ProcessFacts {
  readonly user: number;
  readonly handlesHangup: boolean;
  readonly comm: string;
  /** Its command line, or what it has put in its place. */
  readonly title: string;
  /** The title goes to the very end of the space that there is for it. */
  readonly isTitleFull: boolean;
}

function readProcess(pid: number, proc: string): ProcessFacts | undefined {
  try {
    const read = (file: string): string => readFileSync(`${proc}/${pid}/${file}`, 'latin1'); // compared byte by byte
    const status = read('status');
    const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
    const commandLine = read('cmdline');
    return {
      user: Number(field('Uid').split(/\s+/)[1]),
      handlesHangup: (BigInt(`0x${field('SigCgt')}`) & 1n) === 1n, // SIGHUP is signal 1, the lowest bit
      comm: read('comm').replace(/\n$/, ''),
      title: commandLine.replace(/\0+$/, '').replaceAll('\0', ' '),
      isTitleFull: !commandLine.endsWith('\0\0'),
    };
  } catch {
    return undefined;
  }
}

/** The kernel cuts names at 15 bytes, and titles at the length of the command line that the process was started with. */
function isNamed({ comm, title, isTitleFull }: ProcessFacts, name: string): boolean {
  const wanted = Buffer.from(name).toString('latin1');
  return (
    title === wanted ||
    comm === wanted.slice(0, COMM_LENGTH) ||
    (isTitleFull && title.length >= SHORTEST_TITLE && wanted.startsWith(title))
  );
}
