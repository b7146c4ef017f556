import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { GatewayView, Overview } from '@yihu/device-profiles/vocabulary/view.ts';
import { cloudNow } from '../client/clock.ts';
import { useWords } from '../words/language.ts';
import { useIsStale, usePulse, useTimersNow } from '../client/pulse.ts';
import { LevelChip, LevelShape } from '../parts/Level.tsx';
import { PanelState } from '../parts/PanelState.tsx';
import { Sparkline } from '../parts/Sparkline.tsx';
import { headingOf } from '../parts/heading.ts';
import { inService } from '../parts/standing.ts';
import { elapsedText, whenText } from '../parts/time.ts';
import { Communities } from './Communities.tsx';
import { useEstate } from './estate.ts';

function openOf(overview: Overview): IncidentSummary[] {
  return overview.incidents
    .filter((incident) => isOpen(incident.state))
    .sort((a, b) => levelOf(a.severity) - levelOf(b.severity) || a.openedAt - b.openedAt);
}

/** The whole estate's devices: those of the areas that lie in no other area shown. */
export function totalOf(overview: Overview): Overview['areas'][number]['devices'] {
  const known = new Set(overview.areas.map((area) => area.path));
  const roots = overview.areas.filter((area) => area.parent === null || !known.has(area.parent));
  const sum = (name: keyof (typeof roots)[number]['devices']) => roots.reduce((total, area) => total + area.devices[name], 0);
  return { total: sum('total'), online: sum('online'), late: sum('late'), offline: sum('offline'), unknown: sum('unknown') };
}

/** Is anything wrong? The first line answers; everything below says where. */
export function OverviewScreen() {
  const overview = useEstate((estate) => estate.overview);
  if (overview === null) return null;
  const open = openOf(overview);
  return (
    <div className="overview">
      <Answer overview={overview} open={open} />
      <div className="overview-grid">
        <div className="overview-main">
          <Communities areas={overview.areas} />
          <PerHour counts={overview.alarmsPerHour} />
        </div>
        <div className="overview-side">
          <Incidents open={open} />
          <Gateways gateways={overview.gateways} />
        </div>
      </div>
    </div>
  );
}

