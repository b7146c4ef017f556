import { type FormEvent, useState } from 'react';
import { Answers } from './Answers.tsx';
import { Dialog } from './Dialog.tsx';
import { ReasonField } from './ReasonField.tsx';

const always = [5, 10];
const longer = [30, 60, 240, 480];

export interface ShelveWords {
  title: string;
  lead: string;
  reason: string;
  missing: string;
  howLong: string;
  submit: string;
  cancel: string;
  minutes: (count: number) => string;
}

interface Props {
  /** What is shelved. */
  name: string;
  words: ShelveWords;
  lifeSafety: boolean;
  onShelve: (minutes: number, reason: string) => void;
  onClose: () => void;
}

/** Shelving has an end and a reason, always; where life is at stake the end is ten minutes away at most. */
export function ShelveDialog({ name, words, lifeSafety, onShelve, onClose }: Props) {
  const offered = lifeSafety ? always : [...always, ...longer];
  const [minutes, setMinutes] = useState(10);
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() === '') return setMissing(true);
    onClose();
    onShelve(minutes, reason.trim());
  };
  return (
    <Dialog title={`${words.title} · ${name}`} lead={words.lead} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <fieldset className="choices" aria-label={words.howLong}>
          {offered.map((count) => (
            <label key={count} className="choice">
              <input type="radio" name="minutes" checked={minutes === count} onChange={() => setMinutes(count)} />
              <span>{words.minutes(count)}</span>
            </label>
          ))}
        </fieldset>
        <ReasonField
          label={words.reason}
          value={reason}
          onChange={setReason}
          missing={missing}
          missingText={words.missing}
          first
        />
        <Answers submit={words.submit} cancel={words.cancel} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
