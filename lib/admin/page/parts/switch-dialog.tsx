import type { ChangeAnswer } from '#lib/admin/api.js';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { ApiError, asApiError, pathOf, send } from '../client.js';
import type { Session } from '../session.js';
import { useLanguage } from '../words/language.js';
import { ErrorText } from './error-text.js';
import { Modal } from './modal.js';

interface SwitchDialogProps {
  name: string;
  to: 'enabled' | 'disabled';
  session: Session;
}

/** Shows what switching a plugin would do, and does it. */
export function SwitchDialog({ onClose, ...rest }: SwitchDialogProps & { onClose: () => void }): JSX.Element {
  const { words } = useLanguage();
  return (
    <Modal title={words.change.title[rest.to](rest.name)} onClose={onClose}>
      {(close) => <Switching {...rest} close={close} />}
    </Modal>
  );
}

function Switching({ name, to, session, close }: SwitchDialogProps & { close: () => void }): JSX.Element {
  const { words } = useLanguage();
  const [preview, setPreview] = useState<ChangeAnswer>();
  const [done, setDone] = useState<ChangeAnswer>();
  const [error, setError] = useState<ApiError>();
  const [isWorking, setIsWorking] = useState(false);
  const path = `${pathOf(name)}/${to === 'enabled' ? 'enable' : 'disable'}`;

  useEffect(() => {
    let isOpen = true;
    send<ChangeAnswer>(path, { dryRun: true, cascade: true }).then(
      (answer) => isOpen && setPreview(answer),
      (thrown: unknown) => isOpen && setError(asApiError(thrown)),
    );
    return () => void (isOpen = false);
  }, [path]);

  const carryOut = async (): Promise<void> => {
    setIsWorking(true);
    setError(undefined);
    try {
      const answer = await send<ChangeAnswer>(path, { cascade: (preview?.affected.length ?? 0) > 0 });
      void session.refresh();
      if ((answer.problems?.length ?? 0) > 0) setDone(answer);
      else close();
    } catch (thrown) {
      setError(asApiError(thrown));
    } finally {
      setIsWorking(false);
    }
  };

  const canGo = preview !== undefined && preview.applied !== 'unchanged' && !done;
  return (
    <>
      <div aria-live="polite">
        {!preview && !error && <p class="muted">{words.change.looking}</p>}
        {preview && !done && <Preview preview={preview} to={to} />}
        {done && <Problems answer={done} />}
        {error && (
          <div class="failure" role="alert">
            <ErrorText error={error} />
          </div>
        )}
      </div>
      <div class="dialog-buttons">
        <button type="button" onClick={close}>
          {canGo || !preview ? words.change.cancel : words.change.close}
        </button>
        {canGo && (
          <button type="button" class="primary" disabled={isWorking} onClick={() => void carryOut()}>
            {isWorking ? words.change.working : words.change.confirm[to](preview.affected.length + 1)}
          </button>
        )}
      </div>
    </>
  );
}

function Preview({ preview, to }: { preview: ChangeAnswer; to: 'enabled' | 'disabled' }): JSX.Element {
  const { words } = useLanguage();
  const { affected, applied, reason } = preview;
  if (applied === 'unchanged') return <p>{words.change.unchanged}</p>;
  return (
    <>
      {affected.length === 0 ? (
        <p>{words.change.alone}</p>
      ) : (
        <>
          <p>{words.change.along[to](affected.length)}</p>
          <ul class="affected">
            {affected.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </>
      )}
      <p class="muted">{applied === 'live' ? words.change.live : words.change.onReload}</p>
      {reason !== undefined && <p class="muted">{reason}</p>}
    </>
  );
}

function Problems({ answer }: { answer: ChangeAnswer }): JSX.Element {
  const { words } = useLanguage();
  return (
    <>
      <p>{words.change.problems}</p>
      {answer.problems?.map((each, index) => (
        <ErrorText error={new ApiError(200, each.code, each.message, each.hint)} key={index} />
      ))}
    </>
  );
}
