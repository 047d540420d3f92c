import type { AuditEntry } from '#lib/admin/api.js';
import type { JSX } from 'preact';

import { useLanguage } from '../words/language.js';

/** Who did what, when, and what came of it. */
export function AuditEntries({ entries }: { entries: readonly AuditEntry[] }): JSX.Element {
  const { words, date } = useLanguage();
  return (
    <table class="audit">
      <thead>
        <tr>
          <th scope="col">{words.audit.when}</th>
          <th scope="col">{words.audit.who}</th>
          <th scope="col">{words.audit.what}</th>
          <th scope="col">{words.audit.result}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td>
              <time dateTime={entry.at}>{date(entry.at)}</time>
            </td>
            <td>
              {entry.who} {entry.address !== undefined && <span class="muted">{entry.address}</span>}
            </td>
            <td>
              <What entry={entry} />
            </td>
            <td>
              <span class={`badge badge-${entry.result}`}>{words.audit.results[entry.result]}</span>{' '}
              {entry.code !== undefined && <code>{entry.code}</code>}
              {entry.message !== undefined && <span class="audit-message muted">{entry.message}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function What({ entry }: { entry: AuditEntry }): JSX.Element {
  const { words, list } = useLanguage();
  const { action, plugin = '', affected = [], times, from, to, result } = entry;
  return (
    <>
      {words.audit.sentence[action](plugin)}{' '}
      <span class="muted">
        {result === 'done' &&
          from !== undefined &&
          to !== undefined &&
          from !== to &&
          `${words.state[from]} → ${words.state[to]} `}
        {affected.length > 0 && `${words.audit.along(list(affected))} `}
        {times !== undefined && times > 1 && words.audit.times(times)}
      </span>
    </>
  );
}
