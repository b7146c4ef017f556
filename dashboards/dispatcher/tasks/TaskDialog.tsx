import type { FormEvent } from 'react';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { Answers } from '../../parts/Answers.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { useWords } from '../../words/language.ts';
import { useDesk } from '../desk.ts';
import type { TaskDialogName } from '../shortcuts.ts';
import { rollCall } from './act.ts';
import { CommandDialog } from './CommandDialog.tsx';
import { MergeDialog } from './MergeDialog.tsx';
import { NeedDialog } from './NeedDialog.tsx';
import { OnwardDialog } from './OnwardDialog.tsx';
import { SplitDialog } from './SplitDialog.tsx';

/** The open dialog about the forces or the shape of the chosen incident. */
export function TaskDialog({ name, onClose }: { name: TaskDialogName; onClose: () => void }) {
  const detail = useDesk((desk) => desk.detail);
  if (detail === null) return null;
  const props = { detail, onClose };
  if (name === 'need') return <NeedDialog {...props} />;
  if (name === 'merge') return <MergeDialog {...props} />;
  if (name === 'split') return <SplitDialog {...props} />;
  if (name === 'onward') return <OnwardDialog {...props} />;
  if (name === 'command') return <CommandDialog {...props} />;
  return <RollCallDialog {...props} />;
}

function RollCallDialog({ detail, onClose }: { detail: IncidentDetail; onClose: () => void }) {
  const { t, text } = useWords();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onClose();
    void rollCall(detail);
  };
  return (
    <Dialog title={`${t('tasks.rollCallTitle')} · ${text(detail.title)}`} lead={t('tasks.rollCallLead')} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <Answers cancel={t('app.cancel')} submit={t('tasks.rollCall')} onCancel={onClose} first />
      </form>
    </Dialog>
  );
}
