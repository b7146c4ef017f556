import 'uplot/dist/uPlot.min.css';
import './chart.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import type { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { brokenAtGaps, type Gap, gapsIn } from './gaps.ts';
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
  /** The words of 0 and 1, where the point is a state and not a number. */
  states: readonly [string, string] | null;
  /** Said instead of the picture. */
  label: string;
  gapLabel: string;
}

const day = 86_400_000;

function columns(data: ChartData, gaps: readonly Gap[]): uPlot.AlignedData {
  const { seconds, indexes } = brokenAtGaps({ at: data.at, values: data.last }, gaps);
  const pick = (values: readonly (number | null)[]) => indexes.map((index) => (index === null ? null : (values[index] ?? null)));
  return [seconds, pick(data.last), pick(data.min), pick(data.max)];
}

function valueRange({ data, limits, states }: Pick<Drawn, 'data' | 'limits' | 'states'>): [number, number] {
  if (states !== null) return [-0.2, 1.2];
  const known = [...data.min, ...data.max, ...data.last].filter((value) => value !== null);
  const all = [...known, ...limits.map((limit) => limit.value)];
  const low = Math.min(...all);
  const high = Math.max(...all);
  if (!Number.isFinite(low)) return [0, 1];
  const room = (high - low) * 0.12 || Math.abs(high) * 0.1 || 1;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}

type Drawn = Omit<Props, 'label'>;

function stateAxis(states: readonly [string, string]): uPlot.Axis {
  return { splits: () => [0, 1], values: () => [...states] };
}

/** `now` says what is drawn at the moment it is drawn: new data come into a plot that stands. */
function options(now: () => Drawn & { gaps: readonly Gap[] }, host: HTMLElement): uPlot.Options {
  const props = now();
  const { data } = props;
  const ink = readInk(host);
  const axis: uPlot.Axis = {
    stroke: ink.quiet,
    font: ink.font,
    grid: { stroke: ink.line, width: 1 },
    ticks: { show: false },
  };
  const few = data.last.filter((value) => value !== null).length <= 3;
  const long = data.to - data.from > 1.5 * day;
  const paths = props.step && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {};
  return {
    width: host.clientWidth,
    height: host.clientHeight,
    legend: { show: false },
    cursor: { points: { size: 8 }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: () => [now().data.from / 1000, now().data.to / 1000] },
      y: { range: () => valueRange(now()) },
    },
    axes: [
      {
        ...axis,
        size: 28,
        space: long ? 84 : 72,
        values: (_, ticks) => ticks.map((tick) => (long ? dayText(tick * 1000).slice(0, 5) : minuteText(tick * 1000))),
        incrs: long ? daySteps : timeSteps,
        splits: (_plot, _axis, from, to, step) => localTicks(from, to, step),
      },
      { ...axis, size: 52, space: 44, ...(props.states === null ? {} : stateAxis(props.states)) },
    ],
    series: [
      {},
      { stroke: ink.trend, width: 2, points: { show: few, size: 8, fill: ink.trend }, ...paths },
      { stroke: 'transparent', width: 0, points: { show: false }, ...paths },
      { stroke: 'transparent', width: 0, points: { show: false }, ...paths },
    ],
    bands: [{ series: [3, 2], fill: ink.band }],
    hooks: {
      drawAxes: [(plot) => drawGaps(plot, now().gaps, ink, now().gapLabel)],
      draw: [(plot) => drawLimits(plot, now().limits, ink)],
    },
  };
}

/** Seconds between two ticks: whole minutes, hours and days, as a clock has them. */
const timeSteps = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200];
const daySteps = [86_400, 172_800, 432_000, 604_800];

/** Ticks at round times of the viewer's own clock, so that a day begins at midnight here and not in Greenwich. */
function localTicks(from: number, to: number, step: number): number[] {
  const shift = new Date(from * 1000).getTimezoneOffset() * 60;
  const first = Math.ceil((from - shift) / step) * step + shift;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step);
}

/** What the axes and the marks of points are made for; another one needs another plot. */
function frameOf({ data, step, states }: Pick<Drawn, 'data' | 'step' | 'states'>): string {
  const few = data.last.filter((value) => value !== null).length <= 3;
  return JSON.stringify([step, states, few, data.to - data.from > 1.5 * day]);
}

/** A live curve with its limits, filling its box; where nothing good was heard it is hatched, never bridged. */
export function TrendChart(props: Props) {
  return <Plot key={frameOf(props)} {...props} />;
}

/** One plot, made once; new data come into it. */
function Plot({ data, limits, step, states, label, gapLabel }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const drawn = useRef<(Drawn & { gaps: readonly Gap[] }) | null>(null);
  const stands = useRef<uPlot | null>(null);
  useEffect(() => {
    const gaps = gapsIn({ at: data.at, values: data.last }, data.from, data.to, data.bucketMs);
    drawn.current = { data, limits, step, states, gapLabel, gaps };
    stands.current?.setData(columns(data, gaps));
  }, [data, limits, step, states, gapLabel]);
  useEffect(() => {
    const element = host.current;
    const first = drawn.current;
    if (element === null || first === null) return undefined;
    const plot = new uPlot(
      options(() => drawn.current ?? first, element),
      columns(first.data, first.gaps),
      element,
    );
    stands.current = plot;
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: element.clientHeight }));
    resize.observe(element);
    return () => {
      stands.current = null;
      resize.disconnect();
      plot.destroy();
    };
  }, []);
  return <div ref={host} className="trend" role="img" aria-label={label} />;
}
