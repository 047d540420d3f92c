import type { AdminPlugin } from '#lib/admin/api.js';
import type { JSX } from 'preact';

import { hrefOf } from '../place.js';
import type { Session } from '../session.js';
import { useLanguage } from '../words/language.js';
import { ContributionCounts } from './contribution-counts.js';
import { FailureText } from './failure-text.js';
import { StateBadge } from './state-badge.js';
import { SwitchButton } from './switch-button.js';

/** One plugin at a glance. */
export function PluginCard({ plugin, session }: { plugin: AdminPlugin; session: Session }): JSX.Element {
  const { words } = useLanguage();
  return (
    <li class={`card card-${plugin.state}`}>
      <div class="card-head">
        <h2>
          <a href={hrefOf({ is: 'plugin', name: plugin.name })}>{plugin.name}</a>{' '}
          <span class="version">{plugin.version ?? words.plugin.noVersion}</span>
        </h2>
        <StateBadge plugin={plugin} />
      </div>
      {plugin.description && <p class="card-description">{plugin.description}</p>}
      {plugin.failure && <FailureText failure={plugin.failure} />}
      <ContributionCounts counts={plugin.contributions} />
      <div class="card-foot">
        <Facts plugin={plugin} />
        <SwitchButton plugin={plugin} session={session} />
      </div>
    </li>
  );
}

function Facts({ plugin }: { plugin: AdminPlugin }): JSX.Element {
  const { words, milliseconds } = useLanguage();
  const { total } = plugin.milliseconds;
  return (
    <p class="facts">
      <span>{words.origin[plugin.origin.kind]}</span>
      <span title={words.plugin.loadTime}>
        <span class="unseen">{words.plugin.loadTime} </span>
        {total > 0 ? milliseconds(total) : words.plugin.notLoaded}
      </span>
    </p>
  );
}
