import type { AdminPlugin, PluginList as List } from '#lib/admin/api.js';
import type { JSX } from 'preact';

import type { Session } from '../session.js';
import { useLanguage } from '../words/language.js';
import { Filters } from './filters.js';
import { Notices } from './notices.js';
import { PendingBanner } from './pending-banner.js';
import { PluginCard } from './plugin-card.js';

/** Which plugins are shown. */
export interface Filter {
  readonly text: string;
  readonly state: AdminPlugin['state'] | 'all';
  readonly origin: AdminPlugin['origin']['kind'] | 'all';
}

/** Shows all. */
export const emptyFilter: Filter = { text: '', state: 'all', origin: 'all' };

interface PluginListProps {
  list: List;
  filter: Filter;
  onFilter: (filter: Filter) => void;
  session: Session;
}

/** All plugins: those that failed first, then in load order. */
export function PluginList({ list, filter, onFilter, session }: PluginListProps): JSX.Element {
  const { words } = useLanguage();
  const shown = list.plugins.filter((plugin) => matches(plugin, filter)).toSorted(failedFirst);
  return (
    <>
      <div class="heading">
        <h1>{words.title}</h1>
        <p class="muted" role="status">
          {words.list.shown(shown.length, list.plugins.length)}
        </p>
      </div>
      <PendingBanner list={list} />
      {list.plugins.length === 0 ? (
        <Empty title={words.list.noneTitle} text={words.list.noneText} />
      ) : (
        <Filters list={list} filter={filter} onFilter={onFilter} />
      )}
      {shown.length > 0 && (
        <ul class="cards">
          {shown.map((plugin) => (
            <PluginCard plugin={plugin} session={session} key={plugin.name} />
          ))}
        </ul>
      )}
      {shown.length === 0 && list.plugins.length > 0 && (
        <Empty title={words.list.noMatchTitle} text={words.list.noMatchText}>
          <button type="button" onClick={() => onFilter(emptyFilter)}>
            {words.list.clear}
          </button>
        </Empty>
      )}
      <Notices notices={list.boot.notices} />
    </>
  );
}

interface EmptyProps {
  title: string;
  text: string;
  /** Whether nothing else stands on the page. */
  isPage?: boolean;
  children?: JSX.Element;
}

/** What is said where there is nothing to show. */
export function Empty({ title, text, isPage = false, children }: EmptyProps): JSX.Element {
  const Heading = isPage ? 'h1' : 'h2';
  return (
    <section class="empty">
      <svg viewBox="0 0 64 40" width="96" height="60" aria-hidden="true" focusable="false">
        <rect x="2" y="6" width="26" height="28" rx="5" />
        <rect x="36" y="6" width="26" height="28" rx="5" />
        <path d="M32 14v12M26 20h12" />
      </svg>
      <Heading>{title}</Heading>
      <p class="muted">{text}</p>
      {children}
    </section>
  );
}

function matches(plugin: AdminPlugin, { text, state, origin }: Filter): boolean {
  if (state !== 'all' && plugin.state !== state) return false;
  if (origin !== 'all' && plugin.origin.kind !== origin) return false;
  const { name, author = '', description = '', origin: from, failure } = plugin;
  const told = [name, author, description, from.name ?? '', failure?.code ?? ''].join('\n').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => told.includes(word));
}

function failedFirst(one: AdminPlugin, other: AdminPlugin): number {
  return Number(other.state === 'failed') - Number(one.state === 'failed');
}
