import type { CallDetail } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { cloudNow } from '../../client/clock.ts';
import { Keycap } from '../../parts/Keycap.tsx';
import { PanelState } from '../../parts/PanelState.tsx';
import { Skeleton } from '../../parts/Skeleton.tsx';
import { whenText } from '../../parts/time.ts';
import { useWords } from '../../words/language.ts';
import { show, useDesk } from '../desk.ts';
import { NoticeStrip } from '../NoticeStrip.tsx';
import { AnswerBar } from './AnswerBar.tsx';
import { CallActions } from './CallActions.tsx';
import { CallAreas } from './CallAreas.tsx';
import { CallNeeds } from './CallNeeds.tsx';
import { CallSilent } from './CallSilent.tsx';
import { CallWhom } from './CallWhom.tsx';
import { lostOf } from './figures.ts';
import { KindMark } from './KindMark.tsx';
import { Unread } from '../Unread.tsx';
import { openCall, readAll, useCalls } from './read.ts';

/** One call while it runs: the figures, where they come from, who needs help, who is silent, and what can be done. */
export function CallPane({ stale }: { stale: boolean }) {
  const { t, text } = useWords();
  const detail = useCalls((open) => open.detail);
  const problem = useCalls((open) => open.problem);
  const id = useCalls((open) => open.id);
  if (detail !== null) return <Call detail={detail} stale={stale} />;
  if (problem === null) return <Skeleton rows={3} height={140} label={t('app.loading')} />;
  return (
    <PanelState mark="error" title={t('calls.failed')} code={t('state.code', { code: problem.code })} role="alert">
      <p>{text(problem.message)}</p>
      <button type="button" className="button strong" onClick={() => (id === null ? undefined : openCall(id))}>
        {t('app.retry')}
      </button>
    </PanelState>
  );
}

function Call({ detail, stale }: { detail: CallDetail; stale: boolean }) {
  return (
    <>
      <Title detail={detail} />
      <NoticeStrip />
      {detail.begunAt === null ? <CallWhom detail={detail} /> : <Running detail={detail} stale={stale} />}
      <CallActions detail={detail} stale={stale} />
    </>
  );
}

function Running({ detail, stale }: { detail: CallDetail; stale: boolean }) {
  return (
    <>
      <Figures detail={detail} />
      <Old />
      <div className="pane-grid call-grid">
        <CallAreas call={detail.id} />
        <div className="pane-side">
          <CallNeeds detail={detail} stale={stale} />
          <CallSilent detail={detail} stale={stale} />
        </div>
      </div>
    </>
  );
}

/** Something below could not be read: it is older than the figures above it, or not there. */
function Old() {
  const problem = useCalls((open) => open.unread);
  const id = useCalls((open) => open.id);
  if (problem === null || id === null) return null;
  return <Unread problem={problem} onRetry={() => void readAll(id)} />;
}

function Title({ detail }: { detail: CallDetail }) {
  const { t } = useWords();
  const at = (moment: number) => whenText(moment, cloudNow());
  const incident = useDesk((desk) => (detail.incident === null ? undefined : desk.board?.incidents[detail.incident]));
  return (
    <header className="pane-title call-title">
      <div className="pane-title-line">
        <KindMark kind={detail.kind} long />
        <h2 id="call-title" tabIndex={-1}>
          {detail.title}
        </h2>
        <span className="pane-state">{t(`calls.state.${detail.state}`)}</span>
        <button type="button" className="button small" aria-keyshortcuts="Escape" onClick={() => show({ kind: 'incident' })}>
          {t('calls.back')} <Keycap name="Esc" />
        </button>
      </div>
      {detail.begunAt === null ? null : <blockquote className="call-text">{detail.text}</blockquote>}
      <ul className="facts">
        <li>
          {detail.areaName} · {t('calls.people', { count: detail.count.people })}
        </li>
        {detail.begunAt === null ? null : (
          <li>{t('calls.households', { done: detail.count.householdsDone, all: detail.count.households })}</li>
        )}
        <li>{t('calls.number', { number: detail.number })}</li>
        <li>{t('calls.by', { name: detail.authorName })}</li>
        {detail.approverName === null ? null : <li>{t('calls.approved', { name: detail.approverName })}</li>}
        {detail.begunAt === null ? null : <li>{t('calls.begun', { at: at(detail.begunAt) })}</li>}
        {detail.endedAt === null ? null : <li>{t('calls.ended', { at: at(detail.endedAt) })}</li>}
        {incident === undefined ? null : <li>{t('calls.ofIncident', { number: incident.number })}</li>}
        {detail.supersedes === null ? null : <li>{t('calls.supersedes')}</li>}
      </ul>
    </header>
  );
}

function Figures({ detail }: { detail: CallDetail }) {
  const { t } = useWords();
  const { count, delivery } = detail;
  return (
    <section className="figures" aria-label={t('calls.title')}>
      <dl>
        <Figure
          name={t('calls.safe')}
          value={count.safe}
          more={t(count.volunteers > 0 ? 'calls.safeCanHelp' : 'calls.safeMore', count)}
          kind="safe"
        />
        <Figure
          name={t('calls.help')}
          value={count.help}
          more={t('calls.helpMore', { count: count.householdsHelp })}
          kind="help"
        />
        <Figure
          name={t('calls.silent')}
          value={count.silent}
          more={
            count.vulnerableSilent > 0
              ? t('calls.vulnerable', { count: count.vulnerableSilent })
              : t('calls.silentMore', delivery)
          }
          kind="silent"
        />
        <Figure
          name={t('calls.undelivered')}
          value={lostOf(delivery)}
          more={t('calls.undeliveredMore', delivery)}
          kind="undelivered"
        />
      </dl>
      <AnswerBar count={count} />
    </section>
  );
}

function Figure({ name, value, more, kind }: { name: string; value: number; more: string; kind: string }) {
  return (
    <div className={`figure ${kind} ${value === 0 ? 'none' : ''}`}>
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        <span className="quiet">{more}</span>
      </dd>
    </div>
  );
}
