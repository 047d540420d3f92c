import type { PluginList } from '#lib/admin/api.js';
import type { JSX } from 'preact';

import { useLanguage } from '../words/language.js';

/** What was noticed at the start and harmed no plugin. */
export function Notices({ notices }: { notices: PluginList['boot']['notices'] }): JSX.Element | null {
  const { words } = useLanguage();
  if (notices.length === 0) return null;
  return (
    <details class="panel">
      <summary>{words.list.noticed(notices.length)}</summary>
      <ul>
        {notices.map(({ text }, index) => (
          <li key={index}>{text}</li>
        ))}
      </ul>
    </details>
  );
}
