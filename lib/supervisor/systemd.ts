import { execFile } from 'node:child_process';

/** What systemd is told, in the words of sd_notify(3). */
const STATES = {
  ready: () => ['READY=1'],
  // systemd compares this time with its own, to tell an old message from the answer to its signal.
  reloading: () => ['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`],
  stopping: () => ['STOPPING=1'],
} as const;

/**
 * Tells systemd how the service is, where it asks for that by NOTIFY_SOCKET. Node.js cannot write to such a socket: the program
 * `systemd-notify` does, so the unit needs `NotifyAccess=all`.
 * @param onProblem is told once when nothing can be told to systemd
 */
export function notifySystemd(
  env: NodeJS.ProcessEnv,
  onProblem: (problem: string) => void,
): (state: keyof typeof STATES) => void {
  if (!env['NOTIFY_SOCKET']) return () => undefined;
  const socket = env['NOTIFY_SOCKET'];
  delete env['NOTIFY_SOCKET']; // it is not for workers and plugins
  let before = Promise.resolve();
  let hasProblem = false;
  const send = (words: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      execFile(
        'systemd-notify',
        [`--pid=${process.pid}`, ...words],
        { env: { PATH: env['PATH'], NOTIFY_SOCKET: socket } },
        (error) => {
          if (error && !hasProblem) onProblem(`systemd cannot be told: ${error.message.trim()}`);
          hasProblem ||= error !== null;
          resolve();
        },
      );
    });
  return (state) => {
    before = before.then(() => send(STATES[state]())); // in their order: each is a process of its own
  };
}
