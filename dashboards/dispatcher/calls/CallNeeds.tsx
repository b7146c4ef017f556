import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { CallNeed, CallVolunteer } from '@yihu/device-profiles/vocabulary/call.ts';
import type { CallDetail } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { useTimersNow } from '../../client/pulse.ts';
import { Answers } from '../../parts/Answers.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { Keycap } from '../../parts/Keycap.tsx';
import { ReasonField } from '../../parts/ReasonField.tsx';
import { elapsedText } from '../../parts/time.ts';
import { useWords } from '../../words/language.ts';
import { AssignDialog } from '../tasks/AssignDialog.tsx';
import { moveNeed } from './act.ts';
import { useCalls } from './read.ts';

const rank = { open: 0, taken: 1, done: 2 };

/** Who asked for help: name and telephone whole, because somebody has to go there now. Those who wait stand first. */
export function CallNeeds({ detail, stale }: { detail: CallDetail; stale: boolean }) {
  const { t } = useWords();
  const needs = useCalls((open) => open.needs);
  const shown = [...(needs ?? [])].sort((a, b) => rank[a.state] - rank[b.state] || a.at - b.at);
  const waiting = shown.filter(({ state }) => state === 'open').length;
  return (
    <section className="block call-needs" aria-labelledby="needs-title">
      <h3 id="needs-title">
        {t('calls.needs')}
        <span>
          {waiting > 0 ? <Keycap name="H" /> : null} {needs === null ? null : <span className="count">{waiting}</span>}
        </span>
      </h3>
      {needs?.length === 0 ? <p className="quiet">{t('calls.noNeeds')}</p> : null}
      <ul className="scroll" tabIndex={0} aria-label={t('calls.needs')}>
        {shown.map((need) => (
          <NeedRow key={need.id} need={need} call={detail.id} stale={stale} />
        ))}
      </ul>
    </section>
  );
}

function NeedRow({ need, call, stale }: { need: CallNeed; call: string; stale: boolean }) {
  const { t } = useWords();
  const now = useTimersNow();
  const [dialog, setDialog] = useState<'assign' | 'finish' | null>(null);
  const task = useCalls((open) => open.tasks.find(({ area, state }) => area === need.area && state !== 'cancelled'));
  const spot = useCalls((open) => open.spot === need.id);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (spot) row.current?.focus();
  }, [spot]);
  const close = () => setDialog(null);
  const can = need.state !== 'done' && !stale;
  return (
    <li ref={row} className={`need ${need.state}`} tabIndex={-1} aria-current={spot ? 'true' : undefined} data-need={need.id}>
      <span className="need-who">
        <strong>{need.label}</strong>
        <span>{need.name}</span>
        <span>{need.phone ?? '—'}</span>
        {need.people === null || need.people < 2 ? null : <span>{t('calls.needPeople', { count: need.people })}</span>}
      </span>
      {need.note === null ? null : <span className="need-note">{need.note}</span>}
      <span className="need-state quiet">
        {need.state === 'open' ? elapsedText(now - need.at) : null} {t(`calls.need.${need.state}`)} {need.byName ?? ''}
        {need.outcome === null ? null : ` · ${need.outcome}`}
        {task === undefined || need.state === 'done' ? null : <Helper task={task} />}
      </span>
      {can ? (
        <span className="need-do">
          {task === undefined ? null : (
            <button type="button" className="button small strong" onClick={() => setDialog('assign')}>
              {t('calls.assign')}
            </button>
          )}
          {need.state === 'open' ? (
            <button type="button" className="button small" onClick={() => void moveNeed(call, need.id, 'take', null)}>
              {t('calls.take')}
            </button>
          ) : null}
          <button type="button" className="button small" onClick={() => setDialog('finish')}>
            {t('calls.finish')}
          </button>
        </span>
      ) : null}
      {need.volunteers.length === 0 ? null : <Volunteers need={need} volunteers={need.volunteers} />}
      {dialog === 'assign' && task !== undefined ? <AssignDialog task={task} onClose={close} /> : null}
      {dialog === 'finish' ? <FinishDialog need={need} call={call} onClose={close} /> : null}
    </li>
  );
}

/** 能帮忙的邻居: who lives nearest of those who can help, to be called; nothing is sent to them. */
function Volunteers({ need, volunteers }: { need: CallNeed; volunteers: readonly CallVolunteer[] }) {
  const { t } = useWords();
  return (
    <ul className="need-helpers" aria-label={t('calls.volunteersNear', { place: need.label })}>
      {volunteers.map(({ person, name, phone, label, near, note }) => (
        <li key={person} data-volunteer={person}>
          <span className="tag">{t(`calls.near.${near}`)}</span>
          <span>{label}</span>
          <span>{name}</span>
          {phone === null ? <span>—</span> : <a href={`tel:${phone}`}>{phone}</a>}
          {note === null ? null : <span>{note}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Who goes there, as the task that came of the need says. */
function Helper({ task }: { task: TaskSummary }) {
  const { t, text } = useWords();
  if (task.state === 'created') return <span> · {task.trouble === null ? t('calls.needNobody') : text(task.trouble)}</span>;
  if (task.state === 'verified' || task.state === 'cancelled') return null;
  return <span> · {t('calls.needTask', { name: task.personName ?? '', state: t(`leg.${task.state}`) })}</span>;
}

function FinishDialog({ need, call, onClose }: { need: CallNeed; call: string; onClose: () => void }) {
  const { t } = useWords();
  const [written, setWritten] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (written.trim() === '') return setMissing(true);
    onClose();
    void moveNeed(call, need.id, 'done', written.trim());
  };
  return (
    <Dialog title={`${t('calls.finish')} · ${need.label}`} lead={t('calls.finishLead')} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <ReasonField
          missingText={t('dialog.reasonMissing')}
          label={t('dialog.noteText')}
          value={written}
          onChange={setWritten}
          missing={missing}
          first
        />
        <Answers cancel={t('app.cancel')} submit={t('calls.finish')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
