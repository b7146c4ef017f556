import { type FormEvent, useState } from 'react';
import type { CallPress } from '@yihu/device-profiles/vocabulary/call.ts';
import type { CallDetail } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { Answers } from '../../parts/Answers.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ReasonField } from '../../parts/ReasonField.tsx';
import { useWords } from '../../words/language.ts';
import { pressCall } from './act.ts';
import { CallDialog } from './CallDialog.tsx';
import { isLive } from './read.ts';

type Open = { press: CallPress } | { write: 'supersede' | 'edit' } | null;

const presses: readonly CallPress[] = ['submit', 'approve', 'return', 'cancel', 'recall', 'stand-down'];
const needsReason: readonly CallPress[] = ['return', 'recall'];

/** The next sensible press is the bright one. */
function strong(move: CallPress): boolean {
  return move === 'approve' || move === 'submit';
}

/** What can be done with a call now; what cannot be, and why, stands on the button or below it. */
export function CallActions({ detail, stale }: { detail: CallDetail; stale: boolean }) {
  const { t, text } = useWords();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const moves = detail.moves.filter(({ move, allowed, why }) => presses.includes(move) && (allowed || isNear(move, detail, why)));
  const refusals = moves.flatMap(({ allowed, why }) => (allowed || why === null ? [] : [text(why)]));
  const mayReplace = isLive(detail.state) || detail.state === 'scheduled';
  return (
    <div className="actions call-actions">
      <div className="call-buttons">
        {moves.map(({ move, allowed, why }) => (
          <button
            key={move}
            type="button"
            className={`button act ${allowed && strong(move) ? 'strong' : ''}`}
            data-press={move}
            aria-disabled={!allowed || stale}
            title={stale ? t('why.stale') : why === null ? undefined : text(why)}
            onClick={allowed && !stale ? () => setOpen({ press: move }) : undefined}
          >
            {t(`calls.move.${move}`)}
          </button>
        ))}
        {mayReplace ? <Write name="supersede" stale={stale} onPress={() => setOpen({ write: 'supersede' })} /> : null}
        {detail.state === 'draft' ? <Write name="edit" stale={stale} onPress={() => setOpen({ write: 'edit' })} /> : null}
        <a
          className="button act"
          href={`/api/calls/${encodeURIComponent(detail.id)}/report.html`}
          target="_blank"
          rel="noreferrer"
        >
          {t('calls.report')}
        </a>
      </div>
      {refusals.length === 0 ? null : <p className="refusals quiet">{[...new Set(refusals)].join(' ')}</p>}
      {detail.state === 'draft' && detail.reason !== null ? (
        <p className="refusals">
          {t('calls.state.draft')} · {detail.reason}
        </p>
      ) : null}
      {open !== null && 'press' in open ? <PressDialog detail={detail} move={open.press} onClose={close} /> : null}
      {open !== null && 'write' in open ? <CallDialog about={{ [open.write]: detail }} onClose={close} /> : null}
    </div>
  );
}

/** Approving somebody else's call is shown also to its author, with the reason; what the state rules out is not shown at all. */
function isNear(move: CallPress, detail: CallDetail, why: unknown): boolean {
  return move === 'approve' && detail.state === 'waiting' && why !== null;
}

function Write({ name, stale, onPress }: { name: 'supersede' | 'edit'; stale: boolean; onPress: () => void }) {
  const { t } = useWords();
  return (
    <button
      type="button"
      className="button act"
      data-press={name}
      aria-disabled={stale}
      title={stale ? t('why.stale') : undefined}
      onClick={stale ? undefined : onPress}
    >
      {t(`calls.move.${name}`)}
    </button>
  );
}

function PressDialog({ detail, move, onClose }: { detail: CallDetail; move: CallPress; onClose: () => void }) {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const silent = move === 'stand-down' ? detail.count.silent : 0;
  const required = needsReason.includes(move) || silent > 0;
  const plain = move === 'approve' || move === 'submit' || move === 'cancel';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (required && reason.trim() === '') return setMissing(true);
    onClose();
    void pressCall(detail, move, reason);
  };
  return (
    <Dialog title={`${t(`calls.move.${move}`)} · ${detail.title}`} lead={t(`calls.moveLead.${move}`)} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <p className="call-audience">
          <strong>{detail.areaName}</strong> {t('calls.people', { count: detail.count.people })}
        </p>
        {silent > 0 ? <p>{t('calls.moveSilent', { count: silent })}</p> : null}
        {plain ? null : (
          <ReasonField
            missingText={t('dialog.reasonMissing')}
            label={t(required ? 'dialog.reason' : 'dialog.reasonOptional')}
            value={reason}
            onChange={setReason}
            missing={missing}
            first
          />
        )}
        <Answers cancel={t('app.cancel')} submit={t(`calls.move.${move}`)} onCancel={onClose} first={plain} />
      </form>
    </Dialog>
  );
}
