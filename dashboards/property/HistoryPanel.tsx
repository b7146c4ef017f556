import { useEffect, useMemo, useState } from 'react';
import type { DeviceDetail, History, PointView, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { cloudNow, every } from '../client/clock.ts';
import { useWords } from '../words/language.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { Segments } from '../parts/Segments.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { stateNames } from '../parts/value.ts';
import { type ChartLimit, TrendChart } from '../parts/TrendChart.tsx';

const hourMs = 3_600_000;
const ranges = { hour: hourMs, day: 24 * hourMs, week: 7 * 24 * hourMs, month: 30 * 24 * hourMs } as const;
type Range = keyof typeof ranges;
const buckets = 360;
const refreshMs = 30_000;

/** Reads the curve of one point; undefined while it is first read. A new range keeps the old curve until the answer. */
function useHistory(gateway: string, device: string, point: string | null, range: Range) {
  const [history, setHistory] = useState<History>();
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    if (point === null) return undefined;
    let left = false;
    const read = () => {
      const to = cloudNow();
      const asked = new URLSearchParams({ point, from: String(to - ranges[range]), to: String(to), buckets: String(buckets) });
      call<History>(
        'GET',
        `/api/devices/${encodeURIComponent(gateway)}/${encodeURIComponent(device)}/history?${asked.toString()}`,
      ).then(
        (answer) => {
          if (left) return;
          setHistory(answer);
          setProblem(null);
        },
        (error: unknown) => {
          if (!isApiError(error)) throw error;
          if (!left) setProblem(error.problem);
        },
      );
    };
    read();
    const stop = every(refreshMs, read);
    return () => {
      left = true;
      stop();
    };
  }, [gateway, device, point, range]);
  return { history, problem };
}

function useLimits(point: PointView | undefined): ChartLimit[] {
  const { t } = useWords();
  return useMemo(
    () =>
      (point?.limits ?? []).flatMap(({ above, below, severity }) => [
        ...(above === null ? [] : [{ value: above, severity, label: t('chart.limitAbove', { value: above }) }]),
        ...(below === null ? [] : [{ value: below, severity, label: t('chart.limitBelow', { value: below }) }]),
      ]),
    [point?.limits, t],
  );
}

export function HistoryPanel({ device, point }: { device: DeviceDetail; point: PointView | undefined }) {
  const { t, text } = useWords();
  const [range, setRange] = useState<Range>('day');
  const drawable = point !== undefined && point.chart !== 'none';
  const { history, problem } = useHistory(device.gateway, device.id, drawable ? point.point : null, range);
  const limits = useLimits(point);
  const name = point === undefined ? '' : text(point.name);
  return (
    <section className="sheet history" aria-labelledby="history-title">
      <header>
        <h2 id="history-title">
          {t('device.history')} <span className="count">{name}</span>
        </h2>
        <Segments
          label={t('device.range')}
          name="range"
          options={(Object.keys(ranges) as Range[]).map((each) => ({ value: each, label: t(`device.${each}`) }))}
          value={range}
          onChange={setRange}
        />
      </header>
      <div className="history-box">
        {drawable ? (
          <Curve
            history={history}
            problem={problem}
            limits={limits}
            point={point}
            label={t('device.summary', { point: name, range: t(`device.${range}`) })}
          />
        ) : (
          <PanelState mark="filter" title={t('device.noHistory')} />
        )}
      </div>
      {drawable && point.chart === 'line' ? <p className="quiet band-note">{t('device.band')}</p> : null}
    </section>
  );
}

interface CurveProps {
  history: History | undefined;
  problem: Problem | null;
  limits: ChartLimit[];
  point: PointView;
  label: string;
}

function Curve({ history, problem, limits, point, label }: CurveProps) {
  const { t, text, language } = useWords();
  const isState = typeof point.value === 'boolean';
  const states = useMemo(() => (isState ? stateNames(language) : null), [isState, language]);
  if (problem !== null) {
    return (
      <PanelState mark="error" title={t('state.failedTitle')} code={t('state.code', { code: problem.code })} role="alert">
        <p>{text(problem.message)}</p>
      </PanelState>
    );
  }
  // The last point's curve may still be here: it is not this one's.
  if (history === undefined || history.point !== point.point) return <Skeleton rows={1} height={260} label={t('app.loading')} />;
  return (
    <TrendChart
      data={history}
      limits={limits}
      step={point.chart === 'step'}
      states={states}
      label={label}
      gapLabel={t('chart.noData')}
    />
  );
}
