import type { Point } from '../vocabulary/point.ts';

/**
 * 翻转: what a counter adds when it starts again from 0, in the point's unit; `undefined` where it never does or nothing is
 * known of it. A reading that is smaller than the one before is a wrap if the sum of both parts is possible (`maxRate`), and
 * another meter if not.
 */
export function counterSpan({ wrap, scale = 1 }: Pick<Point, 'wrap' | 'scale'>): number | undefined {
  if (wrap === undefined || wrap === 'none') return undefined;
  if (typeof wrap === 'number') return wrap;
  const span = 'bits' in wrap ? 2 ** wrap.bits : 10 ** wrap.digits;
  return Number((span * Math.abs(scale)).toPrecision(15));
}
