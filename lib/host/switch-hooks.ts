import { errorOf, type Candidate } from '../loading/candidate.js';
import { faultOf, withTimeLimit } from '../loading/time-limit.js';
import type { PluginError } from '../plugin/plugin-error.js';
import type { ModuleUnit } from './installed-plugin.js';
import { instancesIn } from './module-instances.js';

/** What any provider or controller of a plugin may implement to learn that the plugin is switched while the application runs. */
export interface OnPluginEnable {
  onPluginEnable(): unknown;
}

/** What any provider or controller of a plugin may implement to learn that the plugin was switched off. */
export interface OnPluginDisable {
  onPluginDisable(): unknown;
}

/**
 * Calls a hook of switching on everything of a plugin that has it, all at once.
 * @returns what went wrong: every hook is called, whatever the others do
 */
export async function callSwitchHook(
  hook: 'onPluginEnable' | 'onPluginDisable',
  candidate: Candidate,
  units: readonly ModuleUnit[],
  timeout: number,
): Promise<PluginError[]> {
  const instances = units
    .filter(({ candidates }) => candidates.length === 1 && candidates[0] === candidate)
    .flatMap(({ module }) => instancesIn(module))
    .filter((instance) => typeof Reflect.get(instance, hook) === 'function');
  const errors = await Promise.all(
    [...new Set(instances)].map(async (instance) => {
      try {
        await withTimeLimit(() => (Reflect.get(instance, hook) as () => unknown).call(instance), timeout);
        return undefined;
      } catch (thrown) {
        const { code, told, cause } = faultOf(thrown, timeout);
        return errorOf(candidate, code, {
          detail: `its ${hook} failed: ${told}`,
          hint: `Mend what ${hook} throws or waits for.`,
          cause,
        });
      }
    }),
  );
  return errors.filter((error) => error !== undefined);
}
