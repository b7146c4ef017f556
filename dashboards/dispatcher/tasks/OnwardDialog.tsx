import { type FormEvent, useState } from 'react';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { Answers } from '../../parts/Answers.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { useWords } from '../../words/language.ts';
import { reportOnward } from './act.ts';

const ways = ['phone', 'network'] as const;

/** 接报: what the fire command centre was told, and who took it; once for a confirmed fire. */
export function OnwardDialog({ detail, onClose }: { detail: IncidentDetail; onClose: () => void }) {
  const { t, text } = useWords();
  const [receiver, setReceiver] = useState('119');
  const [how, setHow] = useState<(typeof ways)[number]>('phone');
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (receiver.trim() === '') return setMissing(true);
    onClose();
    void reportOnward(detail, { receiver: receiver.trim(), how });
  };
  return (
    <Dialog title={`${t('tasks.onwardTitle')} · ${text(detail.title)}`} lead={t('tasks.onwardLead')} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <div className="field">
          <label htmlFor="onward-receiver">{t('tasks.onwardReceiver')}</label>
          <input
            id="onward-receiver"
            className="input"
            data-first=""
            maxLength={60}
            value={receiver}
            onChange={(event) => setReceiver(event.target.value)}
          />
          {missing ? (
            <p className="wrong" role="alert">
              {t('tasks.onwardMissing')}
            </p>
          ) : null}
        </div>
        <fieldset className="choices" aria-label={t('tasks.onwardHow')}>
          {ways.map((each) => (
            <label key={each} className="choice">
              <input type="radio" name="how" value={each} checked={how === each} onChange={() => setHow(each)} />
              <span>{t(`tasks.onwardBy.${each}`)}</span>
            </label>
          ))}
        </fieldset>
        <Answers cancel={t('app.cancel')} submit={t('tasks.onwardSubmit')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
