import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import { Keycap } from '../../parts/Keycap.tsx';
import { useWords } from '../../words/language.ts';
import type { DialogName, TaskDialogName } from '../shortcuts.ts';

interface Props {
  detail: IncidentDetail;
  stale: boolean;
  onDialog: (name: DialogName) => void;
}

/** What is rarer than the seven buttons: level and commander, roll call, merging and splitting, the report. */
export function IncidentMenu({ detail, stale, onDialog }: Props) {
  const { t, language } = useWords();
  const open = isOpen(detail.state);
  const items: {
    name: TaskDialogName & ('command' | 'roll-call' | 'merge' | 'split' | 'onward');
    key: string | null;
    can: boolean;
  }[] = [
    { name: 'command', key: 'L', can: open },
    { name: 'roll-call', key: 'P', can: open && detail.legs.length > 0 },
    { name: 'merge', key: 'G', can: open },
    { name: 'split', key: null, can: open && detail.alarms.length > 1 },
    // Only what somebody has confirmed as a fire goes to the fire command centre.
    ...(detail.hazard === 'fire' ? [{ name: 'onward' as const, key: 'O', can: open && detail.state !== 'open' }] : []),
  ];
  const words = {
    command: t('tasks.command'),
    'roll-call': t('tasks.rollCall'),
    merge: t('tasks.merge'),
    split: t('tasks.split'),
    onward: t('tasks.onward'),
  };
  return (
    <>
      {items.map(({ name, key, can }) => (
        <button
          key={name}
          type="button"
          className="button plain small"
          data-menu={name}
          aria-disabled={!can || stale}
          aria-keyshortcuts={key ?? undefined}
          title={stale ? t('why.stale') : can ? undefined : t('why.refused')}
          onClick={can && !stale ? () => onDialog(name) : undefined}
        >
          {words[name]}
          {key === null ? null : <Keycap name={key} />}
        </button>
      ))}
      <a
        className="button plain small"
        href={`/api/incidents/${encodeURIComponent(detail.id)}/report.pdf?lang=${language}`}
        download
      >
        {t('tasks.report')}
      </a>
    </>
  );
}
