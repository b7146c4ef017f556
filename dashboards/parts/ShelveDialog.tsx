import { type FormEvent, useState } from 'react';
import { cloudNow } from '../client/clock.ts';
import { useWords } from '../client/language.ts';
import { Dialog } from './Dialog.tsx';
import { Answers } from './Answers.tsx';
import { ReasonField } from './ReasonField.tsx';

const minuteMs = 60_000;
/** The cloud measures by its own clock when the request arrives; a little less keeps the longest choice within its limit. */
const marginMs = 2_000;
const always = [5, 10];
const longer = [30, 60, 240, 480];

interface Props {
  /** What is shelved. */
  name: string;
  lifeSafety: boolean;
  onShelve: (until: number, reason: string) => void;
  onClose: () => void;
}

/** Shelving has an end and a reason, always; where life is at stake the end is ten minutes away at most. */
export function ShelveDialog({ name, lifeSafety, onShelve, onClose }: Props) {
  const { t } = useWords();
  const offered = lifeSafety ? always : [...always, ...longer];
  const [minutes, setMinutes] = useState(10);
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() === '') return setMissing(true);
    onClose();
    onShelve(cloudNow() + minutes * minuteMs - marginMs, reason.trim());
  };
  return (
    <Dialog title={`${t('dialog.shelveTitle')} · ${name}`} lead={t('dialog.shelveLead')} onClose={onClose}>
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
