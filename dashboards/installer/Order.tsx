import type { LocalOrder } from '@yihu/device-profiles/vocabulary/local-order.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { useState } from 'react';
import { call } from '../client/api.ts';
import { useTimersNow } from '../client/pulse.ts';
import { useWords } from '../words/language.ts';
import { agoText } from './ago.ts';
import { problemIn } from './changing.ts';
import { NameDialog } from './NameDialog.tsx';

/** One order as it stands: what is known of it, and no more. */
export function Order({ order, onChange }: { order: LocalOrder; onChange: () => void }) {
  const words = useWords();
  const { t, text } = words;
  const now = useTimersNow();
  const { id, name, args, state, at, by, reason, isReadBack, isOver, shown, device } = order;
  const said = state === 'sent' && !isReadBack ? t('work.order.state.sentBlind') : t(`work.order.state.${state}`);
  const given = Object.values(args).map(String).join('，');
  return (
    <li className="order" data-state={state} data-over={isOver}>
      <p className="order-name">
        <strong>
          {text(name)}
          {given === '' ? '' : ` ${given}`}
        </strong>
        <span className="quiet">
          {device} · {by.map((who) => who.replace(/^local\//, '')).join(' + ')} · {agoText(at, now, words)}
        </span>
      </p>
      <p className="order-state">
        <span className="order-mark" aria-hidden="true">
          {marks[state]}
        </span>
        {said}
        {shown === null ? null : <span className="quiet">{t('work.order.shown', { value: String(shown) })}</span>}
      </p>
      {reason === null ? null : <p className="quiet">{text(reason)}</p>}
      {state === 'awaiting' ? <Answer id={id} onChange={onChange} /> : null}
    </li>
  );
}

const marks = {
  awaiting: '…',
  accepted: '…',
  sent: '→',
  confirmed: '✓',
  refused: '✗',
  unknown: '?',
  expired: '✗',
  blocked: '✗',
} as const;

/** 第二人: yes or no, under another name and from another browser. */
function Answer({ id, onChange }: { id: string; onChange: () => void }) {
  const { t, text } = useWords();
  const [asked, ask] = useState<'yes' | 'no' | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const answer = (says: 'yes' | 'no') => (by: string) => {
    setProblem(null);
    void call('POST', '/api/orders/answer', { id, says, by })
      .catch((error: unknown) => setProblem(problemIn(error)))
      .finally(onChange);
  };
  return (
    <>
      <p className="order-answers">
        <button type="button" className="button strong" onClick={() => ask('yes')}>
          {t('work.order.agree')}
        </button>
        <button type="button" className="button" onClick={() => ask('no')}>
          {t('work.order.decline')}
        </button>
      </p>
      {problem === null ? null : (
        <p className="refused" role="alert">
          {text(problem.message)}
        </p>
      )}
      {asked === null ? null : (
        <NameDialog
          title={t(asked === 'yes' ? 'work.order.agree' : 'work.order.decline')}
          lead={t('work.order.second')}
          submit={t(asked === 'yes' ? 'work.order.agree' : 'work.order.decline')}
          onClose={() => ask(null)}
          onName={answer(asked)}
        />
      )}
    </>
  );
}
