import type { GatewayView, Responder } from '@yihu/device-profiles/vocabulary/view.ts';
import { cloudNow } from '../client/clock.ts';
import { useWords, type Words } from '../words/language.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { inService } from '../parts/standing.ts';
import { clockText, whenText } from '../parts/time.ts';
import { noValue } from '../parts/value.ts';
import { useDataAge, useIsStale } from '../client/pulse.ts';
import { unshelve } from './act.ts';
import { headingOf } from '../parts/heading.ts';
import { type Board, byReadiness } from './board.ts';
import { readBeside, useDesk } from './desk.ts';
import { calls, shift } from './later-parts.ts';
import { LaterPanel } from './LaterPart.tsx';
import { Unread } from './Unread.tsx';

/** Who can be sent, and which parts of the site nothing is known about. */
export function People({ onCompose, stale }: { onCompose: () => void; stale: boolean }) {
  const { t } = useWords();
  const board = useDesk((desk) => desk.board);
  if (board === null) return null;
  const people = byReadiness(Object.values(board.responders));
  const onDuty = people.filter((one) => one.onDuty);
  return (
    <aside className="column people" aria-label={t('people.title')}>
      <div className="column-head">
        <h2>{t('people.title')}</h2>
        <p className="quiet">{t('people.onDuty', { count: onDuty.length })}</p>
      </div>
      {onDuty.length === 0 ? (
        <PanelState mark="unknown" title={t('people.empty')}>
          <p>{t('people.emptyNext')}</p>
        </PanelState>
      ) : null}
      <ul className="roster scroll" tabIndex={0} aria-label={t('people.title')}>
        {people.map((one) => (
          <Person key={one.id} responder={one} board={board} />
        ))}
      </ul>
      <LaterPanel part={calls}>{({ CallsPanel }) => <CallsPanel onCompose={onCompose} stale={stale} />}</LaterPanel>
      <LaterPanel part={shift}>{({ ShiftStrip }) => <ShiftStrip />}</LaterPanel>
      <Site board={board} />
    </aside>
  );
}

/** 280 米, 1.2 公里. */
export function distanceText(metres: number | null, { t }: Words): string {
  if (metres === null) return '';
  if (metres < 1000) return t('people.metres', { metres: Math.round(metres / 10) * 10 });
  return t('people.kilometres', { kilometres: (metres / 1000).toFixed(1) });
}

type LegState = 'offered' | 'accepted' | 'en-route' | 'on-scene' | 'done' | 'declined' | 'expired' | 'cancelled';

/** What somebody is doing now, in words. */
export function dutyText(responder: Responder, { t }: Words): string {
  if (!responder.onDuty) return t('people.off');
  if (responder.incident === null) return t('people.free');
  return responder.legState === null ? t('people.busy') : t(`leg.${responder.legState as LegState}`);
}

function Person({ responder, board }: { responder: Responder; board: Board }) {
  const words = useWords();
  const { text } = words;
  const free = responder.onDuty && responder.incident === null;
  const incident = responder.incident === null ? undefined : board.incidents[responder.incident];
  return (
    <li className={`person ${free ? 'free' : responder.onDuty ? 'busy' : 'off'}`}>
      <span className="presence" aria-hidden="true" />
      <span className="name">{responder.name}</span>
      <span className="doing">{dutyText(responder, words)}</span>
      <span className="about">
        {incident === undefined ? '' : headingOf(text(incident.title), incident.place)}
        <span className="distance">{distanceText(responder.metres, words)}</span>
      </span>
    </li>
  );
}

function Site({ board }: { board: Board }) {
  const { t } = useWords();
  const { devices, shelved } = board;
  const gateways = inService(Object.values(board.gateways));
  const lost = gateways.filter((gateway) => gateway.state === 'offline');
  const stale = useIsStale();
  return (
    <section className="site" aria-labelledby="site-title">
      <h2 id="site-title">{t('site.title')}</h2>
      <dl className="tally">
        <div>
          <dt>{t('site.devices')}</dt>
          <dd>
            {stale ? noValue : devices.online}
            <span className="quiet">/{devices.total}</span>
          </dd>
        </div>
        <div>
          <dt>{t('site.late')}</dt>
          <dd>{devices.late}</dd>
        </div>
        <div>
          <dt>{t('site.offline')}</dt>
          <dd>{devices.offline}</dd>
        </div>
        <div className={devices.unknown > 0 ? 'unknown' : ''}>
          <dt>{t('site.unknown')}</dt>
          <dd>{devices.unknown}</dd>
        </div>
      </dl>
      {gateways.length === 0 ? <p className="quiet">{t('site.noGateways')}</p> : null}
      {gateways.length > 0 && lost.length === 0 && !stale ? (
        <p className="quiet">{t('site.allGateways', { count: gateways.length })}</p>
      ) : null}
      <ul className="lost-gateways">
        {lost.map((gateway) => (
          <LostGateway key={gateway.id} gateway={gateway} />
        ))}
      </ul>
      {shelved === 0 ? null : <Shelf count={shelved} shelves={board.shelves} />}
    </section>
  );
}

/** 搁置: always in sight with its end and its reason, so that nothing is quietly forgotten. */
function Shelf({ count, shelves }: { count: number; shelves: Board['shelves'] }) {
  const { t, text } = useWords();
  const stale = useDataAge().freshness === 'stale';
  const problem = useDesk((desk) => desk.unread.shelves);
  const soonest = Object.values(shelves ?? {}).sort((a, b) => (a.shelf?.until ?? 0) - (b.shelf?.until ?? 0));
  return (
    <div className="shelf">
      <h3>
        {t('site.shelved')} <span className="count">{count}</span>
      </h3>
      {shelves === null || problem !== null ? <Unread problem={problem} onRetry={readBeside.shelves} /> : null}
      {shelves !== null && count > soonest.length ? <p className="quiet">{t('state.cut', { count: soonest.length })}</p> : null}
      <ul className="scroll" tabIndex={0} aria-label={t('site.shelved')}>
        {soonest.map((alarm) => (
          <li key={alarm.id}>
            <span className="name">
              {text(alarm.deviceName)} {text(alarm.name)}
            </span>
            <span className="quiet">
              {t('site.shelvedUntil', { at: clockText(alarm.shelf?.until ?? 0).slice(0, 5), reason: alarm.shelf?.reason ?? '' })}
            </span>
            <button
              type="button"
              className="button plain small"
              aria-disabled={stale}
              title={stale ? t('why.stale') : undefined}
              onClick={stale ? undefined : () => void unshelve(alarm)}
            >
              {t('site.unshelve')}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function LostGateway({ gateway }: { gateway: GatewayView }) {
  const { t, text } = useWords();
  const at = gateway.lastSeenAt === null ? '—' : whenText(gateway.lastSeenAt, cloudNow());
  return (
    <li className="lost hatched">
      <strong>{text(gateway.name)}</strong>
      <span>{t('site.lostSince', { at, count: gateway.deviceCount })}</span>
    </li>
  );
}
