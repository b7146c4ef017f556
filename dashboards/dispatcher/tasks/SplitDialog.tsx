import { type FormEvent, useState } from 'react';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { Answers } from '../../parts/Answers.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ReasonField } from '../../parts/ReasonField.tsx';
import { useWords } from '../../words/language.ts';
import { split } from './act.ts';

/** Alarms that turn out to be of something else. */
export function SplitDialog({ detail, onClose }: { detail: IncidentDetail; onClose: () => void }) {
  const { t, text } = useWords();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState<'none' | 'alarms' | 'reason'>('none');
  const turn = (id: string) => setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen.length === 0 || chosen.length === detail.alarms.length) return setMissing('alarms');
    if (reason.trim() === '') return setMissing('reason');
    onClose();
    void split(detail, chosen, reason.trim());
  };
  return (
    <Dialog title={`${t('tasks.splitTitle')} · ${text(detail.title)}`} lead={t('tasks.splitLead')} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <div className="candidates" role="group" aria-label={t('tasks.splitWhich')}>
          {detail.alarms.map((alarm) => (
            <label key={alarm.id} className="candidate split-alarm">
              <input type="checkbox" className="box" checked={chosen.includes(alarm.id)} onChange={() => turn(alarm.id)} />
              <span className="name">{text(alarm.name)}</span>
              <span className="doing">{text(alarm.deviceName)}</span>
            </label>
          ))}
        </div>
        {missing === 'alarms' ? (
          <p className="wrong" role="alert">
            {t('tasks.splitMissing')}
          </p>
        ) : null}
        <ReasonField
          missingText={t('dialog.reasonMissing')}
          label={t('dialog.reason')}
          value={reason}
          onChange={setReason}
          missing={missing === 'reason'}
        />
        <Answers cancel={t('app.cancel')} submit={t('tasks.split')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
