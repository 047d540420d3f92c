import type { AdminPlugin, PluginList } from '#lib/admin/api.js';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import { hrefOf } from '../place.js';
import { useLanguage } from '../words/language.js';
import { Empty } from './plugin-list.js';
import { StateDot } from './state-badge.js';
import { StepBar, StepLegend, STEPS, type StepTimes } from './step-bar.js';

/** How long the start took, plugin by plugin and step by step. */
export function Timeline({ list }: { list: PluginList }): JSX.Element {
  const { words, milliseconds, date } = useLanguage();
  const [isSlowestFirst, setIsSlowestFirst] = useState(false);
  const loaded = list.plugins.filter((plugin) => plugin.milliseconds.total > 0);
  const shown = isSlowestFirst ? loaded.toSorted((a, b) => b.milliseconds.total - a.milliseconds.total) : loaded;
  const longest = Math.max(...loaded.map((plugin) => plugin.milliseconds.total));
  const { boot } = list;
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
        <section class="panel">
          <div class="timeline-head">
            <StepLegend />
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
              <Row
                name={words.timeline.wholeBoot}
                steps={boot.milliseconds}
                scale={boot.milliseconds.total}
                total={boot.milliseconds.total}
              />
              {shown.map((plugin) => (
                <Row
                  plugin={plugin}
                  name={plugin.name}
                  steps={plugin.milliseconds}
                  scale={longest}
                  total={plugin.milliseconds.total}
                  key={plugin.name}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

interface RowProps {
  plugin?: AdminPlugin;
  name: string;
  steps: StepTimes;
  scale: number;
  total: number;
}

function Row({ plugin, name, steps, scale, total }: RowProps): JSX.Element {
  const { milliseconds } = useLanguage();
  return (
    <tr class={plugin ? '' : 'whole'}>
      <th scope="row">
        {plugin ? (
          <>
            <StateDot state={plugin.state} /> <a href={hrefOf({ is: 'plugin', name })}>{name}</a>
          </>
        ) : (
          name
        )}
      </th>
      <td class="picture">
        <StepBar steps={steps} scale={scale > 0 ? scale : 1} />
      </td>
      {STEPS.map((step) => (
        <td class="number" key={step}>
          {steps[step] === undefined ? '–' : milliseconds(steps[step])}
        </td>
      ))}
      <td class="number total">{milliseconds(total)}</td>
    </tr>
  );
}
