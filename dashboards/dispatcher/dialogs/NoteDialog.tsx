import { type FormEvent, useState } from 'react';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { useWords } from '../../words/language.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { note } from '../act.ts';
import { Answers } from '../../parts/Answers.tsx';
import { ReasonField } from '../../parts/ReasonField.tsx';

/** A line for the timeline, in the dispatcher's own words. */
export function NoteDialog({ detail, onClose }: { detail: IncidentDetail; onClose: () => void }) {
  const { t, text } = useWords();
  const [written, setWritten] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (written.trim() === '') return setMissing(true);
    onClose();
    void note(detail, written.trim());
  };
  return (
    <Dialog title={`${t('dialog.noteTitle')} · ${text(detail.title)}`} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <ReasonField
          missingText={t('dialog.reasonMissing')}
          label={t('dialog.noteText')}
          value={written}
          onChange={setWritten}
          missing={missing}
          first
        />
        <Answers cancel={t('app.cancel')} submit={t('dialog.noteTitle')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
