import { PluginError } from '../plugin/plugin-error.js';
import type { WantedState } from '../state/state-store.js';
import type { Plan } from './plan-change.js';

/** Why a plugin is not switched alone. */
export function refusal({ plugin, others }: Plan, to: WantedState): PluginError {
  const names = others.map(({ name }) => name).join(', ');
  return to === 'disabled'
    ? new PluginError('HAS_DEPENDENTS', {
        plugin: plugin.name,
        detail: names,
        hint: `Disable ${names} as well: { cascade: true } does.`,
      })
    : new PluginError('DEPENDENCY_DISABLED', {
        plugin: plugin.name,
        detail: names,
        hint: `Enable ${names} as well: { cascade: true } does.`,
      });
}

/** Why a plugin is not loaded anew alone. */
export function upgradeRefusal({ plugin, others }: Plan): PluginError {
  const names = others.map(({ name }) => name).join(', ');
  return new PluginError('HAS_DEPENDENTS', {
    plugin: plugin.name,
    detail: names,
    hint: `They are built upon it: let ${names} be loaded anew as well, by { cascade: true }.`,
  });
}
