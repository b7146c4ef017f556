import { memo } from 'react';
import type { DeviceSummary } from '@yihu/device-profiles/vocabulary/view.ts';
import { useWords } from '../words/language.ts';
import { useIsStale, useTimersNow } from '../client/pulse.ts';
import { LevelChip } from '../parts/Level.tsx';
import { valueWithUnit } from '../parts/value.ts';
import { agoText } from './age.ts';
import { Link } from './Link.tsx';

/** One device. A value of a device that is not online is marked as past, and unknown is hatched. */
export const DeviceRow = memo(function DeviceRow({ device }: { device: DeviceSummary }) {
  const { t, text } = useWords();
  const [first, second] = device.headline;
  const stale = useIsStale();
  const past = stale || device.availability === 'offline' || device.availability === 'unknown';
  return (
    <Link
      className={`row ${stale ? 'unknown' : device.availability}`}
      to={{ screen: 'device', gateway: device.gateway, device: device.id }}
    >
      <span className="cell device-name">
        <strong>{text(device.name)}</strong>
        <span className="quiet">{device.placeText}</span>
      </span>
      <span className={`cell reading ${past ? 'past' : ''}`}>
        {first === undefined ? '—' : <strong className={`quality-${first.quality}`}>{valueWithUnit(first, text)}</strong>}
        {first === undefined ? null : <span className="quiet">{text(first.name)}</span>}
        {second === undefined ? null : (
          <span className="quiet second">
            {text(second.name)} {valueWithUnit(second, text)}
          </span>
        )}
      </span>
      <span className="cell">
        <Availability availability={device.availability} />
      </span>
      <span className="cell">
        {device.worst === null ? null : <LevelChip severity={device.worst} label={t(`level.${device.worst}`)} />}
      </span>
      <span className="cell heard">
        <Ago at={device.lastAt} />
      </span>
    </Link>
  );
});

/** While the cloud is out of reach nobody knows how a device is. */
export function Availability({ availability: last }: { availability: DeviceSummary['availability'] }) {
  const { t } = useWords();
  const availability = useIsStale() ? 'unknown' : last;
  return (
    <span className={`availability ${availability}`}>
      <span className={`health-key ${availability}`} aria-hidden="true" />
      {t(`availability.${availability}`)}
    </span>
  );
}

export function Ago({ at }: { at: number | null }) {
  const words = useWords();
  return <>{agoText(at, useTimersNow(), words)}</>;
}
