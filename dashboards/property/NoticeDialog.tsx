import { type FormEvent, useState } from 'react';
import type { Notice, NoticeReach } from '@yihu/device-profiles/vocabulary/resident.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { cloudNow } from '../client/clock.ts';
import { newKey } from '../client/key.ts';
import { Answers } from '../parts/Answers.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { useWords } from '../words/language.ts';
import { AreaPick } from './AreaPick.tsx';
import { type LocalTime, localTimeOf, momentOf } from './local-time.ts';
import { MomentField } from './MomentField.tsx';
import { useReading } from './reading.ts';
import { TextField } from './TextField.tsx';
import { Wrongs } from './Wrongs.tsx';

const dayMs = 86_400_000;
const lengths = [1, 3, 7, 30];

interface Draft {
  title: string;
  text: string;
  area: string | null;
  /** null: at once. */
  from: LocalTime | null;
  /** Days, or a time of one's own. */
  until: number | LocalTime;
}

/** Writes a notice: what, to whom, from when until when; how many homes it reaches is said before it goes out. One key for the form. */
export function NoticeDialog({ onClose, onDone }: { onClose: () => void; onDone: (notice: Notice) => void }) {
  const { t } = useWords();
  const [key] = useState(newKey);
  const [draft, setDraft] = useState<Draft>({ title: '', text: '', area: null, from: null, until: 3 });
  const [isMissing, setMissing] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = bodyOf(draft);
    setMissing(body === null);
    if (body === null) return;
    call<Notice>('POST', '/api/notices', { ...body, key }).then(onDone, (error: unknown) => {
      if (!isApiError(error)) throw error;
      setProblem(error.problem);
    });
  };
  return (
    <Dialog title={t('notices.add')} className="window-dialog wide-dialog" onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <TextField
          id="notice-title"
          label={t('notices.name')}
          hint={t('notices.nameHint')}
          value={draft.title}
          most={60}
          first
          onChange={(title) => change({ title })}
        />
        <TextField
          id="notice-text"
          label={t('notices.body')}
          hint={t('notices.bodyHint')}
          value={draft.text}
          most={1000}
          rows={4}
          onChange={(words) => change({ text: words })}
        />
        <AreaPick label={t('notices.area')} value={draft.area} onChange={(area) => change({ area })} />
        <Reach area={draft.area} />
        <Times draft={draft} onChange={change} />
        <Wrongs missing={isMissing ? t('notices.missing') : null} problem={problem} />
        <Answers submit={t('notices.submit')} cancel={t('app.cancel')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

/** What is sent; null while something is missing or the end lies before the beginning. */
function bodyOf({ title, text, area, from, until }: Draft) {
  const begins = from === null ? cloudNow() : momentOf(from);
  const ends = typeof until === 'number' ? begins + until * dayMs : momentOf(until);
  if (title.trim() === '' || text.trim() === '' || area === null || !(ends > begins)) return null;
  return { title: title.trim(), text: text.trim(), area, until: ends, ...(from === null ? {} : { from: begins }) };
}

function Times({ draft: { from, until }, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }) {
  const { t } = useWords();
  return (
    <div className="notice-times">
      <fieldset className="choices">
        <legend className="label">{t('notices.from')}</legend>
        <Choice name="notice-from" label={t('notices.now')} checked={from === null} onChoose={() => onChange({ from: null })} />
        <Choice
          name="notice-from"
          label={t('notices.later')}
          checked={from !== null}
          onChoose={() => onChange({ from: localTimeOf(cloudNow() + dayMs) })}
        />
        {from === null ? null : (
          <MomentField
            id="notice-from"
            label={t('notices.fromAt')}
            value={from}
            onChange={(value) => onChange({ from: value })}
          />
        )}
      </fieldset>
      <fieldset className="choices">
        <legend className="label">{t('notices.until')}</legend>
        {lengths.map((days) => (
          <Choice
            key={days}
            name="notice-until"
            label={t('notices.days', { count: days })}
            checked={until === days}
            onChoose={() => onChange({ until: days })}
          />
        ))}
        <Choice
          name="notice-until"
          label={t('notices.untilAt')}
          checked={typeof until !== 'number'}
          onChoose={() => onChange({ until: localTimeOf(cloudNow() + 7 * dayMs) })}
        />
        {typeof until === 'number' ? null : (
          <MomentField
            id="notice-until"
            label={t('notices.untilTime')}
            value={until}
            onChange={(value) => onChange({ until: value })}
          />
        )}
      </fieldset>
    </div>
  );
}

function Choice({ name, label, checked, onChoose }: { name: string; label: string; checked: boolean; onChoose: () => void }) {
  return (
    <label className="choice">
      <input type="radio" name={name} checked={checked} onChange={onChoose} />
      <span>{label}</span>
    </label>
  );
}

/** How many homes it reaches, and how many of those can see it. */
function Reach({ area }: { area: string | null }) {
  const { t } = useWords();
  return (
    <div className="reach" role="status">
      {area === null ? <p className="quiet">{t('notices.reachChoose')}</p> : <ReachOf area={area} />}
    </div>
  );
}

function ReachOf({ area }: { area: string }) {
  const { t, text } = useWords();
  const { value, problem } = useReading<NoticeReach>(`/api/notices/reach?area=${encodeURIComponent(area)}`);
  if (value === null) return <p className="quiet">{problem === null ? t('notices.reading') : text(problem.message)}</p>;
  const { homes, linked } = value;
  if (homes === 0) return <p className="wrong">{t('notices.reachNone')}</p>;
  return (
    <>
      <p>
        <strong>{t('notices.reach', { count: homes })}</strong> <span className="quiet">{value.areaName}</span>
      </p>
      <p className={linked < homes ? 'wrong' : 'quiet'}>
        {linked < homes ? t('notices.reachOf', { linked, unlinked: homes - linked }) : t('notices.reachAll')}
      </p>
    </>
  );
}
