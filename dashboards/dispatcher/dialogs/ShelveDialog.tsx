import { type FormEvent, useState } from 'react';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import { cloudNow } from '../../client/clock.ts';
import { useWords } from '../../client/language.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { shelve } from '../act.ts';
import { Answers } from './Answers.tsx';
import { ReasonField } from './ReasonField.tsx';

const minuteMs = 60_000;
const always = [5, 10];
const longer = [30, 60, 240, 480];

/** Shelving has an end and a reason, always; where life is at stake the end is ten minutes away at most. */
export function ShelveDialog({ detail, onClose }: { detail: IncidentDetail; onClose: () => void }) {
  const { t, text } = useWords();
  const lifeSafety = detail.alarms.some((alarm) => isLifeSafety(alarm.hazard));
  const offered = lifeSafety ? always : [...always, ...longer];
  const [minutes, setMinutes] = useState(10);
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() === '') return setMissing(true);
    onClose();
    void shelve(detail, cloudNow() + minutes * minuteMs, reason.trim());
  };
  return (
    <Dialog title={`${t('dialog.shelveTitle')} · ${text(detail.title)}`} lead={t('dialog.shelveLead')} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <fieldset className="choices" aria-label={t('dialog.shelveFor')}>
          {offered.map((count) => (
            <label key={count} className="choice">
              <input type="radio" name="minutes" checked={minutes === count} onChange={() => setMinutes(count)} />
              <span>{t('dialog.minutes', { count })}</span>
            </label>
          ))}
        </fieldset>
        <ReasonField label={t('dialog.reason')} value={reason} onChange={setReason} missing={missing} first />
        <Answers submit={t('move.shelve')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
