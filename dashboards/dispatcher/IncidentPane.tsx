import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { cloudNow } from '../client/clock.ts';
import { useIsStale } from '../client/pulse.ts';
import { useWords } from '../words/language.ts';
import { LevelChip } from '../parts/Level.tsx';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { clockText, whenText } from '../parts/time.ts';
import { Actions } from './Actions.tsx';
import { Alarms } from './Alarms.tsx';
import { headingOf } from '../parts/heading.ts';
import { queueOf } from './board.ts';
import { loadDetail, useDesk } from './desk.ts';
import { Evidence } from './Evidence.tsx';
import { calls, shift } from './later-parts.ts';
import { LaterPanel } from './LaterPart.tsx';
import { NoticeStrip } from './NoticeStrip.tsx';
import { Plan } from './Plan.tsx';
import { Proceedings } from './Proceedings.tsx';
import type { DialogName } from './shortcuts.ts';
import { Unread } from './Unread.tsx';

interface Props {
  onDialog: (name: DialogName) => void;
  stale: boolean;
}

/** Everything about the chosen incident, and what can be done about it. */
export function IncidentPane({ onDialog, stale }: Props) {
  const { t } = useWords();
  const detail = useDesk((desk) => desk.detail);
  const front = useDesk((desk) => desk.front);
  if (front.kind === 'call') {
    return (
      <section className="column pane" aria-label={t('pane.callRegion')}>
        <LaterPanel part={calls}>{({ CallPane }) => <CallPane stale={stale} />}</LaterPanel>
      </section>
    );
  }
  if (front.kind === 'shift') {
    return (
      <section className="column pane" aria-label={t('pane.shiftRegion')}>
        <LaterPanel part={shift}>{({ ShiftPane }) => <ShiftPane stale={stale} />}</LaterPanel>
      </section>
    );
  }
  return (
    <section className="column pane" aria-label={t('pane.region')}>
      {detail === null ? <NoDetail /> : <Detail detail={detail} onDialog={onDialog} stale={stale} />}
    </section>
  );
}

function NoDetail() {
  const { t, text } = useWords();
  const selected = useDesk((desk) => desk.selected);
  const problem = useDesk((desk) => desk.detailProblem);
  const waiting = useDesk((desk) => desk.board !== null && queueOf(desk.board).length > 0);
  const stale = useIsStale();
  if (selected === null && stale && !waiting) return <PanelState mark="unknown" title={t('why.stale')} />;
  if (selected === null) {
    return (
      <PanelState mark={waiting ? 'filter' : 'good'} title={t(waiting ? 'pane.none' : 'pane.standby')}>
        <p>{t(waiting ? 'pane.noneNext' : 'pane.standbyNext')}</p>
      </PanelState>
    );
  }
  if (problem === null) return <Skeleton rows={3} height={180} label={t('app.loading')} />;
  return (
    <PanelState mark="error" title={t('state.failedTitle')} code={t('state.code', { code: problem.code })} role="alert">
      <p>{text(problem.message)}</p>
      <button type="button" className="button strong" onClick={() => void loadDetail(selected)}>
        {t('app.retry')}
      </button>
    </PanelState>
  );
}

function Detail({ detail, onDialog, stale }: Props & { detail: IncidentDetail }) {
  return (
    <>
      <Title detail={detail} />
      <NoticeStrip />
      <Old id={detail.id} />
      <div className="pane-grid">
        <div className="pane-side">
          <Alarms detail={detail} stale={stale} />
          <Evidence key={detail.id} detail={detail} onEnlarge={() => onDialog('picture')} />
        </div>
        <div className="pane-side">
          <Plan detail={detail} stale={stale} onDialog={onDialog} />
          <Proceedings detail={detail} stale={stale} onDialog={onDialog} />
        </div>
      </div>
      <Actions detail={detail} onDialog={onDialog} stale={stale} />
    </>
  );
}

/** What stands below could not be read anew: the incident has moved on, and nobody here knows how. */
function Old({ id }: { id: string }) {
  const problem = useDesk((desk) => desk.detailProblem);
  const at = useDesk((desk) => desk.detailAt);
  if (problem === null) return null;
  return (
    <div className="notice failed">
      <Unread problem={problem} at={clockText(at)} onRetry={() => void loadDetail(id)} />
    </div>
  );
}

function Title({ detail }: { detail: IncidentDetail }) {
  const { t, text } = useWords();
  return (
    <header className="pane-title">
      <div className="pane-title-line">
        <LevelChip severity={detail.severity} label={t(`level.${detail.severity}`)} />
        <h2 id="incident-title" tabIndex={-1}>
          {headingOf(text(detail.title), detail.place)}
        </h2>
        <span className="pane-state">{t(`incident.${detail.state}`)}</span>
      </div>
      <p className="pane-place">{detail.place}</p>
      <ul className="facts">
        <li>{t(`hazard.${detail.hazard}`)}</li>
        <li>{t('pane.number', { number: detail.number })}</li>
        <li>{t('pane.opened', { at: whenText(detail.openedAt, cloudNow()) })}</li>
        {detail.commander === null ? null : <li>{t('pane.commander', { name: detail.commander })}</li>}
        {detail.legs.map((leg) => (
          <li key={leg.id} className="leg">
            {leg.personName} <strong>{t(`leg.${leg.state}`)}</strong>
          </li>
        ))}
      </ul>
    </header>
  );
}
