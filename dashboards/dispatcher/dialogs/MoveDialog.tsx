import { type FormEvent, useState } from 'react';
import { type IncidentDetail, incidentLife } from '@yihu/device-profiles/vocabulary/incident.ts';
import { useWords } from '../../words/language.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { moveIncident } from '../act.ts';
import { Answers } from '../../parts/Answers.tsx';
import { ReasonField } from '../../parts/ReasonField.tsx';

interface Props {
  move: 'resolve' | 'close' | 'cancel' | 'reopen';
  detail: IncidentDetail;
  onClose: () => void;
}

/** A move that ends or revives something asks once; where the life needs a reason, it is required. */
export function MoveDialog({ move, detail, onClose }: Props) {
  const { t, text } = useWords();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const { needsReason } = incidentLife[move];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = reason.trim();
    if (needsReason && given === '') return setMissing(true);
    onClose();
    void moveIncident(detail, move, given === '' ? {} : { reason: given });
  };
  return (
    <Dialog title={`${t(`dialog.${move}Title`)} · ${text(detail.title)}`} lead={t(`dialog.${move}Lead`)} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <ReasonField
          missingText={t('dialog.reasonMissing')}
          label={t(needsReason ? 'dialog.reason' : 'dialog.reasonOptional')}
          value={reason}
          onChange={setReason}
          missing={missing}
          first
        />
        <Answers cancel={t('app.cancel')} submit={t(`move.${move}`)} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
