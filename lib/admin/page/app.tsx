import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';

import { hrefOf, usePlace, type Place } from './place.js';
import { AuditView } from './parts/audit-view.js';
import { Header } from './parts/header.js';
import { NewsList } from './parts/news-list.js';
import { emptyFilter, PluginList } from './parts/plugin-list.js';
import { PluginView } from './parts/plugin-view.js';
import { Problem } from './parts/problem.js';
import { Timeline } from './parts/timeline.js';
import { Session, type State } from './session.js';
import { LanguageProvider, useChosenLanguage, type Language } from './words/language.js';

/** The whole page. */
export function App(): JSX.Element {
  const language = useChosenLanguage();
  const session = useMemo(() => new Session(), []);
  const [state, setState] = useState(session.state);
  const [filter, setFilter] = useState(emptyFilter);
  const place = usePlace();
  const main = useRef<HTMLElement>(null);

  useEffect(() => {
    session.onChange = setState;
    void session.start();
  }, [session]);
  useTitleAndFocus(place, language, main);

  return (
    <LanguageProvider value={language}>
      <a class="skip" href={hrefOf(place)} onClick={(event) => skipTo(event, main.current)}>
        {language.words.skip}
      </a>
      <Header session={session} state={state} place={place} />
      <main ref={main} tabIndex={-1}>
        {state.error && <Problem error={state.error} session={session} isAlone={!state.list} />}
        {!state.list && !state.error && <p class="loading">{language.words.loading}</p>}
        {state.list && place.is === 'plugins' && (
          <PluginList list={state.list} filter={filter} onFilter={setFilter} session={session} />
        )}
        {state.list && place.is === 'plugin' && (
          <PluginView
            key={place.name}
            name={place.name}
            list={state.list}
            revision={state.revision}
            session={session}
          />
        )}
        {state.list && place.is === 'timeline' && <Timeline list={state.list} />}
        {state.list && place.is === 'audit' && <AuditView session={session} state={state} />}
      </main>
      {state.list && <Footer state={state} />}
      <NewsList news={state.news} onDismiss={(id) => session.dismiss(id)} />
    </LanguageProvider>
  );
}

/** A change of place is told as a new page is: by its title, and by where the focus is. */
function useTitleAndFocus(place: Place, { words }: Language, main: { current: HTMLElement | null }): void {
  const name = place.is === 'plugin' ? place.name : words.places[place.is];
  useEffect(() => {
    document.title = place.is === 'plugins' ? words.title : `${name} · ${words.title}`;
  }, [name, words]);
  const before = useRef(place);
  useEffect(() => {
    if (before.current === place) return;
    before.current = place;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [place]);
}

function skipTo(event: MouseEvent, target: HTMLElement | null): void {
  event.preventDefault();
  target?.focus();
}

function Footer({ state: { list } }: { state: State }): JSX.Element {
  const versions = Object.entries(list?.versions ?? {}).map(([name, version]) => `${name} ${version}`);
  return <footer>{versions.join(' · ')}</footer>;
}
