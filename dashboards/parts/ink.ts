import type uPlot from 'uplot';
import { levelOf, type Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Gap } from './gaps.ts';

/** The theme's colours, read from its custom properties, for what is drawn on a canvas. */
export interface Ink {
  text: string;
  quiet: string;
  line: string;
  trend: string;
  band: string;
  hatch: string;
  ground: string;
  font: string;
  levels: Record<1 | 2 | 3 | 4, string>;
}

export function readInk(element: HTMLElement): Ink {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: read('--text'),
    quiet: read('--quiet'),
    line: read('--line'),
    trend: read('--trend'),
    band: read('--band'),
    hatch: read('--hatch'),
    ground: read('--surface'),
    font: `12px ${read('--face')}`,
    levels: { 1: read('--limit-1'), 2: read('--limit-2'), 3: read('--limit-3'), 4: read('--limit-4') },
  };
}

function hatchPattern(context: CanvasRenderingContext2D, colour: string, ratio: number): CanvasPattern | string {
  const tile = document.createElement('canvas');
  const size = 8 * ratio;
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext('2d');
  if (pen === null) return colour;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5 * ratio;
  for (const shift of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
    pen.stroke();
  }
  return context.createPattern(tile, 'repeat') ?? colour;
}

/** Hatches every stretch without data, and says so once, in the widest, where the word fits. */
export function drawGaps(plot: uPlot, gaps: readonly Gap[], ink: Ink, label: string): void {
  const { ctx: context, bbox } = plot;
  const ratio = devicePixelRatio;
  context.save();
  context.font = ink.font.replace('12px', `${12 * ratio}px`);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const widest = gaps.reduce<Gap | null>(
    (most, gap) => (most === null || gap.to - gap.from > most.to - most.from ? gap : most),
    null,
  );
  for (const gap of gaps) {
    const left = Math.max(bbox.left, plot.valToPos(gap.from / 1000, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(gap.to / 1000, 'x', true));
    if (right <= left) continue;
    context.fillStyle = hatchPattern(context, ink.hatch, ratio);
    context.fillRect(left, bbox.top, right - left, bbox.height);
    const width = context.measureText(label).width + 12 * ratio;
    if (gap !== widest || right - left < width) continue;
    const middle = bbox.top + bbox.height / 2;
    context.fillStyle = ink.ground;
    context.fillRect((left + right - width) / 2, middle - 11 * ratio, width, 22 * ratio);
    context.fillStyle = ink.quiet;
    context.fillText(label, (left + right) / 2, middle);
  }
  context.restore();
}

/** A dashed line at each limit with its name above it. */
export function drawLimits(plot: uPlot, limits: readonly { value: number; severity: Severity; label: string }[], ink: Ink): void {
  const { ctx: context, bbox } = plot;
  const ratio = devicePixelRatio;
  context.save();
  context.font = ink.font.replace('12px', `${12 * ratio}px`);
  context.textAlign = 'left';
  context.textBaseline = 'bottom';
  for (const limit of limits) {
    const y = plot.valToPos(limit.value, 'y', true);
    context.strokeStyle = ink.levels[levelOf(limit.severity)];
    context.lineWidth = 1.5 * ratio;
    context.setLineDash([6 * ratio, 4 * ratio]);
    context.beginPath();
    context.moveTo(bbox.left, y);
    context.lineTo(bbox.left + bbox.width, y);
    context.stroke();
    context.fillStyle = ink.text;
    context.fillText(limit.label, bbox.left + 6 * ratio, y - 3 * ratio);
  }
  context.restore();
}
