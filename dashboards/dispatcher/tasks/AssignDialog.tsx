import { type FormEvent, useCallback, useEffect, useState } from 'react';
import type { TaskCandidate, TaskDetail, TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../../client/api.ts';
import { newKey } from '../../client/key.ts';
import { Answers } from '../../parts/Answers.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { PanelState } from '../../parts/PanelState.tsx';
import { ReasonField } from '../../parts/ReasonField.tsx';
import { useWords } from '../../words/language.ts';
import { distanceText } from '../People.tsx';

/** Sends somebody on a task: in the cloud's own order, with who was asked already and what came of it. */
export function AssignDialog({ task, onClose, onDone }: { task: TaskSummary; onClose: () => void; onDone?: () => void }) {
  const words = useWords();
  const { t, text } = words;
  const [people, setPeople] = useState<readonly TaskCandidate[] | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [key] = useState(newKey);
  const path = `/api/tasks/${encodeURIComponent(task.id)}`;
  const failed = useCallback((error: unknown) => {
    if (!isApiError(error)) throw error;
    setProblem(error.problem);
  }, []);
  const read = useCallback(() => {
    call<TaskCandidate[]>('GET', `${path}/candidates`).then((list) => {
      const others = list.filter(({ id }) => id !== task.person);
      setPeople(others);
      setProblem(null);
      setChosen((before) => before ?? (others.find(({ onDuty, asked }) => onDuty && asked === null) ?? others[0])?.id ?? null);
    }, failed);
  }, [path, task.person, failed]);
  useEffect(read, [read]);
  const move = task.state === 'created' ? 'offer' : 'transfer';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen === null) return;
    if (move === 'transfer' && reason.trim() === '') return setMissing(true);
    const why = move === 'transfer' ? { reason: reason.trim() } : {};
    call<TaskDetail>('POST', `${path}/moves`, { move, version: task.version, person: chosen, ...why, key }).then(() => {
      onDone?.();
      onClose();
    }, failed);
  };
  return (
    <Dialog title={`${t('dialog.dispatchTitle')} · ${text(task.title)}`} lead={t('dialog.dispatchLead')} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        {people?.length === 0 ? (
          <PanelState mark="unknown" title={t('people.empty')}>
            <p>{t('people.emptyNext')}</p>
          </PanelState>
        ) : null}
        {people === null && problem === null ? <p className="quiet">{t('app.loading')}</p> : null}
        <div className="candidates" role="radiogroup" aria-label={t('people.title')}>
          {(people ?? []).map((one) => (
            <label key={one.id} className="candidate">
              <input
                type="radio"
                name="person"
                value={one.id}
                checked={chosen === one.id}
                onChange={() => setChosen(one.id)}
                ref={one.id === chosen ? focusOnce : undefined}
              />
              <span className="name">{one.name}</span>
              <span className="doing">
                {t(one.onDuty ? (one.busy ? 'people.busy' : 'people.free') : 'people.off')}
                {one.asked === null ? null : <span className="hint">{t(`leg.${one.asked}`)}</span>}
              </span>
              <span className="distance">{distanceText(one.metres, words)}</span>
            </label>
          ))}
        </div>
        {move === 'transfer' ? (
          <ReasonField
            missingText={t('dialog.reasonMissing')}
            label={t('dialog.reason')}
            value={reason}
            onChange={setReason}
            missing={missing}
          />
        ) : null}
        {problem === null ? null : (
          <p className="wrong" role="alert">
            {text(problem.message)}{' '}
            {people === null ? (
              <button type="button" className="button small" onClick={read}>
                {t('app.retry')}
              </button>
            ) : null}
          </p>
        )}
        <Answers cancel={t('app.cancel')} submit={t('dialog.dispatch')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

const focused = new WeakSet<Element>();

/** The list comes after the dialog: the first choice takes the focus when it does, and only then. */
function focusOnce(element: HTMLInputElement | null): void {
  const dialog = element?.closest('dialog');
  if (element === null || dialog === null || dialog === undefined || focused.has(dialog)) return;
  focused.add(dialog);
  element.focus();
}
