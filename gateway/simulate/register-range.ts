import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';

/** What a point's registers can hold, in the point's own unit; everything for floats and for points without registers. */
export function registerRange(point: Point): [number, number] {
  const raw = rawRange(point);
  const ends = raw.map((end) => end * (point.scale ?? 1) + (point.offset ?? 0)) as [number, number];
  return ends[0] <= ends[1] ? ends : [ends[1], ends[0]];
}

function rawRange({ type, bits, signed }: Point): [number, number] {
  if (bits && type !== 'bit') return [0, 2 ** bits.width - 1];
  if (type === undefined || type === 'string' || type.includes('time') || type.startsWith('f'))
    return [-Number.MAX_VALUE, Number.MAX_VALUE];
  if (type === 'bit') return [0, 1];
  const width = Number(/\d+/.exec(type)?.[0]);
  if (type.startsWith('bcd')) {
    const top = (signed ? 8 : 10) * 10 ** (width / 4 - 1) - 1;
    return [signed ? -top : 0, top];
  }
  return type.startsWith('s') ? [-(2 ** (width - 1)), 2 ** (width - 1) - 1] : [0, 2 ** width - 1];
}
