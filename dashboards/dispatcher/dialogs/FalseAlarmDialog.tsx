import { type FormEvent, useState } from 'react';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { useWords } from '../../words/language.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { moveIncident } from '../act.ts';
import { Answers } from '../../parts/Answers.tsx';
import { ReasonField } from '../../parts/ReasonField.tsx';

const usual = ['cooking', 'dust', 'test', 'fault', 'mistake'] as const;

/** A false alarm needs its reason: it feeds the false-alarm rate of the device. */
export function FalseAlarmDialog({ detail, onClose }: { detail: IncidentDetail; onClose: () => void }) {
  const { t, text } = useWords();
  const [chosen, setChosen] = useState<(typeof usual)[number] | null>(null);
  const [more, setMore] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const reason = [chosen === null ? '' : t(`falseReason.${chosen}`), more.trim()].filter((part) => part !== '').join('：');
    if (reason === '') return setMissing(true);
    onClose();
    void moveIncident(detail, 'false-alarm', { reason });
  };
  return (
    <Dialog title={`${t('dialog.falseTitle')} · ${text(detail.title)}`} lead={t('dialog.falseLead')} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <fieldset className="choices" aria-label={t('dialog.reason')}>
          {usual.map((name) => (
            <label key={name} className="choice">
              <input type="radio" name="usual" value={name} checked={chosen === name} onChange={() => setChosen(name)} />
              <span>{t(`falseReason.${name}`)}</span>
            </label>
          ))}
        </fieldset>
        <ReasonField
          missingText={t('dialog.reasonMissing')}
          label={t('dialog.reasonOther')}
          value={more}
          onChange={setMore}
          missing={missing}
        />
        <Answers cancel={t('app.cancel')} submit={t('move.false-alarm')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
