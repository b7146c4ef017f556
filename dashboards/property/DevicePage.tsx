import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import type { DeviceDetail, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { cloudNow, every } from '../client/clock.ts';
import { leavePart, readFresh, useIsStale } from '../client/pulse.ts';
import { useWords } from '../words/language.ts';
import { LevelChip } from '../parts/Level.tsx';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { whenText } from '../parts/time.ts';
import { AlarmList } from './AlarmList.tsx';
import { Availability, Ago } from './DeviceRow.tsx';
import { keyOf, useEstate } from './estate.ts';
import { HistoryPanel } from './HistoryPanel.tsx';
import { Link } from './Link.tsx';
import { Points } from './Points.tsx';
import { mayPlanWindows } from './rights.ts';
import { go } from './route.ts';
import { WindowDialog } from './WindowDialog.tsx';

const refreshMs = 15_000;
const part = 'device';

/** The device as the cloud knows it: read at once, again whenever the stream speaks of it, and every 15 s. */
function useDevice(gateway: string, device: string) {
  const [detail, setDetail] = useState<DeviceDetail | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const heard = useEstate((estate) => estate.live[keyOf({ gateway, id: device })]);
  const alarmsHeard = useEstate((estate) => estate.alarmsHeard);
  const read = useCallback(() => {
    const path = `/api/devices/${encodeURIComponent(gateway)}/${encodeURIComponent(device)}`;
    readFresh(part, () => call<DeviceDetail>('GET', path)).then(
      (found) => {
        setDetail(found);
        setProblem(null);
      },
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        setProblem(error.problem);
      },
    );
  }, [gateway, device]);
  useEffect(read, [read, heard, alarmsHeard]);
  useEffect(() => every(refreshMs, read), [read]);
  useEffect(() => () => leavePart(part), []);
  return { detail, problem, read };
}

const DeviceWhere = lazy(() => import('./DeviceWhere.tsx'));

export function DevicePage({ gateway, device }: { gateway: string; device: string }) {
  const { t } = useWords();
  const { detail, problem, read } = useDevice(gateway, device);
  const [chosen, setChosen] = useState<string | null>(null);
  if (problem !== null && (detail === null || problem.code === 'not-found')) return <Missing problem={problem} onRetry={read} />;
  if (detail === null) return <Skeleton rows={3} height={160} label={t('app.loading')} />;
  const point =
    detail.points.find((one) => one.point === chosen) ?? detail.points.find((one) => one.chart !== 'none') ?? detail.points[0];
  return (
    <div className="device-page">
      <Head device={detail} />
      <div className="device-grid">
        <div className="device-aside">
          <Points device={detail} chosen={point?.point ?? null} onChoose={setChosen} />
          <Suspense fallback={null}>
            <DeviceWhere device={detail} />
          </Suspense>
        </div>
        <div className="device-main">
          <HistoryPanel device={detail} point={point} />
          <div className="device-lists">
            <AlarmList device={detail} onChanged={read} />
            <EventList device={detail} />
          </div>
        </div>
      </div>
    </div>
  );
}

function Missing({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const { t, text } = useWords();
  const gone = problem.code === 'not-found';
  return (
    <PanelState
      mark={gone ? 'filter' : 'error'}
      title={t(gone ? 'device.missing' : 'state.failedTitle')}
      code={t('state.code', { code: problem.code })}
      role="alert"
    >
      <p>{gone ? t('device.missingNext') : text(problem.message)}</p>
      {gone ? (
        <Link className="button strong" to={{ screen: 'devices', area: '', availability: '', q: '' }}>
          {t('nav.back')}
        </Link>
      ) : (
        <button type="button" className="button strong" onClick={onRetry}>
          {t('app.retry')}
        </button>
      )}
    </PanelState>
  );
}

function Head({ device }: { device: DeviceDetail }) {
  const { t, text } = useWords();
  const mayPlan = useEstate((estate) => mayPlanWindows(estate.session));
  const [planning, setPlanning] = useState(false);
  const past = device.availability === 'unknown' || device.availability === 'offline';
  return (
    <header className="device-head">
      <Link className="back quiet" to={{ screen: 'devices', area: '', availability: '', q: '' }}>
        ← {t('nav.back')}
      </Link>
      <div className="device-title">
        <h1>{text(device.name)}</h1>
        <Availability availability={device.availability} />
        {device.worst === null ? null : <LevelChip severity={device.worst} label={t(`level.${device.worst}`)} />}
        {mayPlan ? (
          <button type="button" className="button" onClick={() => setPlanning(true)}>
            {t('windows.plan')}
          </button>
        ) : null}
      </div>
      <p className="device-place">
        {device.placeText}{' '}
        <Link className="quiet" to={{ screen: 'rules', device: `${device.gateway}/${device.id}` }}>
          {t('rules.fromDevice')}
        </Link>
      </p>
      {planning ? (
        <WindowDialog
          device={{ ...device, label: `${text(device.name)} ${device.placeText}` }}
          onClose={() => setPlanning(false)}
          onPlanned={() => go({ screen: 'windows' })}
        />
      ) : null}
      <dl className="device-facts">
        {[
          [t('device.profile'), `${text(device.profileName)} · ${device.model}`],
          [t('device.maker'), text(device.maker)],
          [t('device.gateway'), device.gateway],
          [t('device.number'), device.id],
        ].map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>{t('devices.heard')}</dt>
          <dd>
            <Ago at={device.lastAt} />
          </dd>
        </div>
      </dl>
      {past ? (
        <p className="past-note hatched">{t(device.availability === 'unknown' ? 'device.unknown' : 'device.offline')}</p>
      ) : null}
    </header>
  );
}

function EventList({ device }: { device: DeviceDetail }) {
  const { t, text } = useWords();
  const stale = useIsStale();
  return (
    <section className="sheet" aria-labelledby="device-events">
      <h2 id="device-events">{t('device.events')}</h2>
      {device.events.length === 0 ? <p className="quiet">{t(stale ? 'pulse.unknown' : 'device.noEvents')}</p> : null}
      <ul className="plain-list">
        {device.events.map((event) => (
          <li key={`${event.type}-${event.at}`}>
            <span className="what">
              <strong>{event.name === null ? event.type : text(event.name)}</strong>
              {event.code === null ? null : <span className="quiet">{event.code}</span>}
            </span>
            <span className="quiet">{whenText(event.at, cloudNow())}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
