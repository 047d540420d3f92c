import type { AdminPlugin, PluginRelation } from '#lib/admin/api.js';
import type { JSX } from 'preact';

import { useLanguage } from '../words/language.js';

/** The state of a plugin, and the one that it waits for. */
export function StateBadge({ plugin }: { plugin: AdminPlugin }): JSX.Element {
  const { words } = useLanguage();
  return (
    <span class="badges">
      <span class={`badge badge-${plugin.state}`}>{words.state[plugin.state]}</span>
      {plugin.pending && <span class="badge badge-pending">{words.pending[plugin.pending]}</span>}
    </span>
  );
}

/** The same, small, beside a name. */
export function StateDot({ state }: { state: PluginRelation['state'] }): JSX.Element {
  const { words } = useLanguage();
  return (
    <span class={`dot dot-${state}`}>
      <span class="unseen">{words.state[state]}</span>
    </span>
  );
}
