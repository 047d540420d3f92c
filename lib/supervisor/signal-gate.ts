/** What a worker makes of signals. */
export interface SignalGate {
  /** Lets the signals through to the application. */
  open(): void;
  /** Whether the application listens for it. */
  isHeard(signal: NodeJS.Signals): boolean;
}

/** The primary is who reloads: a signal to all processes of a terminal or a group must not end the workers beside it. */
const IGNORED = ['SIGHUP', 'SIGUSR2'];
const LEAVE = ['SIGTERM', 'SIGINT'];

/**
 * Keeps signals from the application: its shutdown hooks would close it at once, SIGHUP among them, and cut requests.
 * Must come before anything listens for a signal, since Node.js binds `process.emit` then.
 * @param leave is called for each signal that asks the worker to leave
 */
export function gateSignals(leave: (signal: NodeJS.Signals) => void): SignalGate {
  const gate = { isOpen: false };
  const emit = process.emit.bind(process) as (event: string | symbol, ...args: unknown[]) => boolean;
  const gated = (event: string | symbol, ...args: unknown[]): boolean => {
    if (IGNORED.includes(String(event))) return true;
    if (gate.isOpen || !LEAVE.includes(String(event))) return emit(event, ...args);
    leave(event as NodeJS.Signals); // one of LEAVE
    return true;
  };
  Reflect.set(process, 'emit', gated);
  // With a listener, a signal does not do what the system does by default: end the process.
  const own = (): void => undefined;
  for (const signal of [...IGNORED, ...LEAVE]) process.on(signal, own);
  return {
    open: () => void (gate.isOpen = true),
    isHeard: (signal) => process.listeners(signal).some((listener) => listener !== own),
  };
}
