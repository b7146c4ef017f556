import type { Encoding, WireType } from '../vocabulary/point.ts';

/** How a value stands in bytes. */
export interface ByteShape {
  readonly type: WireType;
  /** Bytes of a string. */
  readonly length?: number | undefined;
  readonly encoding?: Encoding | undefined;
  readonly bits?: { readonly shift: number; readonly width: number } | undefined;
  readonly signed?: boolean | undefined;
}

/** How many bytes a value of the type takes. */
export function byteCount({ type, length = 1 }: ByteShape): number {
  if (type === 'string') return length;
  if (type === 'bit') return 1;
  const size = Number(/\d+$/.exec(type)?.[0] ?? 8);
  return type.includes('time') ? size : size / 8;
}
