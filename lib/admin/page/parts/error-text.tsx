import type { JSX } from 'preact';

import type { ApiError } from '../client.js';
import { useLanguage } from '../words/language.js';

/** An error of the admin in words: what it is, what the server says, and what helps. */
export function ErrorText({ error }: { error: ApiError }): JSX.Element {
  const { words } = useLanguage();
  const hint = error.status === 0 && error.code === 'OFFLINE' ? words.problem.offlineHint : error.hint;
  return (
    <div class="error-text">
      <p>
        <strong>{headline(error, words.problem)}</strong> <code>{error.code}</code>
      </p>
      {error.message && <p>{error.message}</p>}
      {hint && (
        <p class="hint">
          <span class="hint-label">{words.problem.whatHelps}</span> {hint}
        </p>
      )}
    </div>
  );
}

function headline(
  { status, code }: ApiError,
  words: { offline: string; forbidden: string; throttled: string; other: string },
): string {
  if (code === 'OFFLINE') return words.offline;
  if (status === 403) return words.forbidden;
  return status === 429 ? words.throttled : words.other;
}
