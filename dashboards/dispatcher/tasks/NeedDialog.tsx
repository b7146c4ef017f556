import { type FormEvent, useState } from 'react';
import type { IncidentNeed } from '@yihu/device-profiles/vocabulary/duty.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { Answers } from '../../parts/Answers.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { useWords } from '../../words/language.ts';
import { addNeed } from './act.ts';

const kinds: readonly IncidentNeed['kind'][] = ['people', 'vehicle', 'equipment', 'medical', 'shelter', 'other'];

/** 需求: what, how many, where to; somebody is asked at once. */
export function NeedDialog({ detail, onClose }: { detail: IncidentDetail; onClose: () => void }) {
  const { t, text } = useWords();
  const [kind, setKind] = useState<IncidentNeed['kind']>('people');
  const [count, setCount] = useState(1);
  const [place, setPlace] = useState(detail.place);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onClose();
    void addNeed(detail, { kind, count, place: place.trim() === '' ? detail.place : place.trim() });
  };
  return (
    <Dialog title={`${t('tasks.needTitle')} · ${text(detail.title)}`} lead={t('tasks.needLead')} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <fieldset className="choices" aria-label={t('tasks.needWhat')}>
          {kinds.map((each) => (
            <label key={each} className="choice">
              <input
                type="radio"
                name="need"
                value={each}
                checked={kind === each}
                data-first={kind === each ? '' : undefined}
                onChange={() => setKind(each)}
              />
              <span>{t(`tasks.needKind.${each}`)}</span>
            </label>
          ))}
        </fieldset>
        <div className="field">
          <label htmlFor="need-count">{t('tasks.needCount')}</label>
          <input
            id="need-count"
            className="input"
            type="number"
            min={1}
            max={999}
            value={count}
            onChange={(event) => setCount(Math.max(1, Number(event.target.value)))}
          />
        </div>
        <div className="field">
          <label htmlFor="need-place">{t('tasks.needPlace')}</label>
          <input
            id="need-place"
            className="input"
            maxLength={120}
            value={place}
            onChange={(event) => setPlace(event.target.value)}
          />
        </div>
        <Answers cancel={t('app.cancel')} submit={t('tasks.addNeed')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
