import type { JSX } from 'preact';

import { useAppearance } from '../appearance.js';
import { hasToken, keepToken } from '../client.js';
import { hrefOf, type Place } from '../place.js';
import type { Session, State } from '../session.js';
import { LANGUAGES, useLanguage, type LanguageCode } from '../words/language.js';
import { Icon, Mark } from './icons.js';
import { LiveIndicator } from './live-indicator.js';
import { ReloadButton } from './reload-button.js';

/** What is the same wherever one is. */
export function Header({ session, state, place }: { session: Session; state: State; place: Place }): JSX.Element {
  const { words } = useLanguage();
  const { list } = state;
  return (
    <header class="bar">
      <div class="bar-inside">
        <a class="home" href={hrefOf({ is: 'plugins' })}>
          <Mark />
          <span>PluginKit</span>
        </a>
        {list && (
          <nav aria-label={words.navigation}>
            {(['plugins', 'timeline', 'audit'] as const).map((is) => (
              <a href={hrefOf({ is })} aria-current={isAt(place, is) ? 'page' : undefined} key={is}>
                {words.places[is]}
              </a>
            ))}
          </nav>
        )}
        <div class="bar-tools">
          {list && <LiveIndicator connection={state.connection} onTryNow={() => session.retry()} />}
          {list && <ReloadButton session={session} state={state} />}
          <LanguageChoice />
          <AppearanceSwitch />
          {hasToken() && list && <SignOut />}
        </div>
      </div>
    </header>
  );
}

function isAt(place: Place, is: Place['is']): boolean {
  return place.is === is || (place.is === 'plugin' && is === 'plugins');
}

function LanguageChoice(): JSX.Element {
  const { words, code, choose } = useLanguage();
  return (
    <select
      class="quiet"
      aria-label={words.language}
      value={code}
      onChange={(event) => choose(event.currentTarget.value as LanguageCode)}
    >
      {Object.entries(LANGUAGES).map(([each, name]) => (
        <option value={each} lang={each} key={each}>
          {name}
        </option>
      ))}
    </select>
  );
}

function AppearanceSwitch(): JSX.Element {
  const { words } = useLanguage();
  const { isDark, toggle } = useAppearance();
  return (
    <button
      type="button"
      class="quiet square"
      aria-label={words.dark}
      title={words.dark}
      aria-pressed={isDark}
      onClick={toggle}
    >
      <Icon shape={isDark ? 'moon' : 'sun'} />
    </button>
  );
}

function SignOut(): JSX.Element {
  const { words } = useLanguage();
  const signOut = (): void => {
    keepToken(undefined);
    location.reload();
  };
  return (
    <button type="button" class="quiet" onClick={signOut}>
      {words.signOut}
    </button>
  );
}
