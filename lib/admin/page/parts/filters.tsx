import type { PluginList } from '#lib/admin/api.js';
import type { JSX } from 'preact';

import { useLanguage } from '../words/language.js';
import { Icon } from './icons.js';
import type { Filter } from './plugin-list.js';

const STATES = ['all', 'enabled', 'disabled', 'failed'] as const;
const ORIGINS = ['folder', 'package', 'inline'] as const;

interface FiltersProps {
  list: PluginList;
  filter: Filter;
  onFilter: (filter: Filter) => void;
}

/** Search by words, by state and by origin. */
export function Filters({ list, filter, onFilter }: FiltersProps): JSX.Element {
  const { words } = useLanguage();
  const count = (state: (typeof STATES)[number]): number => (state === 'all' ? list.plugins.length : list[state]);
  return (
    <search class="filters">
      <label class="search">
        <Icon shape="search" />
        <input
          type="search"
          aria-label={words.list.search}
          placeholder={words.list.searchHint}
          value={filter.text}
          onInput={(event) => onFilter({ ...filter, text: event.currentTarget.value })}
        />
      </label>
      <div class="segments" role="group" aria-label={words.list.filterState}>
        {STATES.map((state) => (
          <button
            type="button"
            aria-pressed={filter.state === state}
            onClick={() => onFilter({ ...filter, state })}
            key={state}
          >
            {state === 'all' ? words.list.all : words.state[state]} <span class="count">{count(state)}</span>
          </button>
        ))}
      </div>
      <select
        aria-label={words.list.filterOrigin}
        value={filter.origin}
        onChange={(event) => onFilter({ ...filter, origin: event.currentTarget.value as Filter['origin'] })}
      >
        <option value="all">{words.list.anyOrigin}</option>
        {ORIGINS.map((origin) => (
          <option value={origin} key={origin}>
            {words.origin[origin]}
          </option>
        ))}
      </select>
    </search>
  );
}
