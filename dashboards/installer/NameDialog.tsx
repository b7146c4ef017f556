import { type FormEvent, useState } from 'react';
import { Answers } from '../parts/Answers.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { useWords } from '../words/language.ts';

const keptAs = 'yihu.installer.name';

interface Props {
  readonly title: string;
  readonly lead: string;
  readonly submit: string;
  readonly onClose: () => void;
  readonly onName: (by: string) => void;
}

/** Are you sure, and who are you: what is done to a device is on record under a name. */
export function NameDialog({ title, lead, submit, onClose, onName }: Props) {
  const { t } = useWords();
  const [name, setName] = useState(() => localStorage.getItem(keptAs) ?? '');
  const [missing, setMissing] = useState(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    const by = name.trim();
    if (by === '') return setMissing(true);
    localStorage.setItem(keptAs, by);
    onClose();
    onName(by);
  };
  return (
    <Dialog title={title} lead={lead} onClose={onClose}>
      <form className="bare" onSubmit={send}>
        <div className="field">
          <label htmlFor="order-by">{t('work.order.by')}</label>
          <input
            id="order-by"
            className="input"
            value={name}
            maxLength={60}
            autoComplete="name"
            data-first={name === '' ? '' : undefined}
            aria-invalid={missing}
            aria-describedby={missing ? 'order-by-missing' : undefined}
            onChange={(event) => setName(event.target.value)}
          />
          {missing ? (
            <p id="order-by-missing" className="wrong" role="alert">
              {t('work.order.byMissing')}
            </p>
          ) : null}
        </div>
        <Answers submit={submit} cancel={t('work.order.cancel')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
