import type { AdminPluginDetail } from '#lib/admin/api.js';
import type { JSX } from 'preact';

import { useLanguage } from '../words/language.js';
import { ContributionCounts } from './contribution-counts.js';

/** What a plugin brings: how many of each kind, and each of its routes. */
export function Contributions({ plugin }: { plugin: AdminPluginDetail }): JSX.Element {
  const { words } = useLanguage();
  const hasAny = Object.values(plugin.contributions).some((count) => count > 0) || plugin.routes.length > 0;
  return (
    <section class="panel">
      <h2>{words.plugin.contributions}</h2>
      <ContributionCounts counts={plugin.contributions} />
      {!hasAny && (
        <p class="muted">{plugin.state === 'enabled' ? words.plugin.noContributions : words.plugin.notWhileOff}</p>
      )}
      {plugin.routes.length > 0 && (
        <ul class="routes" aria-label={words.plugin.routes}>
          {plugin.routes.map(({ method, path, versions }) => (
            <li key={`${method} ${path} ${String(versions)}`}>
              <span class="method">{method}</span>
              <code>{path}</code>
              {versions && <span class="muted">{words.plugin.versions(versions.join(', '))}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
