import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import { useWords } from '../words/language.ts';
import { shelfEnd } from '../client/shelf.ts';
import { ShelveDialog } from '../parts/ShelveDialog.tsx';
import { useShelveWords } from '../words/shelve.ts';
import { shelve } from './act.ts';
import { HelpDialog } from './dialogs/HelpDialog.tsx';
import { DispatchDialog } from './dialogs/DispatchDialog.tsx';
import { FalseAlarmDialog } from './dialogs/FalseAlarmDialog.tsx';
import { MoveDialog } from './dialogs/MoveDialog.tsx';
import { NoteDialog } from './dialogs/NoteDialog.tsx';
import { PictureDialog } from './dialogs/PictureDialog.tsx';
import { SkipDialog } from './dialogs/SkipDialog.tsx';
import { SoundDialog } from './dialogs/SoundDialog.tsx';
import { useDesk } from './desk.ts';
import type { DialogName, TaskDialogName } from './shortcuts.ts';

interface Props {
  name: Exclude<DialogName, 'call' | TaskDialogName>;
  onClose: () => void;
  keysEnabled: boolean;
  onToggleKeys: () => void;
}

/** The open dialog; those about an incident keep the one they were opened for, whatever is selected meanwhile. */
export function DeskDialog({ name, onClose, keysEnabled, onToggleKeys }: Props) {
  const detail = useDesk((desk) => desk.detail);
  const skipping = useDesk((desk) => desk.skipping);
  if (name === 'sound') return <SoundDialog onClose={onClose} />;
  if (name === 'help') return <HelpDialog onClose={onClose} enabled={keysEnabled} onToggle={onToggleKeys} />;
  if (detail === null) return null;
  if (name === 'dispatch') return <DispatchDialog detail={detail} onClose={onClose} />;
  if (name === 'false-alarm') return <FalseAlarmDialog detail={detail} onClose={onClose} />;
  if (name === 'shelve') return <ShelveIncident detail={detail} onClose={onClose} />;
  if (name === 'skip') {
    const step = detail.steps.find((one) => one.id === skipping);
    return step === undefined ? null : <SkipDialog detail={detail} step={step} onClose={onClose} />;
  }
  if (name === 'picture') return <PictureDialog detail={detail} onClose={onClose} />;
  if (name === 'note') return <NoteDialog detail={detail} onClose={onClose} />;
  return <MoveDialog move={name} detail={detail} onClose={onClose} />;
}

function ShelveIncident({ detail, onClose }: { detail: IncidentDetail; onClose: () => void }) {
  const { text } = useWords();
  const lifeSafety = detail.alarms.some((alarm) => isLifeSafety(alarm.hazard));
  return (
    <ShelveDialog
      name={text(detail.title)}
      lifeSafety={lifeSafety}
      words={useShelveWords()}
      onShelve={(minutes, reason) => void shelve(detail, shelfEnd(minutes), reason)}
      onClose={onClose}
    />
  );
}
