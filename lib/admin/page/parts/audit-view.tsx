import type { AuditEntry } from '#lib/admin/api.js';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { asApiError, type ApiError } from '../client.js';
import type { Session, State } from '../session.js';
import { useLanguage } from '../words/language.js';
import { AuditEntries } from './audit-entries.js';
import { ErrorText } from './error-text.js';
import { Empty } from './plugin-list.js';

/** Everything that was done, newest first. */
export function AuditView({ session, state: { revision, ticket } }: { session: Session; state: State }): JSX.Element {
  const { words } = useLanguage();
  const [entries, setEntries] = useState<readonly AuditEntry[]>();
  const [next, setNext] = useState<number>();
  const [error, setError] = useState<ApiError>();
  const load = (before?: number): void => {
    session.audit(before).then(
      (page) => {
        setEntries((known = []) => (before === undefined ? page.entries : [...known, ...page.entries]));
        setNext(page.next);
        setError(undefined);
      },
      (thrown: unknown) => setError(asApiError(thrown)),
    );
  };
  useEffect(() => load(), [revision, ticket]);

  return (
    <>
      <div class="heading">
        <h1>{words.places.audit}</h1>
      </div>
      {error && (
        <div class="failure" role="alert">
          <ErrorText error={error} />
        </div>
      )}
      {!entries && !error && <p class="loading">{words.loading}</p>}
      {entries?.length === 0 && <Empty title={words.audit.noneTitle} text={words.audit.noneText} />}
      {entries && entries.length > 0 && (
        <section class="panel">
          <AuditEntries entries={entries} />
          {next !== undefined && (
            <button type="button" class="more" onClick={() => load(next)}>
              {words.audit.more}
            </button>
          )}
        </section>
      )}
    </>
  );
}
