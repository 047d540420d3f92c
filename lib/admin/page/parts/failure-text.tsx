import type { PluginFailure } from '#lib/admin/api.js';
import type { JSX } from 'preact';

import { useLanguage } from '../words/language.js';

/** Why a plugin could not be loaded, and what to do about it. */
export function FailureText({ failure }: { failure: PluginFailure }): JSX.Element {
  const { words } = useLanguage();
  return (
    <div class="failure">
      <p>
        <code class="failure-code">{failure.code}</code> {failure.message}
      </p>
      {failure.hint && (
        <p class="hint">
          <span class="hint-label">{words.problem.whatHelps}</span> {failure.hint}
        </p>
      )}
      {(failure.file !== undefined || failure.field !== undefined) && (
        <p class="muted">
          {failure.file !== undefined && (
            <>
              {words.plugin.file} <code>{failure.file}</code>{' '}
            </>
          )}
          {failure.field !== undefined && (
            <>
              {words.plugin.field} <code>{failure.field}</code>
            </>
          )}
        </p>
      )}
    </div>
  );
}
