import 'uplot/dist/uPlot.min.css';
import './chart.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import type { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { type Curve, drawCurve } from './curve.ts';
import { drawingQueue } from './drawing.ts';
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
/** The one queue of the page. */
const drawSoon = drawingQueue({ onFrame: (run) => requestAnimationFrame(run), ticksMs: () => performance.now() });

type Drawn = Omit<Props, 'label'>;

/** What is drawn, worked out once for each new set of data. */
interface Picture extends Drawn, Curve {
  columns: [seconds: number[], values: (number | null)[]];
  gaps: readonly Gap[];
  /** Of the value axis. */
  range: [number, number];
}

function pictureOf(drawn: Drawn): Picture {
  const { data } = drawn;
  const gaps = gapsIn({ at: data.at, values: data.last }, data.from, data.to, data.bucketMs);
  const { seconds, indexes } = brokenAtGaps({ at: data.at, values: data.last }, gaps);
  const pick = (values: readonly (number | null)[]) => indexes.map((index) => (index === null ? null : (values[index] ?? null)));
  const columns: Picture['columns'] = [seconds, pick(data.last)];
  return { ...drawn, gaps, columns, low: pick(data.min), high: pick(data.max), range: valueRange(drawn) };
}

function valueRange({ data, limits, states }: Drawn): [number, number] {
  if (states !== null) return [-0.2, 1.2];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const values of [data.min, data.max, data.last, limits.map((limit) => limit.value)])
    for (const value of values) {
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  if (!Number.isFinite(low)) return [0, 1];
  const room = (high - low) * 0.12 || Math.abs(high) * 0.1 || 1;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}

/** So few points that a line alone would hide them. */
function isFew({ last }: ChartData): boolean {
  let known = 0;
  for (const value of last) if (value !== null && (known += 1) > 3) return false;
  return true;
}

function stateAxis(states: readonly [string, string]): uPlot.Axis {
  return { splits: () => [0, 1], values: () => [...states] };
}

/** `now` says what is drawn at the moment it is drawn: new data come into a plot that stands. */
function options(now: () => Picture, host: HTMLElement): uPlot.Options {
  const props = now();
  const { data } = props;
  const ink = readInk(host);
  const axis: uPlot.Axis = {
    stroke: ink.quiet,
    font: ink.font,
    grid: { stroke: ink.line, width: 1 },
    ticks: { show: false },
  };
  const few = isFew(data);
  const long = data.to - data.from > 1.5 * day;
  return {
    width: host.clientWidth,
    height: host.clientHeight,
    legend: { show: false },
    cursor: { points: { size: 8 }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: () => [now().data.from / 1000, now().data.to / 1000] },
      y: { range: () => now().range },
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
      // The line is drawn by us; its points are the plot's, on the curve and under the cursor.
      { stroke: ink.trend, width: 2, points: { show: few, size: 8, fill: ink.trend }, paths: () => null },
    ],
    hooks: {
      drawAxes: [(plot) => drawGaps(plot, now().gaps, ink, now().gapLabel), (plot) => drawCurve(plot, now(), ink)],
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
  return JSON.stringify([step, states, isFew(data), data.to - data.from > 1.5 * day]);
}

/** A live curve with its limits, filling its box; where nothing good was heard it is hatched, never bridged. */
export function TrendChart(props: Props) {
  return <Plot key={frameOf(props)} {...props} />;
}

/** One plot, made once; new data come into it when it is its turn to be drawn, the newest of them alone. */
function Plot({ data, limits, step, states, label, gapLabel }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const newest = useRef<Drawn | null>(null);
  const draw = useRef<(() => void) | null>(null);
  useEffect(() => {
    newest.current = { data, limits, step, states, gapLabel };
    return draw.current === null ? undefined : drawSoon(draw.current);
  }, [data, limits, step, states, gapLabel]);
  useEffect(() => {
    const element = host.current;
    if (element === null || newest.current === null) return undefined;
    let picture = pictureOf(newest.current);
    const plot = new uPlot(
      options(() => picture, element),
      picture.columns,
      element,
    );
    draw.current = () => {
      if (newest.current !== null) picture = pictureOf(newest.current);
      // Outside of a batch the plot would draw itself later, and beside the queue.
      plot.batch(() => plot.setData(picture.columns));
    };
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: element.clientHeight }));
    resize.observe(element);
    return () => {
      draw.current = null;
      resize.disconnect();
      plot.destroy();
    };
  }, []);
  return <div ref={host} className="trend" role="img" aria-label={label} />;
}
