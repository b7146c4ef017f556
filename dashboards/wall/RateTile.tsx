import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { useWords } from '../words/language.ts';

/** ISA-18.2: more than this in ten minutes is more than one person can deal with. */
const isaLimit = 10;

export function RateTile({ view }: { view: WallView }) {
  const { t } = useWords();
  const { alarmsPerHour, alarmsTenMinutes, dispatchersOnDuty } = view;
  const total = alarmsPerHour.reduce((sum, count) => sum + count, 0);
  const rate = dispatchersOnDuty === 0 ? null : alarmsTenMinutes / dispatchersOnDuty;
  const flooded = view.floods.length > 0 || (rate !== null && rate > isaLimit);
  return (
    <section className={`tile rate-tile ${flooded ? 'flooded' : ''}`} aria-labelledby="rate-title">
      <header>
        <h2 id="rate-title">{t('wall.rate')}</h2>
        <span className="tile-side">{t('wall.rateTotal', { count: total })}</span>
      </header>
      <Bars counts={alarmsPerHour} label={`${t('wall.rate')}: ${t('wall.rateTotal', { count: total })}`} />
      <p className="rate-now">
        {rate === null
          ? t('wall.rateNobody', { count: alarmsTenMinutes })
          : t(flooded ? 'wall.flood' : 'wall.rateNow', { rate: rate.toFixed(1) })}
        <span className="quiet rate-limit"> · {t('wall.rateLimit')}</span>
      </p>
    </section>
  );
}

const barWidth = 10;
const barGap = 4;

/** One bar an hour, the last one being now; an hour without an alarm keeps its line. */
function Bars({ counts, label }: { counts: readonly number[]; label: string }) {
  const most = Math.max(4, ...counts);
  const width = counts.length * (barWidth + barGap) - barGap;
  return (
    <svg className="bars" viewBox={`0 0 ${width} 100`} preserveAspectRatio="none" role="img" aria-label={label}>
      {counts.map((count, nth) => {
        const height = Math.max(1.5, (count / most) * 100);
        // Their order is what they are.
        // oxlint-disable-next-line react/no-array-index-key
        return (
          <rect
            key={nth}
            className={nth === counts.length - 1 ? 'last' : ''}
            x={nth * (barWidth + barGap)}
            y={100 - height}
            width={barWidth}
            height={height}
          />
        );
      })}
    </svg>
  );
}
