import type { LocalOverview, LocalPort } from '@yihu/device-profiles/vocabulary/local.ts';
import { useHeardOnly, useIsStale, useSecond } from '../client/pulse.ts';
import { HealthBar } from '../parts/HealthBar.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { clockText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { spanText } from './ago.ts';
import { useDesk } from './desk.ts';
import { Failure } from './Failure.tsx';
import { Link } from './Link.tsx';
import { OrderList } from './Orders.tsx';

/** Is anything wrong, on which line, and does the cloud hear it. */
export function Overview() {
  const { t } = useWords();
  const overview = useDesk((desk) => desk.overview);
  const unread = useDesk((desk) => desk.unread);
  // It is asked for again by itself; the press is for whoever does not believe that.
  if (overview === null && unread !== null) return <Failure problem={unread} onRetry={() => location.reload()} />;
  if (overview === null) return <Skeleton rows={4} height={120} label={t('app.loading')} />;
  return (
    <div className="overview">
      <Answer overview={overview} />
      <Problems overview={overview} />
      <Waiting orders={overview.waiting} />
      <div className="overview-grid">
        <section aria-labelledby="ports-title" className="stack">
          <h2 id="ports-title">{t('local.overview.ports')}</h2>
          {overview.ports.length === 0 ? <p className="quiet">{t('local.overview.noPorts')}</p> : null}
          <ul className="port-list">
            {overview.ports.map((port) => (
              <li key={port.id}>
                <Port port={port} />
              </li>
            ))}
          </ul>
        </section>
        <Facts overview={overview} />
      </div>
    </div>
  );
}

function totalOf({ online, late, offline, unknown }: LocalOverview['devices']): number {
  return online + late + offline + unknown;
}

function Answer({ overview }: { overview: LocalOverview }) {
  const { t } = useWords();
  const { devices, health } = overview;
  const total = totalOf(devices);
  const stale = useIsStale();
  const bar = useHeardOnly({ ...devices, total });
  const quiet = devices.offline + devices.unknown;
  const title = () => {
    if (health !== 'ok') return t(`local.overview.${health}`);
    if (total === 0) return t('local.overview.none');
    if (stale) return t('pulse.unknown');
    return quiet > 0 ? t('local.overview.quiet', { count: quiet }) : t('local.overview.well');
  };
  const isWell = !stale && health === 'ok' && quiet === 0 && total > 0;
  const health4 = t('local.overview.health', { ...bar });
  return (
    <section className="answer">
      <span className={`answer-mark ${isWell ? 'calm' : health === 'failing' ? 'level-1' : 'level-3'}`} aria-hidden="true">
        {isWell ? '✓' : stale ? '?' : '!'}
      </span>
      <div className="answer-text">
        <h1>{title()}</h1>
        <p>{total === 0 ? t('local.overview.noneDetail') : health4}</p>
      </div>
      {total === 0 ? null : <HealthBar devices={bar} label={health4} />}
    </section>
  );
}

function Waiting({ orders }: { orders: LocalOverview['waiting'] }) {
  const { t } = useWords();
  if (orders.length === 0) return null;
  return (
    <section className="sheet orders" aria-labelledby="waiting-title">
      <h2 id="waiting-title">{t('work.order.waiting')}</h2>
      <OrderList orders={orders} onChange={() => undefined} />
    </section>
  );
}

function Problems({ overview: { problems } }: { overview: LocalOverview }) {
  const { t, text } = useWords();
  if (problems.length === 0) return null;
  return (
    <section className="sheet problems" aria-labelledby="problems-title">
      <h2 id="problems-title">
        {t('local.overview.problems')} <span className="count">{problems.length}</span>
      </h2>
      <ul>
        {problems.map((problem) => (
          <li key={problem.zh}>{text(problem)}</li>
        ))}
      </ul>
    </section>
  );
}

/** More than this of a line's time, and there is no room for another device. */
const nearlyFullPercent = 80;

