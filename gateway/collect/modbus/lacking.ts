import { type RegisterPoint, registerPoints } from '@yihu/device-profiles/library/registers.ts';
import type { FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';

/** Whether an answer says of every point it was asked for that the device does not have it. */
export type IsLacking = (body: FrameBody) => boolean;

interface Wanted {
  readonly table: string;
  readonly start: number;
  readonly count: number;
  /** As the registers stand on the wire; undefined: nothing of this point says that it is not there. */
  readonly absent: ReadonlySet<string> | undefined;
}

/**
 * What `unsupported` of a profile's points means to whoever asks: such a point need not be asked for again soon. Judged are
 * whole numbers of 16 and 32 bits; of anything else nothing is concluded, and it is read on. Undefined where no point of
 * the profile names such a value. Pure.
 */
export function lackingOf(profile: Profile, points: readonly string[]): IsLacking | undefined {
  if (points.every((id) => profile.points[id]?.unsupported === undefined)) return undefined;
  const wanted = registerPoints(profile)
    .filter(({ id }) => points.includes(id))
    .map((point): Wanted => ({ ...point, absent: absentWords(point) }));
  return (body) => {
    if (body.kind !== 'registers') return false;
    const { table, start, words } = body;
    const end = start + words.length;
    const here = wanted.filter((each) => each.table === table && each.start >= start && each.start + each.count <= end);
    return here.length > 0 && here.every((each) => each.absent?.has(textOf(words, each.start - start, each.count)) === true);
  };
}

function textOf(words: readonly number[], from: number, count: number): string {
  return words.slice(from, from + count).join(' ');
}

function absentWords({ point, type, order, count }: RegisterPoint): ReadonlySet<string> | undefined {
  const isPlain =
    /^[us](16|32)$/.test(type) && point.encoding === undefined && point.byte === undefined && point.bits === undefined;
  if (!isPlain || point.unsupported === undefined) return undefined;
  const numbers = point.unsupported.map(Number).filter((value) => Number.isInteger(value));
  return new Set(numbers.map((value) => arranged(value, count, order).join(' ')));
}

/** The registers of a whole number, most significant first, then as `order` says. */
function arranged(value: number, count: number, order: RegisterPoint['order']): number[] {
  const bits = BigInt.asUintN(count * 16, BigInt(value));
  const words = Array.from({ length: count }, (_, i) => Number((bits >> BigInt(16 * (count - 1 - i))) & 0xffffn));
  const isLowWordFirst = order === 'CDAB' || order === 'DCBA';
  const isLowByteFirst = order === 'BADC' || order === 'DCBA';
  const turned = isLowByteFirst ? words.map((word) => ((word & 0xff) << 8) | (word >> 8)) : words;
  return isLowWordFirst ? turned.reverse() : turned;
}
