import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

import { startTimeOf } from '../state/process-start-time.js';

/** Linux counts the age of processes in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/**
 * Writes the number of this process into a file, for scripts that send it signals.
 * @returns removes the file
 * @throws Error when another process that is alive has the file
 */
export function writePidFile(file: string): () => void {
  const owner = ownerOf(file);
  if (owner !== undefined) throw new Error(`process ${owner} has the pid file ${file}, and is alive`);
  rmSync(file, { force: true });
  writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
  return () => {
    if (numberIn(file) === process.pid) rmSync(file, { force: true });
  };
}

/** The process that wrote the file, where it is alive: one that began after the file was written only has its number. */
function ownerOf(file: string): number | undefined {
  const pid = numberIn(file);
  if (pid === undefined || pid === process.pid) return undefined;
  const started = startTimeOf(pid);
  if (started === undefined) return undefined;
  const startedAt = bootTime() + (Number(started) / TICKS_PER_SECOND) * 1000;
  return startedAt <= statSync(file).mtimeMs + 1000 ? pid : undefined; // the time of the boot is in whole seconds
}

function numberIn(file: string): number | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** In ms since 1970. */
function bootTime(): number {
  return Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]) * 1000;
}
