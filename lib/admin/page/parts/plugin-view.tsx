import type { AdminPluginDetail, PluginList } from '#lib/admin/api.js';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { asApiError, pathOf, read, type ApiError } from '../client.js';
import { hrefOf } from '../place.js';
import type { Session } from '../session.js';
import { useLanguage } from '../words/language.js';
import { AboutPlugin } from './about-plugin.js';
import { AuditEntries } from './audit-entries.js';
import { Contributions } from './contributions.js';
import { DependencyTree } from './dependency-tree.js';
import { ErrorText } from './error-text.js';
import { FailureText } from './failure-text.js';
import { Icon } from './icons.js';
import { PluginTextPanel } from './plugin-text-panel.js';
import { Empty } from './plugin-list.js';
import { StateBadge } from './state-badge.js';
import { StepBar, StepLegend } from './step-bar.js';
import { SwitchButton } from './switch-button.js';

interface PluginViewProps {
  name: string;
  list: PluginList;
  /** Grows when it must be read again. */
  revision: number;
  session: Session;
}

/** All about one plugin. */
export function PluginView({ name, list, revision, session }: PluginViewProps): JSX.Element {
  const { words } = useLanguage();
  const [detail, setDetail] = useState<AdminPluginDetail>();
  const [error, setError] = useState<ApiError>();
  useEffect(() => {
    let isShown = true;
    read<AdminPluginDetail>(pathOf(name)).then(
      (answer) => isShown && (setDetail(answer), setError(undefined)),
      (thrown: unknown) => isShown && setError(asApiError(thrown)),
    );
    return () => void (isShown = false);
  }, [name, revision]);

  return (
    <article class="plugin">
      <a class="back" href={hrefOf({ is: 'plugins' })}>
        <Icon shape="back" /> {words.plugin.back}
      </a>
      {error?.status === 404 && <Empty isPage title={words.plugin.notFound} text={words.plugin.notFoundHint(name)} />}
      {error && error.status !== 404 && (
        <div class="failure" role="alert">
          <ErrorText error={error} />
        </div>
      )}
      {!detail && !error && <p class="loading">{words.loading}</p>}
      {detail && error?.status !== 404 && <Detail plugin={detail} list={list} session={session} />}
    </article>
  );
}

function Detail({
  plugin,
  list,
  session,
}: {
  plugin: AdminPluginDetail;
  list: PluginList;
  session: Session;
}): JSX.Element {
  const { words } = useLanguage();
  const hasTimes = plugin.milliseconds.total > 0;
  return (
    <>
      <div class="plugin-head">
        <div>
          <h1>
            {plugin.name} <span class="version">{plugin.version ?? words.plugin.noVersion}</span>
          </h1>
          {plugin.description && <p class="lead">{plugin.description}</p>}
          <StateBadge plugin={plugin} />
        </div>
        <SwitchButton plugin={plugin} session={session} />
      </div>
      <div class="columns">
        <div>
          {plugin.failure && (
            <section class="panel panel-bad">
              <h2>{words.plugin.failedWith}</h2>
              <FailureText failure={plugin.failure} />
            </section>
          )}
          <Contributions plugin={plugin} />
          <PluginTextPanel title={words.plugin.readme} text={plugin.readme} none={words.plugin.noReadme} />
          {plugin.licenseText && (
            <PluginTextPanel title={words.plugin.licenseText} text={plugin.licenseText} isFolded />
          )}
          <section class="panel">
            <h2>{words.plugin.audit}</h2>
            {plugin.audit.length > 0 ? (
              <AuditEntries entries={plugin.audit} />
            ) : (
              <p class="muted">{words.plugin.noAudit}</p>
            )}
          </section>
        </div>
        <div>
          <AboutPlugin plugin={plugin} />
          <DependencyTree plugin={plugin} plugins={list.plugins} />
          <section class="panel">
            <h2>{words.plugin.timings}</h2>
            {hasTimes ? (
              <>
                <StepBar steps={plugin.milliseconds} scale={plugin.milliseconds.total} />
                <StepLegend steps={plugin.milliseconds} />
              </>
            ) : (
              <p class="muted">{words.plugin.noTimings}</p>
            )}
          </section>
        </div>
      </div>
    </>
  );
}
