import type { JSX } from 'preact';

import type { Connection } from '../live.js';
import { useLanguage } from '../words/language.js';
import { useSecondsUntil } from './use-seconds-until.js';

/** Whether changes arrive by themselves. */
export function LiveIndicator({ connection, onTryNow }: { connection: Connection; onTryNow: () => void }): JSX.Element {
  const { words } = useLanguage();
  const seconds = useSecondsUntil(connection.is === 'lost' ? connection.retryAt : undefined);
  const more = connection.is === 'lost' ? words.connection.lostLong(seconds) : words.connection.liveLong;
  return (
    <span class={`live live-${connection.is}`} title={connection.is === 'connecting' ? undefined : more}>
      <span class="live-dot" aria-hidden="true" />
      <span role="status">{words.connection[connection.is]}</span>
      {connection.is === 'lost' && (
        <button type="button" class="link" onClick={onTryNow}>
          {words.connection.tryNow}
        </button>
      )}
    </span>
  );
}
