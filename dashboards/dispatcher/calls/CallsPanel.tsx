import { useEffect, useRef } from 'react';
import type { CallSummary } from '@yihu/device-profiles/vocabulary/call.ts';
import { Keycap } from '../../parts/Keycap.tsx';
import { useWords } from '../../words/language.ts';
import { readBeside, useDesk } from '../desk.ts';
import { Unread } from '../Unread.tsx';
import { AnswerBar } from './AnswerBar.tsx';
import { lostOf } from './figures.ts';
import { KindMark } from './KindMark.tsx';
import { chimeOnce } from '../sound/sound.ts';
import { openCall, useCalls } from './read.ts';

const order: readonly CallSummary['state'][] = ['waiting', 'sending', 'sent', 'scheduled', 'draft'];

/** Every call that is not over, always in sight: who answered, who needs help, whom it did not reach. */
export function CallsPanel({ onCompose, stale }: { onCompose: () => void; stale: boolean }) {
  const { t } = useWords();
  const calls = useDesk((desk) => desk.board?.calls ?? null);
  const problem = useDesk((desk) => desk.unread.calls);
  const nobodyWaits = useCalls((open) => open.nobodyWaits);
  const me = useDesk((desk) => desk.session?.user.name);
  useNewsChime(calls, me);
  const shown = Object.values(calls ?? {}).sort(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || b.createdAt - a.createdAt || a.id.localeCompare(b.id),
  );
  const help = shown.some(({ count }) => count.help > 0);
  return (
    <section className="calls" aria-labelledby="calls-title">
      <div className="column-head">
        <h2 id="calls-title">{t('calls.title')}</h2>
        {help ? (
          <p>
            {t('calls.nextNeed')} <Keycap name="H" />
          </p>
        ) : null}
        <button
          type="button"
          className="button small compose"
          aria-keyshortcuts="M"
          aria-disabled={stale}
          title={stale ? t('why.stale') : undefined}
          onClick={stale ? undefined : onCompose}
        >
          {t('calls.compose')} <Keycap name="M" />
        </button>
      </div>
      <span className="unseen" role="status">
        {help ? t('calls.helpNews', { count: shown.reduce((sum, { count }) => sum + count.help, 0) }) : ''}
      </span>
      {nobodyWaits ? (
        <p className="quiet" role="status">
          {t('calls.nobodyWaits')}
        </p>
      ) : null}
      {calls === null || problem !== null ? <Unread problem={problem} onRetry={readBeside.calls} /> : null}
      {calls !== null && shown.length === 0 && problem === null ? <p className="quiet">{t('calls.none')}</p> : null}
      {shown.length === 0 ? null : (
        <ul className="call-list scroll" tabIndex={0} aria-label={t('calls.title')}>
          {shown.map((each) => (
            <CallCard key={each.id} summary={each} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** One chime when somebody more needs help, or when a call of another dispatcher begins to wait for a second yes. */
function useNewsChime(calls: Record<string, CallSummary> | null, me: string | undefined): void {
  const list = Object.values(calls ?? {});
  const help = list.reduce((sum, { count }) => sum + count.help, 0);
  const waiting = list.filter(({ state, authorName }) => state === 'waiting' && authorName !== me).length;
  const known = calls !== null;
  const before = useRef<{ help: number; waiting: number } | null>(null);
  useEffect(() => {
    if (!known) return;
    const { current } = before;
    if (current !== null && (help > current.help || waiting > current.waiting)) chimeOnce();
    before.current = { help, waiting };
  }, [known, help, waiting]);
}

function CallCard({ summary }: { summary: CallSummary }) {
  const { t } = useWords();
  const front = useDesk((desk) => desk.front.kind === 'call' && desk.front.id === summary.id);
  const { count, delivery, state, kind } = summary;
  const figures = { safe: count.safe, help: count.help, silent: count.silent, lost: lostOf(delivery) };
  return (
    <li>
      <button
        type="button"
        className={`call-card ${state}`}
        aria-current={front ? 'true' : undefined}
        onClick={() => openCall(summary.id)}
      >
        <span className="call-line">
          <KindMark kind={kind} />
          <strong>{summary.title}</strong>
          <span className="call-state">{state === 'waiting' ? <Waits summary={summary} /> : t(`calls.state.${state}`)}</span>
        </span>
        <span className="quiet">
          {summary.areaName} · {t('calls.people', { count: count.people })}
        </span>
        {summary.begunAt === null ? null : (
          <>
            <AnswerBar count={count} />
            <span className="call-figures">
              <span>{t('calls.summary', figures)}</span>
            </span>
          </>
        )}
      </button>
    </li>
  );
}

/** Whether it is this desk that has to say yes. */
function Waits({ summary }: { summary: CallSummary }) {
  const { t } = useWords();
  const me = useDesk((desk) => desk.session?.user.name);
  return t(summary.authorName === me ? 'calls.waitingOther' : 'calls.waitingYou');
}
