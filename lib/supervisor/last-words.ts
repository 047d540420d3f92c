import { fileURLToPath } from 'node:url';

/**
 * Tells why this process ends although nobody asked it to, and which file is to blame: the nearest one on the stack that is
 * neither of Node.js nor of a package.
 */
export function watchLastWords(tell: (reason: string, file: string | undefined) => void): void {
  const thrown: { last?: Error } = {};
  process.on('uncaughtExceptionMonitor', (error) => {
    thrown.last = error; // the application may catch it, and go on
  });
  process.on('exit', (code) => {
    // `process.exit()` emits this event itself: who called it is on the stack.
    const caller = fileIn(new Error('exit').stack);
    if (caller !== undefined) tell(`it called process.exit(${code})`, caller);
    else if (thrown.last) tell(`${thrown.last.name}: ${thrown.last.message}`, fileIn(thrown.last.stack));
    else tell(`it ended with code ${code}`, undefined);
  });
}

/** Our own code is on each stack of the end. */
const OURS = new URL('..', import.meta.url).href;

function fileIn(stack = ''): string | undefined {
  const places = [...stack.matchAll(/(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()\n]+?):\d+:\d+\)?$/gm)].map(
    ([, place = '']) => place,
  );
  const own = places.find((place) => !place.includes('/node_modules/') && !place.startsWith(OURS));
  return own?.startsWith('file:') ? fileURLToPath(own) : own;
}
