import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import { asApiError, type ApiError } from '../client.js';
import type { Session, State } from '../session.js';
import { useLanguage } from '../words/language.js';
import { ErrorText } from './error-text.js';
import { Icon } from './icons.js';
import { Modal } from './modal.js';
import { isOver, ReloadProgress } from './reload-progress.js';

/** Opens the dialog in which the application is reloaded. */
export function ReloadButton({ session, state }: { session: Session; state: State }): JSX.Element {
  const { words } = useLanguage();
  const [isOpen, setIsOpen] = useState(false);
  const isGoing = state.ticket !== undefined && !isOver(state.ticket);
  return (
    <>
      <button type="button" class={`quiet${isGoing ? ' turning' : ''}`} onClick={() => setIsOpen(true)}>
        <Icon shape="reload" />
        <span class="wide">{words.reload.button}</span>
      </button>
      {isOpen && (
        <Modal title={words.reload.title} onClose={() => setIsOpen(false)}>
          {(close) => <Reloading session={session} state={state} close={close} />}
        </Modal>
      )}
    </>
  );
}

function Reloading({ session, state, close }: { session: Session; state: State; close: () => void }): JSX.Element {
  const { words } = useLanguage();
  const [error, setError] = useState<ApiError>();
  const { ticket, list } = state;
  const status = list?.reload;
  const isGoing = ticket !== undefined && !isOver(ticket);
  const start = (): void => {
    setError(undefined);
    session.reload().catch((thrown: unknown) => setError(asApiError(thrown)));
  };
  return (
    <>
      {status?.isPossible === true ? (
        <p>
          {words.reload.text} {words.reload.way[status.way]}
        </p>
      ) : (
        <div class="failure failure-mild">
          <p>
            <strong>{words.reload.impossible}</strong>
          </p>
          {status?.reason && <p>{status.reason}</p>}
          {status?.hint && (
            <p class="hint">
              <span class="hint-label">{words.problem.whatHelps}</span> {status.hint}
            </p>
          )}
        </div>
      )}
      {ticket && <ReloadProgress ticket={ticket} />}
      {error && (
        <div class="failure" role="alert">
          <ErrorText error={error} />
        </div>
      )}
      <div class="dialog-buttons">
        <button type="button" onClick={close}>
          {words.change.close}
        </button>
        {status?.isPossible === true && (
          <button type="button" class="primary" disabled={isGoing} onClick={start}>
            {ticket && isOver(ticket) ? words.reload.again : words.reload.start}
          </button>
        )}
      </div>
    </>
  );
}
