import type { JSX } from 'preact';

import { useLanguage } from '../words/language.js';

/** The steps of the start in their order. */
const STEPS = ['scan', 'import', 'register', 'start'] as const;
export type StepTimes = { readonly [Step in (typeof STEPS)[number]]?: number };

const WIDTH = 1000;

/**
 * How long each step took, as a picture; the numbers stand beside it.
 * @param scale how many milliseconds the whole width is
 */
export function StepBar({ steps, scale }: { steps: StepTimes; scale: number }): JSX.Element {
  let x = 0;
  return (
    <svg
      class="bar-picture"
      viewBox={`0 0 ${WIDTH} 10`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <rect class="step-rest" width={WIDTH} height="10" />
      {STEPS.map((step) => {
        const width = ((steps[step] ?? 0) / scale) * WIDTH;
        const from = x;
        x += width;
        return (
          width > 0 && <rect class={`step-${step}`} x={from} width={Math.max(width, 1.5)} height="10" key={step} />
        );
      })}
    </svg>
  );
}

/** What the colours mean, with the numbers where there are some. */
export function StepLegend({ steps }: { steps?: StepTimes }): JSX.Element {
  const { words, milliseconds } = useLanguage();
  const shown = steps ? STEPS.filter((step) => steps[step] !== undefined) : STEPS;
  return (
    <ul class="legend">
      {shown.map((step) => (
        <li key={step}>
          <span class={`legend-mark step-${step}`} aria-hidden="true" />
          {words.timeline.steps[step]}
          {steps?.[step] !== undefined && <b>{milliseconds(steps[step])}</b>}
        </li>
      ))}
    </ul>
  );
}
