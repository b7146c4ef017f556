import { type ReactNode, type SyntheticEvent, useEffect, useId, useRef } from 'react';

interface Props {
  title: string;
  lead?: string;
  className?: string;
  onClose: () => void;
  children: ReactNode;
}

/**
 * A modal on the browser's own `<dialog>`: it traps the focus, Escape closes it, and the focus returns where it was. It
 * begins at the element marked `data-first`, or else at the first control.
 */
export function Dialog({ title, lead, className = '', onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    firstIn(element)?.focus();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const cancel = (event: SyntheticEvent) => {
    event.preventDefault();
    onClose();
  };
  return (
    <dialog ref={dialog} className={`dialog ${className}`} aria-labelledby={titleId} onCancel={cancel}>
      <div className="body">
        <h2 id={titleId}>{title}</h2>
        {lead === undefined ? null : <p className="lead">{lead}</p>}
        {children}
      </div>
    </dialog>
  );
}

const controls = 'a, button, input, select, textarea';

/** Not a list that scrolls: a browser lets such a one have the focus, and Enter on it answers nothing. */
function firstIn(dialog: HTMLElement | null): HTMLElement | null {
  const marked = dialog?.querySelector<HTMLElement>('[data-first]') ?? null;
  if (marked !== null || document.activeElement?.matches(`${controls}, [tabindex]`) === true) return marked;
  return (
    dialog?.querySelector<HTMLElement>('input[type="radio"]:checked') ?? dialog?.querySelector<HTMLElement>(controls) ?? null
  );
}
