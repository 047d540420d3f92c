import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';

import { hasToken, type ApiError } from '../client.js';
import type { Session } from '../session.js';
import { useLanguage } from '../words/language.js';
import { ErrorText } from './error-text.js';
import { useSecondsUntil } from './use-seconds-until.js';

interface ProblemProps {
  error: ApiError;
  session: Session;
  /** Whether there is nothing else to show. */
  isAlone: boolean;
}

/** Why the plugins cannot be read, and what to do about it. */
export function Problem({ error, session, isAlone }: ProblemProps): JSX.Element {
  if (error.status === 401) return error.scheme === 'Basic' ? <SignInByBrowser /> : <SignInByToken session={session} />;
  return (
    <section class={isAlone ? 'empty' : 'banner banner-bad'} role="alert">
      <ErrorText error={error} />
      <Retry error={error} session={session} />
    </section>
  );
}

function Retry({ error, session }: { error: ApiError; session: Session }): JSX.Element {
  const { words } = useLanguage();
  const until = useMemo(
    () => (error.retryAfter === undefined ? undefined : Date.now() + error.retryAfter * 1000),
    [error],
  );
  const seconds = useSecondsUntil(until);
  return (
    <button type="button" disabled={seconds > 0} onClick={() => session.retry()}>
      {seconds > 0 ? words.problem.throttledHint(seconds) : words.problem.retry}
    </button>
  );
}

/** The browser itself asks for name and password, whenever the page is loaded. */
function SignInByBrowser(): JSX.Element {
  const { words } = useLanguage();
  return (
    <section class="empty">
      <h1>{words.problem.signIn}</h1>
      <p>{words.problem.signInAgain}</p>
      <button type="button" class="primary" onClick={() => location.reload()}>
        {words.problem.loadAgain}
      </button>
    </section>
  );
}

/** For guards that want a token. */
function SignInByToken({ session }: { session: Session }): JSX.Element {
  const { words } = useLanguage();
  const [token, setToken] = useState('');
  const signIn = (event: Event): void => {
    event.preventDefault();
    void session.start(token);
  };
  return (
    <form class="empty sign-in" onSubmit={signIn}>
      <h1>{words.problem.signIn}</h1>
      <p>{words.problem.signInText}</p>
      {hasToken() && <p role="alert">{words.problem.tokenRefused}</p>}
      <label>
        {words.problem.token}
        <input
          type="password"
          required
          autocomplete="current-password"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary">
        {words.problem.signIn}
      </button>
    </form>
  );
}
