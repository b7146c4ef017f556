import type { LocalDevice, LocalPoint } from '@yihu/device-profiles/vocabulary/local.ts';
import { useMemo } from 'react';
import { useShortcuts } from '../client/keys.ts';
import { useIsStale, useTimersNow } from '../client/pulse.ts';
import { LevelChip } from '../parts/Level.tsx';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { valueText } from '../parts/value.ts';
import { useWords } from '../words/language.ts';
import { AlarmTest } from './AlarmTest.tsx';
import { agoText } from './ago.ts';
import { useLive } from './desk.ts';
import { Health } from './DeviceList.tsx';
import { Exchanges } from './Exchanges.tsx';
import { Failure } from './Failure.tsx';
import { Link } from './Link.tsx';
import { Orders } from './Orders.tsx';

/** One device: why it is silent, each value beside its register, and the last bytes on the wire. */
export function DevicePage({ id }: { id: string }) {
  const { t } = useWords();
  const { data, problem, read } = useLive<LocalDevice>(`/api/devices/${encodeURIComponent(id)}`);
  if (data !== null) return <Page device={data} onChange={read} />;
  if (problem === null) return <Skeleton rows={3} height={160} label={t('app.loading')} />;
  if (problem.code !== 'not-found') return <Failure problem={problem} onRetry={read} />;
  return (
    <PanelState mark="filter" title={t('local.device.missing')} role="alert">
      <p>{t('local.device.missingNext')}</p>
      <Link className="button strong" to={{ screen: 'devices', q: '', port: '' }}>
        {t('local.device.back')}
      </Link>
    </PanelState>
  );
}

function Page({ device, onChange }: { device: LocalDevice; onChange: () => void }) {
  const { t } = useWords();
  useShortcuts(
    useMemo(() => ({ r: onChange }), [onChange]),
    true,
  );
  return (
    <div className="device-page">
      <Head device={device} />
      <Why device={device} />
      <div className="device-grid">
        <Points device={device} />
        <Exchanges device={device} />
      </div>
      <Orders device={device} onChange={onChange} />
      <AlarmTest device={device} onChange={onChange} />
      <p className="device-actions">
        <Link className="button" to={{ screen: 'settings', id: device.id }}>
          {t('work.settings.open')}
        </Link>
        <Link className="button" to={{ screen: 'change', port: '', address: '', profile: '', remove: device.id, newPort: '' }}>
          {t('local.change.remove')}
        </Link>
      </p>
    </div>
  );
}

function Head({ device }: { device: LocalDevice }) {
  const { t, text } = useWords();
  const { name, place, alarms, profileName, model, maker, address, port, driver, id } = device;
  const facts = [
    [t('local.device.profile'), `${text(profileName)} · ${model}`],
    [t('local.device.maker'), text(maker)],
    [t('local.device.port'), `${port} · ${driver}`],
    [t('local.device.address'), address],
    [t('local.device.number'), id],
  ];
  return (
    <header className="device-head">
      <Link className="back quiet" to={{ screen: 'devices', q: '', port: '' }}>
        ← {t('local.device.back')}
      </Link>
      <div className="device-title">
        <h1>{text(name)}</h1>
        <Health device={device} />
        {alarms.map(({ alarm, name: alarmName, severity }) => (
          <LevelChip key={alarm} severity={severity} label={text(alarmName)} />
        ))}
      </div>
      {place === null ? null : <p className="quiet">{text(place)}</p>}
      <dl className="device-facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

/** The plain cause and what to try next, in front of everything else where a device gives nothing. */
function Why({ device }: { device: LocalDevice }) {
  const { t, text } = useWords();
  const { failures, breaker, diagnosis } = device;
  if (diagnosis.cause === 'speaks') return null;
  return (
    <section className="sheet why" aria-labelledby="why-title" data-cause={diagnosis.cause}>
      <h2 id="why-title">{t('local.device.why')}</h2>
      <p className="why-cause">{text(diagnosis.text)}</p>
      <p>
        <span className="quiet">{t('local.device.next')}</span> {text(diagnosis.next)}
      </p>
      {failures === 0 ? null : (
        <p className="quiet">
          {t('local.devices.silent', { count: failures })}
          {breaker === null ? '' : ` · ${t(`local.device.breaker.${breaker}`)}`}
        </p>
      )}
    </section>
  );
}

function Points({ device }: { device: LocalDevice }) {
  const { t } = useWords();
  const isPast = useIsStale() || (device.availability !== 'online' && device.availability !== 'late');
  return (
    <section className="sheet points" aria-labelledby="points-title">
      <h2 id="points-title">{t('local.device.values')}</h2>
      {isPast && device.heardAt !== null ? <p className="past-note hatched">{t('local.device.old')}</p> : null}
      {device.points.length === 0 ? <p className="quiet">{t('local.device.noPoints')}</p> : null}
      <ul>
        {device.points.map((point) => (
          <li key={point.point} className={isPast ? 'past' : ''}>
            <Point point={point} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Point({ point }: { point: LocalPoint }) {
  const words = useWords();
  const { t, text } = words;
  const now = useTimersNow();
  const { name, symbol, value, valueName, quality, reason, at, source } = point;
  return (
    <>
      <span className="point-name">{text(name)}</span>
      <span className={`point-value quality-${quality}`}>
        {at === null ? <span className="quiet">{t('local.device.never')}</span> : valueText(point, text)}
        {at === null || valueName !== null || value === null ? null : <span className="unit-name"> {symbol}</span>}
      </span>
      <code className="point-source">{source}</code>
      <span className="quiet point-age">{at === null ? '' : agoText(at, now, words)}</span>
      {quality === 'good' || at === null ? null : (
        <span className="point-quality">
          {t(`quality.${quality}`)}
          {reason === null ? '' : ` · ${t(`qualityReason.${reason}`)}`}
        </span>
      )}
    </>
  );
}
