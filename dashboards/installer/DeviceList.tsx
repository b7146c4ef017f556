import type { LocalDeviceRow, LocalDevices } from '@yihu/device-profiles/vocabulary/local.ts';
import { type KeyboardEvent, memo } from 'react';
import { useIsStale, useTimersNow } from '../client/pulse.ts';
import { LevelChip } from '../parts/Level.tsx';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { valueWithUnit } from '../parts/value.ts';
import { useWords } from '../words/language.ts';
import { agoText } from './ago.ts';
import { useDesk, useLive } from './desk.ts';
import { Failure } from './Failure.tsx';
import { Link } from './Link.tsx';
import { go, type Route } from './route.ts';

type DevicesRoute = Extract<Route, { screen: 'devices' }>;

/** All devices of this gateway; typing finds one, Enter opens the first. */
export function DeviceList({ route }: { route: DevicesRoute }) {
  const { t } = useWords();
  const asked = new URLSearchParams({ q: route.q, port: route.port });
  const { data, problem, read } = useLive<LocalDevices>(`/api/devices?${asked}`);
  const openFirst = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    const first = data?.devices[0];
    if (first) go({ screen: 'device', id: first.id });
  };
  return (
    <div className="list-page">
      <div className="list-head">
        <h1>{t('local.devices.title')}</h1>
        <p className="quiet" aria-live="polite">
          {data === null ? '' : t('local.devices.count', { count: data.matching })}
        </p>
      </div>
      <div className="filters">
        <label className="search">
          <span className="unseen">{t('local.devices.search')}</span>
          <input
            type="search"
            value={route.q}
            placeholder={t('local.devices.hint')}
            aria-keyshortcuts="/"
            onChange={(event) => go({ ...route, q: event.target.value }, true)}
            onKeyDown={openFirst}
          />
        </label>
        <PortChoice route={route} />
      </div>
      {data === null && problem !== null ? <Failure problem={problem} onRetry={read} /> : <Rows data={data} route={route} />}
    </div>
  );
}

function PortChoice({ route }: { route: DevicesRoute }) {
  const { t } = useWords();
  const ports = useDesk((desk) => desk.overview?.ports);
  if (ports === undefined || ports.length < 2) return null;
  return (
    <span className="select">
      <select
        aria-label={t('local.devices.port')}
        value={route.port}
        onChange={(event) => go({ ...route, port: event.target.value }, true)}
      >
        <option value="">{t('local.devices.anyPort')}</option>
        {ports.map(({ id }) => (
          <option key={id}>{id}</option>
        ))}
      </select>
    </span>
  );
}

function Rows({ data, route }: { data: LocalDevices | null; route: DevicesRoute }) {
  const { t } = useWords();
  if (data === null) return <Skeleton rows={6} height={64} label={t('app.loading')} />;
  if (data.total === 0)
    return (
      <PanelState mark="filter" title={t('local.devices.empty')}>
        <p>{t('local.devices.emptyNext')}</p>
      </PanelState>
    );
  if (data.devices.length === 0)
    return (
      <PanelState mark="filter" title={t('local.devices.emptyFilter', { total: data.total })}>
        <button type="button" className="button" onClick={() => go({ ...route, q: '', port: '' })}>
          {t('local.devices.clear')}
        </button>
      </PanelState>
    );
  return (
    <>
      <ul className="sheet rows">
        {data.devices.map((device) => (
          <li key={device.id}>
            <Row device={device} />
          </li>
        ))}
      </ul>
      {data.matching > data.devices.length ? (
        <p className="quiet">{t('local.devices.more', { shown: data.devices.length })}</p>
      ) : null}
    </>
  );
}

const Row = memo(function Row({ device }: { device: LocalDeviceRow }) {
  const { t, text } = useWords();
  const { id, name, place, port, availability, headline, failures, alarms } = device;
  const isStale = useIsStale();
  const isPast = isStale || availability === 'offline' || availability === 'unknown' || failures > 2;
  return (
    <Link className={`row ${isStale ? 'unknown' : availability}`} to={{ screen: 'device', id }}>
      <span className="row-name">
        <strong>{text(name)}</strong>
        <span className="quiet">{[place === null ? '' : text(place), port].filter((word) => word !== '').join(' · ')}</span>
      </span>
      <span className={`row-value ${isPast ? 'past' : ''}`}>
        {headline.map((value) => (
          <span key={value.point} className={`quality-${value.quality}`}>
            {valueWithUnit(value, text)}
          </span>
        ))}
      </span>
      <span className="row-state">
        {alarms.slice(0, 1).map(({ alarm, name: alarmName, severity }) => (
          <LevelChip key={alarm} severity={severity} label={text(alarmName)} />
        ))}
        <Health device={device} />
        {failures > 2 ? <span className="quiet">{t('local.devices.silent', { count: failures })}</span> : null}
      </span>
    </Link>
  );
});

/** Its state, and when it was last heard. */
export function Health({ device }: { device: Pick<LocalDeviceRow, 'availability' | 'heardAt'> }) {
  const words = useWords();
  const now = useTimersNow();
  const availability = useIsStale() ? 'unknown' : device.availability;
  return (
    <span className="health">
      <span className={`health-key ${availability}`} aria-hidden="true" />
      {words.t(`availability.${availability}`)}
      <span className="quiet">{agoText(device.heardAt, now, words)}</span>
    </span>
  );
}
