import { type FormEvent, useState } from 'react';
import type { IncidentDetail, PlanStep } from '@yihu/device-profiles/vocabulary/incident.ts';
import { useWords } from '../../words/language.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { setStep } from '../act.ts';
import { Answers } from '../../parts/Answers.tsx';
import { ReasonField } from '../../parts/ReasonField.tsx';

interface Props {
  detail: IncidentDetail;
  step: PlanStep;
  onClose: () => void;
}

/** A step of the plan that does not fit this case: skipped, and the timeline says why. */
export function SkipDialog({ detail, step, onClose }: Props) {
  const { t, text } = useWords();
  const [written, setWritten] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (written.trim() === '') return setMissing(true);
    onClose();
    void setStep(detail, step, 'skipped', written.trim());
  };
  return (
    <Dialog title={t('dialog.stepSkip')} lead={text(step.text)} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <ReasonField
          missingText={t('dialog.reasonMissing')}
          label={t('dialog.reason')}
          value={written}
          onChange={setWritten}
          missing={missing}
          first
        />
        <Answers cancel={t('app.cancel')} submit={t('move.skip')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
