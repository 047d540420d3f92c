import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface ModalProps {
  title: string;
  onClose: () => void;
  /** Is told how to close it. */
  children: (close: () => void) => ComponentChildren;
}

/**
 * A dialog over the page. The browser keeps the focus inside, and gives it back to whom it was taken from; for that, the
 * dialog must be closed before it is taken away.
 */
export function Modal({ title, onClose, children }: ModalProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    dialog.current?.showModal();
    return () => queueMicrotask(keepFocus);
  }, []);
  const close = (): void => dialog.current?.close();
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && close() /* only the backdrop is not its inside */}
    >
      <div class="dialog-inside">
        <h2 id={heading}>{title}</h2>
        {children(close)}
      </div>
    </dialog>
  );
}

/** What the focus came from may be gone by then: a filter may hide the card of a plugin that was switched. */
function keepFocus(): void {
  if (document.activeElement === document.body) document.querySelector('main')?.focus();
}