function Answer({ overview, open }: { overview: Overview; open: readonly IncidentSummary[] }) {
  const { t, text } = useWords();
  const total = totalOf(overview);
  const lost = overview.gateways.filter((gateway) => gateway.state === 'offline').length;
  const [worst] = open;
  if (useIsStale() && worst === undefined) return <NotKnown />;
  if (total.total === 0 && worst === undefined) return <NothingHere />;
  const touchless = total.unknown + total.offline > 0 || lost > 0;
  return (
    <section className="answer" aria-live="polite">
      {worst === undefined && touchless ? (
        <span className="answer-mark unknown hatched" aria-hidden="true" />
      ) : worst === undefined ? (
        <span className="answer-mark calm" aria-hidden="true">
          <svg width="28" height="28" viewBox="0 0 28 28" fill="none" stroke="currentColor" strokeWidth="2.5">
            <path d="M5 15.5 11 21.5 23 7.5" strokeLinecap="round" strokeLinejoin="round" />
          </svg>
        </span>
      ) : (
        <span className={`answer-mark level-${levelOf(worst.severity)}`}>
          <LevelShape severity={worst.severity} size={28} />
        </span>
      )}
      <div>
        <h1>
          {worst !== undefined
            ? t('overview.wrongTitle', { count: open.length })
            : t(touchless ? 'overview.quietTitle' : 'overview.wellTitle')}
        </h1>
        <p>
          {worst !== undefined
            ? t('overview.wrongDetail', {
                level: t(`level.${worst.severity}`),
                title: headingOf(text(worst.title), worst.place),
                place: worst.place,
              })
            : t(touchless ? 'overview.tally' : 'overview.wellDetail', { online: total.online, total: total.total })}
          {lost > 0 ? ` · ${t('overview.gatewaysLost', { count: lost })}` : ''}
        </p>
      </div>
      <dl className="figures">
        {(['online', 'late', 'offline', 'unknown'] as const).map((name) => (
          <div key={name}>
            <dt>
              <span className={`health-key ${name}`} aria-hidden="true" />
              {t(`availability.${name}`)}
            </dt>
            <dd>
              {total[name]}
              {name === 'online' ? <span className="of">/{total.total}</span> : null}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** No incident was open when the cloud was last heard; that says nothing of now. */
function NotKnown() {
  const { t } = useWords();
  const at = usePulse((pulse) => pulse.cloudAt) ?? 0;
  return (
    <section className="answer" aria-live="polite">
      <span className="answer-mark unknown hatched" aria-hidden="true" />
      <div>
        <h1>{t('pulse.unknown')}</h1>
        <p>{t('pulse.lastWell', { at: whenText(at, cloudNow()) })}</p>
      </div>
    </section>
  );
}

/** Where nothing is watched nothing is known, and that is not well. */
function NothingHere() {
  const { t } = useWords();
  return (
    <section className="answer" aria-live="polite">
      <span className="answer-mark unknown hatched" aria-hidden="true" />
      <div>
        <h1>{t('devices.empty')}</h1>
        <p>{t('devices.emptyNext')}</p>
      </div>
    </section>
  );
}

function Incidents({ open }: { open: readonly IncidentSummary[] }) {
  const { t, text } = useWords();
  const now = useTimersNow();
  const stale = useIsStale();
  return (
    <section className="sheet" aria-labelledby="incidents-title">
      <h2 id="incidents-title">
        {t('overview.incidents')} <span className="count">{open.length}</span>
      </h2>
      {open.length > 0 ? null : stale ? (
        <PanelState mark="unknown" title={t('pulse.unknown')} />
      ) : (
        <PanelState mark="good" title={t('overview.noIncidents')} />
      )}
      <ul className="incident-list">
        {open.map((incident) => (
          <li key={incident.id}>
            <LevelChip severity={incident.severity} label={t(`level.${incident.severity}`)} />
            <span className="what">
              <strong>{headingOf(text(incident.title), incident.place)}</strong>
              <span className="quiet">{incident.place}</span>
            </span>
            <span className="when">
              <span>{elapsedText(now - incident.openedAt)}</span>
              <span className="quiet">{t(`incident.${incident.state}`)}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function PerHour({ counts }: { counts: readonly number[] }) {
  const { t } = useWords();
  const total = counts.reduce((sum, count) => sum + count, 0);
  const detail = `${t('overview.perHourTotal', { count: total })} · ${t('overview.perHourPeak', { count: Math.max(0, ...counts) })}`;
  return (
    <section className="sheet" aria-labelledby="per-hour-title">
      <h2 id="per-hour-title">{t('overview.perHour')}</h2>
      <p className="quiet">{detail}</p>
      <Sparkline counts={counts} label={`${t('overview.perHour')}: ${detail}`} />
      <p className="spark-axis quiet" aria-hidden="true">
        <span>{t('overview.hoursAgo')}</span>
        <span>{t('overview.now')}</span>
      </p>
    </section>
  );
}

const skewShownMs = 2_000;
const backlogShown = 1_000;

function notable(gateway: GatewayView): boolean {
  return (
    gateway.state === 'offline' || Math.abs(gateway.clockSkewMs ?? 0) > skewShownMs || gateway.backlog.telemetry > backlogShown
  );
}

/** Only gateways that need a look, by name; the rest are one line. */
function Gateways({ gateways }: { gateways: readonly GatewayView[] }) {
  const { t, text } = useWords();
  const stale = useIsStale();
  const own = inService(gateways);
  const shown = own.filter(notable).sort((a, b) => Number(b.state === 'offline') - Number(a.state === 'offline'));
  const online = own.filter((gateway) => gateway.state === 'online').length;
  return (
    <section className="sheet" aria-labelledby="gateways-title">
      <h2 id="gateways-title">
        {t('overview.gateways')}{' '}
        <span className="count">
          {stale ? '—' : online}/{own.length}
        </span>
      </h2>
      {own.length === 0 ? <p className="quiet">{t('site.noGateways')}</p> : null}
      {own.length > 0 && shown.length === 0 && !stale ? (
        <p className="quiet">{t('overview.gatewaysFine', { count: own.length })}</p>
      ) : null}
      <ul className="gateway-list">
        {shown.map((gateway) => (
          <li key={gateway.id}>
            <span className={`health-key ${gateway.state === 'offline' ? 'unknown' : 'online'}`} aria-hidden="true" />
            <span className="what">
              <strong>{text(gateway.name)}</strong>
              <span className="quiet">
                {gateway.state === 'offline'
                  ? t('site.lostSince', {
                      at: gateway.lastSeenAt === null ? '—' : whenText(gateway.lastSeenAt, cloudNow()),
                      count: gateway.deviceCount,
                    })
                  : t('overview.skew', { seconds: Math.round((gateway.clockSkewMs ?? 0) / 1000) })}
              </span>
            </span>
            <span className="quiet">{t(`gateway.${gateway.state}`)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
