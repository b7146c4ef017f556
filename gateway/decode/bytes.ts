import { registerCount } from '@yihu/device-profiles/library/registers.ts';
import { byteCount, type ByteShape } from '@yihu/device-profiles/library/byte-count.ts';
import { calendarText, timeOfBytes } from './calendar.ts';
import { cutText } from './text.ts';
import { compileRead, type Raw } from './wire.ts';

/** A value's raw form from its bytes; null where there are fewer than its type has, `undefined` where they are no such value. */
export type ReadBytes = (bytes: Uint8Array) => Raw | undefined | null;

/**
 * A reader of one value from the bytes that begin with it. What stands behind the value is left alone: some meters send a byte
 * more than the standard says.
 */
export function compileBytes(shape: ByteShape, isLittle: boolean): ReadBytes {
  const count = byteCount(shape);
  const { type, encoding = 'ascii', bits, signed } = shape;
  const own = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, count);
  const bigEndian = (bytes: Uint8Array): Uint8Array => (isLittle ? own(bytes).toReversed() : own(bytes));
  const sized = (read: (bytes: Uint8Array) => Raw | undefined): ReadBytes => {
    return (bytes) => (bytes.length < count ? null : read(bytes));
  };
  if (type === 'string') return sized((bytes) => cutText(encoding === 'hex' ? bigEndian(bytes) : own(bytes), encoding));
  if (type.includes('time')) return sized((bytes) => timeText(type, bigEndian(bytes)));
  const registers = registerCount(type);
  const read = compileRead({ type, order: 'ABCD', bits, signed });
  return sized((bytes) => read(wordsOf(bigEndian(bytes), registers), 0));
}

export function timeText(type: string, bytes: Uint8Array): string | undefined {
  const time = timeOfBytes(type, bytes);
  return time === undefined ? undefined : calendarText(time);
}

/** Right-aligned in whole registers. */
function wordsOf(bytes: Uint8Array, registers: number): number[] {
  const first = registers * 2 - bytes.length;
  const at = (index: number): number => bytes[index - first] ?? 0;
  return Array.from({ length: registers }, (_, i) => (at(i * 2) << 8) | at(i * 2 + 1));
}
