import type { DeviceDetail, PointView } from '@yihu/device-profiles/vocabulary/view.ts';
import { useIsStale } from '../client/pulse.ts';
import { useWords } from '../words/language.ts';
import { valueText } from '../parts/value.ts';
import { Ago } from './DeviceRow.tsx';

interface Props {
  device: DeviceDetail;
  chosen: string | null;
  onChoose: (point: string) => void;
}

/** Every value with its age and quality; a press shows its curve. */
export function Points({ device, chosen, onChoose }: Props) {
  const { t } = useWords();
  const past = useIsStale() || device.availability === 'unknown' || device.availability === 'offline';
  return (
    <section className="sheet points" aria-labelledby="points-title">
      <h2 id="points-title">{t('device.values')}</h2>
      {device.points.length === 0 ? <p className="quiet">{t('device.noPoints')}</p> : null}
      <ul>
        {device.points.map((point) => (
          <li key={point.point}>
            <button
              type="button"
              className={`point ${past ? 'past' : ''}`}
              aria-pressed={point.point === chosen}
              onClick={() => onChoose(point.point)}
            >
              <Value point={point} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Value({ point }: { point: PointView }) {
  const { t, text } = useWords();
  const good = point.quality === 'good';
  return (
    <>
      <span className="point-name">{text(point.name)}</span>
      <span className={`point-value quality-${point.quality}`}>
        {valueText(point, text)}
        {point.valueName === null && point.value !== null ? <span className="unit-name"> {point.symbol}</span> : null}
      </span>
      <span className="quiet point-age">
        <Ago at={point.at} />
      </span>
      {good ? null : (
        <span className="point-quality">
          {t(`quality.${point.quality}`)}
          {point.reason === null ? '' : ` · ${t(`qualityReason.${point.reason}`)}`}
        </span>
      )}
    </>
  );
}
