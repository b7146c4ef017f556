import { useEffect, useMemo, useState } from 'react';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { DeviceDetail, History, PointView, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { cloudNow, every } from '../client/clock.ts';
import { useWords } from '../words/language.ts';
import { type ChartLimit, TrendChart } from '../parts/TrendChart.tsx';
import { clockText } from '../parts/time.ts';
import { stateNames, valueWithUnit } from '../parts/value.ts';

const lookBackMs = 30 * 60_000;
const refreshMs = 10_000;
const buckets = 240;

interface Curve {
  device: DeviceDetail;
  point: PointView;
  history: History;
}

type Source = Pick<Alarm, 'gateway' | 'device' | 'alarm' | 'raisedAt'>;

async function readCurve(alarm: Source): Promise<Curve | null> {
  const path = `/api/devices/${encodeURIComponent(alarm.gateway)}/${encodeURIComponent(alarm.device)}`;
  const device = await call<DeviceDetail>('GET', path);
  const point =
    device.points.find((one) => one.limits.some((limit) => limit.alarm === alarm.alarm)) ??
    device.points.find((one) => one.chart === 'step') ??
    device.points.find((one) => one.chart === 'line');
  if (point === undefined) return null;
  const to = cloudNow();
  const from = Math.max(Math.min(alarm.raisedAt - lookBackMs, to - lookBackMs), to - 24 * 3_600_000);
  const query = new URLSearchParams({
    point: point.point,
    from: String(Math.round(from)),
    to: String(to),
    buckets: String(buckets),
  });
  return { device, point, history: await call<History>('GET', `${path}/history?${query.toString()}`) };
}

const none: Source = { gateway: '', device: '', alarm: '', raisedAt: 0 };

interface Read {
  /** undefined until it is read; null where there is none. */
  curve?: Curve | null;
  at: number;
  problem: Problem | null;
}

/** The curve behind the gravest alarm, read again every 10 s. */
function useCurve(alarm: Alarm | undefined): Read {
  const [curve, setCurve] = useState<Read>({ at: 0, problem: null });
  // Only another alarm is another curve; a new version of the same one is not.
  const { gateway, device, alarm: rule, raisedAt } = alarm ?? none;
  useEffect(() => {
    if (rule === '') return undefined;
    let left = false;
    const read = () => {
      readCurve({ gateway, device, alarm: rule, raisedAt }).then(
        (value) => (left ? undefined : setCurve({ curve: value, at: cloudNow(), problem: null })),
        (error: unknown) => {
          if (!isApiError(error)) throw error;
          // The curve is a help, not the alarm: without it the pane still stands, and the next try follows in 10 s.
          if (!left) setCurve((before) => ({ ...before, problem: error.problem }));
        },
      );
    };
    read();
    const stop = every(refreshMs, read);
    return () => {
      left = true;
      stop();
    };
  }, [gateway, device, rule, raisedAt]);
  return curve;
}

export function Trend({ alarms }: { alarms: readonly Alarm[] }) {
  const { t, text, language } = useWords();
  const alarm =
    alarms.find((one) => one.active && one.reason.limit !== undefined) ?? alarms.find((one) => one.active) ?? alarms[0];
  const { curve, at, problem } = useCurve(alarm);
  const limits = useMemo<ChartLimit[]>(
    () =>
      (curve?.point.limits ?? []).flatMap(({ above, below, severity }) => [
        ...(above === null ? [] : [{ value: above, severity, label: t('chart.limitAbove', { value: above }) }]),
        ...(below === null ? [] : [{ value: below, severity, label: t('chart.limitBelow', { value: below }) }]),
      ]),
    [curve?.point, t],
  );
  const isState = typeof curve?.point.value === 'boolean';
  const states = useMemo(() => (isState ? stateNames(language) : null), [isState, language]);
  return (
    <section className="block trend-block" aria-labelledby="trend-title">
      <h3 id="trend-title">
        {curve ? `${text(curve.device.name)} · ${text(curve.point.name)}` : t('pane.trend')}
        {curve ? <span className="count">{valueWithUnit(curve.point, text)}</span> : null}
      </h3>
      {problem === null ? null : (
        <p className="quiet">
          {curve ? t('state.kept', { at: clockText(at) }) : `${t('state.failedTitle')} · ${text(problem.message)}`}
        </p>
      )}
      {curve === null && problem === null ? <p className="quiet">{t('pane.noTrend')}</p> : null}
      {curve ? (
        <TrendChart
          data={curve.history}
          limits={limits}
          step={curve.point.chart === 'step'}
          states={states}
          gapLabel={t('chart.noData')}
          label={t('pane.trendSummary', {
            device: text(curve.device.name),
            point: text(curve.point.name),
            value: valueWithUnit(curve.point, text),
          })}
        />
      ) : null}
    </section>
  );
}
