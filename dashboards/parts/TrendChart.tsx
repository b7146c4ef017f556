import 'uplot/dist/uPlot.min.css';
import './chart.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import type { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { brokenAtGaps, gapsIn } from './gaps.ts';
import { drawGaps, drawLimits, readInk } from './ink.ts';
import { dayText, minuteText } from './time.ts';

export interface ChartData {
  from: number;
  to: number;
  bucketMs: number;
  at: readonly number[];
  last: readonly (number | null)[];
  min: readonly (number | null)[];
  max: readonly (number | null)[];
}
export interface ChartLimit {
  value: number;
  severity: Severity;
  label: string;
}
interface Props {
  data: ChartData;
  limits: readonly ChartLimit[];
  step: boolean;
  height: number;
  /** Said instead of the picture. */
  label: string;
  gapLabel: string;
}

const day = 86_400_000;

function columns(data: ChartData, gaps: ReturnType<typeof gapsIn>): uPlot.AlignedData {
  const { seconds, indexes } = brokenAtGaps({ at: data.at, values: data.last }, gaps);
  const pick = (values: readonly (number | null)[]) => indexes.map((index) => (index === null ? null : (values[index] ?? null)));
  return [seconds, pick(data.last), pick(data.min), pick(data.max)];
}

function valueRange(data: ChartData, limits: readonly ChartLimit[]): [number, number] {
  const known = [...data.min, ...data.max, ...data.last].filter((value) => value !== null);
  const all = [...known, ...limits.map((limit) => limit.value)];
  const low = Math.min(...all);
  const high = Math.max(...all);
  if (!Number.isFinite(low)) return [0, 1];
  const room = (high - low) * 0.12 || Math.abs(high) * 0.1 || 1;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}

function options(props: Props, width: number, gaps: ReturnType<typeof gapsIn>, host: HTMLElement): uPlot.Options {
  const { data, limits } = props;
  const ink = readInk(host);
  const axis: uPlot.Axis = {
    stroke: ink.quiet,
    font: ink.font,
    grid: { stroke: ink.line, width: 1 },
    ticks: { show: false },
  };
  const stamp = data.to - data.from > day ? dayText : minuteText;
  const paths = props.step && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {};
  return {
    width,
    height: props.height,
    legend: { show: false },
    cursor: { points: { size: 8 }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: () => [data.from / 1000, data.to / 1000] },
      y: { range: () => valueRange(data, limits) },
    },
    axes: [
      {
        ...axis,
        size: 28,
        space: stamp === dayText ? 110 : 72,
        values: (_, ticks) => ticks.map((tick) => stamp(tick * 1000)),
        incrs: timeSteps,
      },
      { ...axis, size: 52, space: 32 },
    ],
    series: [
      {},
      { stroke: ink.trend, width: 2, points: { show: false }, ...paths },
      { stroke: 'transparent', points: { show: false }, ...paths },
      { stroke: 'transparent', points: { show: false }, ...paths },
    ],
    bands: [{ series: [3, 2], fill: ink.band }],
    hooks: {
      drawAxes: [(plot) => drawGaps(plot, gaps, ink, props.gapLabel)],
      draw: [(plot) => drawLimits(plot, limits, ink)],
    },
  };
}

/** Seconds between two ticks: whole minutes, hours and days, as a clock has them. */
const timeSteps = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 432_000];

/** A live curve with its limits; where nothing good was heard it is hatched, never bridged. */
export function TrendChart(props: Props) {
  const { data, limits, step, height, label, gapLabel } = props;
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const gaps = gapsIn({ at: data.at, values: data.last }, data.from, data.to, data.bucketMs);
    const plot = new uPlot(
      options({ data, limits, step, height, label, gapLabel }, element.clientWidth, gaps, element),
      columns(data, gaps),
      element,
    );
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      plot.destroy();
    };
  }, [data, limits, step, height, label, gapLabel]);
  return <div ref={host} className="trend" role="img" aria-label={label} style={{ height }} />;
}
