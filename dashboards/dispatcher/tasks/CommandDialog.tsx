import { type FormEvent, useState } from 'react';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { severities } from '@yihu/device-profiles/vocabulary/severity.ts';
import { Answers } from '../../parts/Answers.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { LevelShape } from '../../parts/Level.tsx';
import { ReasonField } from '../../parts/ReasonField.tsx';
import { useWords } from '../../words/language.ts';
import { byReadiness } from '../board.ts';
import { useDesk } from '../desk.ts';
import { command } from './act.ts';

/** 定级与指挥: the level by a person's judgement, and who leads. The timeline says why. */
export function CommandDialog({ detail, onClose }: { detail: IncidentDetail; onClose: () => void }) {
  const { t, text } = useWords();
  const board = useDesk((desk) => desk.board);
  const [severity, setSeverity] = useState(detail.severity);
  const [commander, setCommander] = useState('');
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState<'none' | 'reason' | 'change'>('none');
  const people = byReadiness(Object.values(board?.responders ?? {}));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (severity === detail.severity && commander === '') return setMissing('change');
    if (reason.trim() === '') return setMissing('reason');
    onClose();
    void command(detail, {
      ...(severity === detail.severity ? {} : { severity }),
      ...(commander === '' ? {} : { commander }),
      reason: reason.trim(),
    });
  };
  return (
    <Dialog title={`${t('tasks.commandTitle')} · ${text(detail.title)}`} lead={t('tasks.commandLead')} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <fieldset className="choices" aria-label={t('tasks.level')}>
          {severities.map((each) => (
            <label key={each} className="choice">
              <input
                type="radio"
                name="severity"
                value={each}
                checked={severity === each}
                data-first={severity === each ? '' : undefined}
                onChange={() => setSeverity(each)}
              />
              <span className="choice-level">
                <LevelShape severity={each} size={12} /> {t(`level.${each}`)}
              </span>
            </label>
          ))}
        </fieldset>
        <div className="field">
          <label htmlFor="commander">{t('tasks.commander')}</label>
          <span className="select">
            <select id="commander" value={commander} onChange={(event) => setCommander(event.target.value)}>
              <option value="">{t('tasks.commanderKeep', { name: detail.commander ?? t('tasks.commanderNone') })}</option>
              {people.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </span>
        </div>
        <ReasonField
          missingText={t('dialog.reasonMissing')}
          label={t('dialog.reason')}
          value={reason}
          onChange={setReason}
          missing={missing === 'reason'}
        />
        {missing === 'change' ? (
          <p className="wrong" role="alert">
            {t('tasks.unchanged')}
          </p>
        ) : null}
        <Answers cancel={t('app.cancel')} submit={t('tasks.set')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
