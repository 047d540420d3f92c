import type { JSX } from 'preact';

import type { News, State } from '../session.js';
import type { Words } from '../words/english.js';
import { useLanguage } from '../words/language.js';
import { Icon } from './icons.js';

/** What has just happened, also for those who only hear the page. */
export function NewsList({ news, onDismiss }: { news: State['news']; onDismiss: (id: number) => void }): JSX.Element {
  const { words } = useLanguage();
  return (
    <div class="news" role="status" aria-live="polite" aria-relevant="additions">
      {news.map(({ id, news: each }) => (
        <div class={`news-item${isBad(each) ? ' bad' : ''}`} key={id}>
          <span>{sentenceOf(each, words)}</span>
          <button type="button" class="quiet square" aria-label={words.dismiss} onClick={() => onDismiss(id)}>
            <Icon shape="close" />
          </button>
        </div>
      ))}
    </div>
  );
}

function sentenceOf(news: News, words: Words): string {
  if (news.kind === 'plugin') return words.news.plugin[news.to](news.plugin);
  if (news.kind === 'failure') return words.news.failure(news.plugin);
  return news.ticket.phase === 'done' ? words.news.reloaded : words.news.reloadAborted;
}

function isBad(news: News): boolean {
  return news.kind === 'failure' || (news.kind === 'reload' && news.ticket.phase === 'aborted');
}
