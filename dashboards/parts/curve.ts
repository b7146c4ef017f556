import type uPlot from 'uplot';
import { type Edge, stepped, thinned } from './edge.ts';
import type { Ink } from './ink.ts';

/** A curve, and the least and the most of each of its buckets; null where it is broken. `step`: a value holds until the next. */
export interface Curve {
  columns: readonly [seconds: readonly number[], values: readonly (number | null)[]];
  low: readonly (number | null)[];
  high: readonly (number | null)[];
  step: boolean;
}

/**
 * Draws the curve over its band. The plot could do both, with a clip as ragged as the band and with round joins: more than
 * half of what a chart costs where nothing but the processor paints.
 */
export function drawCurve(plot: uPlot, curve: Curve, ink: Ink): void {
  const { ctx: context, bbox } = plot;
  context.save();
  context.beginPath();
  context.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  context.clip();
  context.fillStyle = ink.band;
  context.fill(bandOf(plot, curve));
  context.lineWidth = 2 * devicePixelRatio;
  context.lineJoin = 'miter';
  // A needle ends where its value is, and not ten widths above it.
  context.miterLimit = 2;
  context.strokeStyle = ink.trend;
  context.stroke(lineOf(plot, curve));
  context.restore();
}

/** Whole pixels of the canvas. */
const across = (plot: uPlot, seconds: number) => Math.round(plot.valToPos(seconds, 'x', true));
const down = (plot: uPlot, value: number) => Math.round(plot.valToPos(value, 'y', true));

function bandOf(plot: uPlot, { columns: [seconds], low, high, step }: Curve): Path2D {
  const outline = new Path2D();
  let [upper, lower]: [Edge, Edge] = [[], []];
  const close = () => {
    if (upper.length > 2) outlineOf(outline, shaped(upper, step), shaped(lower, step));
    [upper, lower] = [[], []];
  };
  for (let index = 0; index < seconds.length; index += 1) {
    const [least, most] = [low[index], high[index]];
    if (typeof least === 'number' && typeof most === 'number') {
      const x = across(plot, seconds[index] ?? 0);
      upper.push(x, down(plot, most));
      lower.push(x, down(plot, least));
    } else close();
  }
  close();
  return outline;
}

/** There along the upper edge, back along the lower. */
function outlineOf(outline: Path2D, upper: Edge, lower: Edge): void {
  drawEdge(outline, upper);
  for (let at = lower.length - 2; at >= 0; at -= 2) outline.lineTo(lower[at] ?? 0, lower[at + 1] ?? 0);
  outline.closePath();
}

function lineOf(plot: uPlot, { columns: [seconds, values], step }: Curve): Path2D {
  const line = new Path2D();
  let edge: Edge = [];
  for (let index = 0; index <= seconds.length; index += 1) {
    const value = values[index];
    if (typeof value === 'number') edge.push(across(plot, seconds[index] ?? 0), down(plot, value));
    else {
      drawEdge(line, shaped(edge, step));
      edge = [];
    }
  }
  return line;
}

function drawEdge(path: Path2D, edge: Edge): void {
  for (let at = 0; at < edge.length; at += 2)
    if (at === 0) path.moveTo(edge[0] ?? 0, edge[1] ?? 0);
    else path.lineTo(edge[at] ?? 0, edge[at + 1] ?? 0);
}

function shaped(edge: Edge, step: boolean): Edge {
  return step ? stepped(edge) : thinned(edge);
}
