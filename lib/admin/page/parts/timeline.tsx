import type { AdminPlugin, PluginList } from '#lib/admin/api.js';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import { hrefOf } from '../place.js';
import { useLanguage } from '../words/language.js';
import { Empty } from './plugin-list.js';
import { StateDot } from './state-badge.js';
import { StepBar, StepLegend } from './step-bar.js';

/** How long the start took: all together, and plugin by plugin. */
export function Timeline({ list: { boot, plugins } }: { list: PluginList }): JSX.Element {
  const { words, milliseconds, date } = useLanguage();
  const loaded = plugins.filter((plugin) => plugin.milliseconds.total > 0);
  return (
    <>
      <div class="heading">
        <h1>{words.places.timeline}</h1>
        <p class="muted">
          {words.timeline.lead(milliseconds(boot.milliseconds.total))} {words.timeline.startedAt(date(boot.at))}
        </p>
      </div>
      {loaded.length === 0 ? (
        <Empty title={words.places.timeline} text={words.timeline.none} />
      ) : (
        <>
          <section class="panel whole">
            <h2>{words.timeline.wholeBoot}</h2>
            <StepBar steps={boot.milliseconds} scale={boot.milliseconds.total} />
            <StepLegend steps={boot.milliseconds} />
          </section>
          <EachPlugin plugins={loaded} />
        </>
      )}
    </>
  );
}

/** The steps of a plugin; those that find plugins belong to none. */
const STEPS = ['import', 'register', 'start'] as const;

function EachPlugin({ plugins }: { plugins: readonly AdminPlugin[] }): JSX.Element {
  const { words } = useLanguage();
  const [isSlowestFirst, setIsSlowestFirst] = useState(false);
  const shown = isSlowestFirst ? plugins.toSorted((a, b) => b.milliseconds.total - a.milliseconds.total) : plugins;
  const longest = Math.max(...plugins.map((plugin) => plugin.milliseconds.total));
  return (
    <section class="panel">
      <div class="timeline-head">
        <h2>{words.timeline.each}</h2>
        <div class="segments" role="group" aria-label={words.timeline.order}>
          <button type="button" aria-pressed={!isSlowestFirst} onClick={() => setIsSlowestFirst(false)}>
            {words.timeline.loadOrder}
          </button>
          <button type="button" aria-pressed={isSlowestFirst} onClick={() => setIsSlowestFirst(true)}>
            {words.timeline.slowest}
          </button>
        </div>
      </div>
      <table class="timeline">
        <thead>
          <tr>
            <th scope="col">{words.timeline.plugin}</th>
            <th scope="col">
              <span class="unseen">{words.timeline.picture}</span>
            </th>
            {STEPS.map((step) => (
              <th scope="col" class="number" key={step}>
                {words.timeline.steps[step]}
              </th>
            ))}
            <th scope="col" class="number">
              {words.timeline.total}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((plugin) => (
            <Row plugin={plugin} scale={longest} key={plugin.name} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({
  plugin: { name, state, milliseconds: steps },
  scale,
}: {
  plugin: AdminPlugin;
  scale: number;
}): JSX.Element {
  const { milliseconds } = useLanguage();
  return (
    <tr>
      <th scope="row">
        <StateDot state={state} /> <a href={hrefOf({ is: 'plugin', name })}>{name}</a>
      </th>
      <td class="picture">
        <StepBar steps={steps} scale={scale} />
      </td>
      {STEPS.map((step) => (
        <td class="number" key={step}>
          {steps[step] === undefined ? '–' : milliseconds(steps[step])}
        </td>
      ))}
      <td class="number total">{milliseconds(steps.total)}</td>
    </tr>
  );
}
