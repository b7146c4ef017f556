import { useEffect, useRef, useState } from 'react';
import { Dialog } from '../parts/Dialog.tsx';
import { useWords } from '../words/language.ts';

interface Props {
  title: string;
  lead?: string;
  secret: string;
  /** How it is used, to be copied as well. */
  example?: string;
  onClose: () => void;
}

/** What is shown this once: to be copied, and gone with the dialog. Escape does not close it: it would be lost by a slip. */
export function SecretOnce({ title, lead, secret, example, onClose }: Props) {
  const { t } = useWords();
  useEffect(() => {
    const hold = (event: KeyboardEvent) => {
      if (event.key === 'Escape') event.preventDefault();
    };
    addEventListener('keydown', hold);
    return () => removeEventListener('keydown', hold);
  }, []);
  return (
    <Dialog
      title={title}
      {...(lead === undefined ? {} : { lead })}
      className="window-dialog secret-dialog"
      onClose={() => undefined}
    >
      <p className="band warn">{t('links.once')}</p>
      <Copied label={title} text={secret} first />
      {example === undefined ? null : <Copied label={t('keys.example')} text={example} shown />}
      <div className="answers">
        <button type="button" className="button strong" onClick={onClose}>
          {t('links.stored')}
        </button>
      </div>
    </Dialog>
  );
}

interface CopiedProps {
  label: string;
  text: string;
  first?: boolean;
  /** The label stands above as well. */
  shown?: boolean;
}

/** A line of text that belongs into another system, with a button that copies it. */
export function Copied({ label, text, first = false, shown = false }: CopiedProps) {
  const { t } = useWords();
  const field = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState<'copied' | 'copyFailed' | null>(null);
  const copy = () => {
    field.current?.select();
    copyText(text).then(
      () => setSaid('copied'),
      () => setSaid('copyFailed'),
    );
  };
  return (
    <div className="copied">
      {shown ? (
        <span className="label" aria-hidden="true">
          {label}
        </span>
      ) : null}
      <input
        ref={field}
        className="input code"
        readOnly
        value={text}
        aria-label={label}
        data-first={first ? '' : undefined}
        onFocus={(event) => event.target.select()}
      />
      <button type="button" className="button" aria-label={`${t('links.copy')} ${label}`} onClick={copy}>
        {t('links.copy')}
      </button>
      <p role="status" className="quiet">
        {said === null ? '' : t(`links.${said}`)}
      </p>
    </div>
  );
}

/** The clipboard is there over HTTPS alone; else the text stands selected, and a person copies it. */
async function copyText(text: string): Promise<void> {
  if (!('clipboard' in navigator)) throw new Error('no clipboard');
  await navigator.clipboard.writeText(text);
}
