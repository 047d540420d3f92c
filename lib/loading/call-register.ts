import { describeThrown } from '../plugin/printable.js';
import { errorOf, isGoing, step, type Candidate } from './candidate.js';
import { TIME_IS_UP, withTimeLimit } from './time-limit.js';

/** Calls a plugin's `register()`, and keeps what it returned, or what is wrong with it. */
export async function registerPlugin(candidate: Candidate, timeout: number): Promise<void> {
  const { register } = candidate;
  if (!isGoing(candidate) || !register) return;
  await step(candidate, 'register', 'register()', async () => {
    candidate.returned = await callRegister(candidate, register, timeout);
  });
}

/**
 * Waits for `register()`, which may be async, for as long as the time limit.
 * @returns what it returned, of which only is known that it is an object
 * @throws PluginError REGISTER_FAILED, REGISTER_TIMEOUT, REGISTER_INVALID
 */
async function callRegister(candidate: Candidate, register: () => unknown, timeout: number): Promise<object> {
  let returned: unknown;
  try {
    returned = await withTimeLimit(register, timeout);
  } catch (thrown) {
    if (thrown === TIME_IS_UP)
      throw errorOf(candidate, 'REGISTER_TIMEOUT', {
        detail: `it took longer than ${timeout} ms`,
        hint: 'Look for a promise in register() that never settles; do slow work in onModuleInit, or raise the option "timeout".',
      });
    throw errorOf(candidate, 'REGISTER_FAILED', {
      detail: thrown instanceof Error ? describeThrown(thrown) : `it threw ${describeThrown(thrown)}`,
      hint: 'Mend what register() throws: see the cause.',
      cause: thrown,
    });
  }
  if (typeof returned === 'object' && returned !== null && !Array.isArray(returned)) return returned;
  throw errorOf(candidate, 'REGISTER_INVALID', {
    detail: `it returned ${returned === null ? 'null' : Array.isArray(returned) ? 'a list' : returned === undefined ? 'nothing' : `a ${typeof returned}`}`,
    hint: 'Return an object, {} where the plugin adds nothing.',
  });
}
