import { type FormEvent, useState } from 'react';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import { Answers } from '../../parts/Answers.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { headingOf } from '../../parts/heading.ts';
import { LevelShape } from '../../parts/Level.tsx';
import { PanelState } from '../../parts/PanelState.tsx';
import { ReasonField } from '../../parts/ReasonField.tsx';
import { useWords } from '../../words/language.ts';
import { queueOf } from '../board.ts';
import { useDesk } from '../desk.ts';
import { merge } from './act.ts';

/** Which of the open incidents this one is part of; those of the same place stand first. */
export function MergeDialog({ detail, onClose }: { detail: IncidentDetail; onClose: () => void }) {
  const { t, text } = useWords();
  const board = useDesk((desk) => desk.board);
  const others = (board === null ? [] : queueOf(board))
    .filter(({ id }) => id !== detail.id)
    .sort((a, b) => nearness(b.area, detail.area) - nearness(a.area, detail.area));
  const [into, setInto] = useState(others[0]?.id ?? null);
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (into === null) return;
    if (reason.trim() === '') return setMissing(true);
    onClose();
    void merge(detail, into, reason.trim());
  };
  return (
    <Dialog title={`${t('tasks.mergeTitle')} · ${text(detail.title)}`} lead={t('tasks.mergeLead')} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        {others.length === 0 ? <PanelState mark="filter" title={t('tasks.mergeNone')} /> : null}
        <div className="candidates" role="radiogroup" aria-label={t('tasks.mergeInto')}>
          {others.map((one) => (
            <label key={one.id} className="candidate merge-candidate">
              <input type="radio" name="into" value={one.id} checked={into === one.id} onChange={() => setInto(one.id)} />
              <span className={`tile level-${levelOf(one.severity)}`}>
                <LevelShape severity={one.severity} size={14} />
              </span>
              <span className="name">{headingOf(text(one.title), one.place)}</span>
              <span className="distance">{one.place}</span>
            </label>
          ))}
        </div>
        <ReasonField
          missingText={t('dialog.reasonMissing')}
          label={t('dialog.reason')}
          value={reason}
          onChange={setReason}
          missing={missing}
        />
        <Answers cancel={t('app.cancel')} submit={t('tasks.merge')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

/** How many steps of their paths two areas share. */
function nearness(a: string, b: string): number {
  const other = b.split('/');
  const apart = a.split('/').findIndex((step, nth) => step !== other[nth]);
  return apart === -1 ? a.split('/').length : apart;
}
