import type { JSX } from 'preact';

import { ApiError } from '../client.js';
import type { Ticket } from '../session.js';
import { useLanguage } from '../words/language.js';
import { ErrorText } from './error-text.js';
import { Icon } from './icons.js';

const STEPS = ['queued', 'checking', 'starting', 'draining', 'done'] as const;

/** Whether nothing more comes of this reload, as far as this process is told. */
export function isOver({ phase }: Ticket): boolean {
  return phase === 'done' || phase === 'aborted' || phase === 'signalled';
}

/** How far a reload has come. */
export function ReloadProgress({ ticket }: { ticket: Ticket }): JSX.Element {
  const { words } = useLanguage();
  const { phase, workers, error } = ticket;
  const reached = STEPS.indexOf(phase as (typeof STEPS)[number]);
  if (reached < 0)
    return (
      <div class={phase === 'aborted' ? 'failure' : 'panel'} role="status">
        <p>{words.reload.phases[phase]}</p>
        {error && <ErrorText error={new ApiError(409, error.code, error.message, error.hint)} />}
      </div>
    );
  return (
    <ol class="steps" aria-live="polite">
      {STEPS.map((step, index) => (
        <li class={stepClass(index, reached, phase)} aria-current={step === phase ? 'step' : undefined} key={step}>
          <span class="step-mark">{(index < reached || phase === 'done') && <Icon shape="check" />}</span>
          {words.reload.phases[step]}
          {step === phase && workers && (
            <span class="muted"> {words.reload.workers(workers.ready, workers.total)}</span>
          )}
        </li>
      ))}
    </ol>
  );
}

function stepClass(index: number, reached: number, phase: Ticket['phase']): string {
  if (index < reached || phase === 'done') return 'step step-done';
  return index === reached ? 'step step-now' : 'step';
}
