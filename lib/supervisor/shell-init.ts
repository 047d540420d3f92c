import { existsSync } from 'node:fs';

const SHELL = '/bin/sh';

/**
 * What a shell does as process 1: it starts a program, hands signals on to it, and ends with its exit status. Whatever else ends
 * meanwhile it takes away as shells do, also what is not its own. A signal interrupts `wait`: then the program is still there.
 */
const SCRIPT = `"$@" <&0 &
child=$!
for signal in HUP INT TERM QUIT USR1 USR2; do trap "kill -$signal $child" $signal; done
while :; do
  wait $child
  status=$?
  kill -0 $child 2>/dev/null || exit $status
done`;

/** A process as far as it is looked at here; `execve` came with Node.js 22.15. */
export interface ReplaceableProcess {
  readonly pid: number;
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
  readonly execve?: (file: string, args: readonly string[]) => unknown;
}

/** The arguments with which the shell runs a command, as process 1 must. */
export function underShell(command: readonly string[]): string[] {
  return ['sh', '-c', SCRIPT, 'sh', ...command];
}

/**
 * As process 1 of a container, becomes a shell that runs this very command: Node.js waits only for processes that it has started
 * itself, and the orphans of all others would stay for ever. Where that cannot be, nothing happens.
 */
export function leaveProcessOne(it: ReplaceableProcess = process): void {
  if (it.pid !== 1 || !it.execve || !existsSync(SHELL)) return;
  it.execve(SHELL, underShell([it.execPath, ...it.execArgv, ...it.argv.slice(1)]));
}
