import type { PluginList } from '#lib/admin/api.js';
import type { JSX } from 'preact';

import { useLanguage } from '../words/language.js';

/** Names what waits for the next start. */
export function PendingBanner({ list }: { list: PluginList }): JSX.Element | null {
  const { words, list: enumerate } = useLanguage();
  const waiting = list.plugins.filter((plugin) => plugin.pending !== undefined).map(({ name }) => name);
  if (waiting.length === 0) return null;
  return <p class="banner banner-wait">{words.reload.pending(enumerate(waiting))}</p>;
}
