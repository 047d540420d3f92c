import { TIME_IS_UP, withTimeLimit } from '../loading/time-limit.js';
import type { LiveChange } from './live-switch.js';
import type { StateChange } from './state-change.js';

/** What has come of a change, while what was taken out may still be in use. */
export type Done = Pick<LiveChange, 'gone'> & { readonly change: StateChange };

/** How long `unload()` and `upgrade()` wait until what was taken out is gone, in ms. It goes in the end, whether they wait or not. */
const PATIENCE = 30_000;

/** Waits until what was taken out is gone, though not for ever. */
export async function whenGone({ change, gone }: Done): Promise<StateChange> {
  if (!gone) return change;
  try {
    const problems = await withTimeLimit(() => gone, PATIENCE);
    return problems.length > 0 ? { ...change, problems: [...(change.problems ?? []), ...problems] } : change;
  } catch (thrown) {
    if (thrown !== TIME_IS_UP) throw thrown;
    return { ...change, isDraining: true };
  }
}
