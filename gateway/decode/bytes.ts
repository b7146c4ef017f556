import type { Order, Point } from '@yihu/device-profiles/vocabulary/profile.ts';
import { registerCount } from '@yihu/device-profiles/library/registers.ts';
import { compileRead, type Raw } from './wire.ts';

/** A value's raw form from its bytes; null where there are fewer than its type has. */
export type ReadBytes = (bytes: Uint8Array) => Raw | undefined | null;

/** How many bytes a value of `point`'s type takes; for a string, its `length` in bytes. */
export function byteCount({ type = 'u8', length = 1 }: Point): number {
  if (type === 'string') return length;
  return type === 'bit' ? 1 : Number(/\d+$/.exec(type)?.[0] ?? 8) / 8;
}

/**
 * A reader of one value from the bytes of an item. `ABCD` is big-endian, `DCBA` little-endian; the two others only make
 * sense for registers. What stands behind the value is left alone: some meters send a byte more than the standard says.
 */
export function compileBytes(point: Point, usual: Order): ReadBytes {
  const count = byteCount(point);
  const order = point.order ?? usual;
  const isLittle = order === 'DCBA' || order === 'BADC';
  const type = point.type ?? 'u8';
  const registers = Math.ceil(count / 2);
  const { encoding, bits, signed } = point;
  const read = compileRead({ type, order: 'ABCD', length: registerCount(type, registers), encoding, bits, signed });
  const isText = type === 'string';
  return (bytes) => {
    if (bytes.length < count) return null;
    const own = bytes.subarray(0, count);
    const bigEndian = isLittle && !isText ? own.toReversed() : own;
    return read(wordsOf(bigEndian, registers, isText), 0);
  };
}

/** Right-aligned in whole registers; text is left-aligned, with a NUL behind an odd byte. */
function wordsOf(bytes: Uint8Array, registers: number, isText: boolean): number[] {
  const padded = new Uint8Array(registers * 2);
  padded.set(bytes, isText ? 0 : registers * 2 - bytes.length);
  return Array.from({ length: registers }, (_, i) => ((padded[i * 2] as number) << 8) | (padded[i * 2 + 1] as number));
}