function Port({ port }: { port: LocalPort }) {
  const { t, text } = useWords();
  const { id, driver, wire, reason, notes, devices, heard, busyMs } = port;
  const percent = busyMs === null ? null : Math.round(busyMs / 10);
  const isAsked = percent !== null || driver === 'modbus';
  return (
    <article className={`sheet port port-${wire}`}>
      <header>
        <h3>
          <Link to={{ screen: 'devices', q: '', port: id }}>{id}</Link>
        </h3>
        <span className="quiet">{driver}</span>
        <Wire wire={wire} />
      </header>
      <p className="port-line">
        <strong>{isAsked ? t('local.overview.answered', { heard, devices }) : t('local.overview.listening', { devices })}</strong>
        {percent === null ? null : <span className="quiet">{t('local.overview.busy', { percent })}</span>}
      </p>
      {percent === null ? null : (
        <span className={`load ${percent >= nearlyFullPercent ? 'full' : ''}`} aria-hidden="true">
          <span style={{ width: `${Math.min(100, percent)}%` }} />
        </span>
      )}
      {reason === null ? null : <p className="port-reason">{text(reason)}</p>}
      {notes.map((note) => (
        <p key={note.zh} className="port-reason">
          {text(note)}
        </p>
      ))}
      <Refusals port={port} />
    </article>
  );
}

function Refusals({ port: { refused } }: { port: LocalPort }) {
  const { t } = useWords();
  if (refused.length === 0) return null;
  return (
    <details className="refusals">
      <summary className="turn">
        {t('local.overview.refused')} <span className="count">{refused.length}</span>
      </summary>
      <ul>
        {[...refused].reverse().map(({ at, what, why }) => (
          <li key={`${at}-${what}`}>
            <span className="quiet">{clockText(at)}</span> <code>{what}</code> {why}
          </li>
        ))}
      </ul>
    </details>
  );
}

export function Wire({ wire }: { wire: LocalPort['wire'] }) {
  const { t } = useWords();
  return (
    <span className={`wire wire-${wire}`}>
      <span className={`health-key ${wire === 'up' ? 'online' : wire === 'down' ? 'offline' : 'late'}`} aria-hidden="true" />
      {t(`local.wire.${wire}`)}
    </span>
  );
}

const uplinkWords = ['connected', 'connecting', 'down', 'forked'] as const;

function Facts({ overview }: { overview: LocalOverview }) {
  const words = useWords();
  const { t, text } = words;
  useSecond();
  const { uplink, history, log, clock, at, startedAt, version } = overview;
  const wire = uplinkWords.find((word) => word === uplink?.wire) ?? 'down';
  return (
    <section className="sheet facts" aria-label={t('local.title')}>
      <dl>
        <div>
          <dt>{t('local.overview.uplink')}</dt>
          <dd>
            <strong>{uplink === null ? t('local.overview.uplinkOff') : t(`local.uplinkWire.${wire}`)}</strong>
            {uplink === null ? null : <span className="quiet">{t('local.overview.waiting', uplink.buffered)}</span>}
            {uplink?.reason ? <span className="quiet">{text(uplink.reason)}</span> : null}
          </dd>
        </div>
        <div>
          <dt>{t('local.overview.history')}</dt>
          <dd>
            <strong>{t(history.state === 'up' ? 'local.historyState.up' : 'local.historyState.down')}</strong>
            <span className="quiet">
              {t(`local.historyKind.${history.kind === 'embedded' ? 'embedded' : 'influxdb'}`)} ·{' '}
              {t('local.overview.historyWaiting', { count: history.buffered })}
            </span>
          </dd>
        </div>
        <div>
          <dt>{t('local.overview.store')}</dt>
          <dd>
            <strong>{(log.bytes / 1_000_000).toFixed(1)} MB</strong>
            {log.full ? <span className="quiet">{t('local.overview.storeFull')}</span> : null}
          </dd>
        </div>
        <div>
          <dt>{t('local.overview.clock')}</dt>
          <dd>
            <strong>{clockText(at)}</strong>
            <span className="quiet">
              {t(`local.clockSource.${clock}`)} · {t('local.overview.since', { age: spanText(at - startedAt, words) })}
            </span>
          </dd>
        </div>
      </dl>
      <p className="quiet version">
        {overview.gateway.id} · {version}
      </p>
    </section>
  );
}
