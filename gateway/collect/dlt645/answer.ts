import { itemBytes } from '@yihu/device-profiles/library/items.ts';
import type { Dlt645Transport } from '@yihu/device-profiles/protocols/dlt645.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { digitsOf } from '../line/framing.ts';
import { type Dlt645Frame, functions } from './frame.ts';

/** D7–D5 of C (DL/T 645-2007, 控制码). */
export const fromMeter = 0x80;
export const isRefusal = 0x40;
export const moreFollows = 0x20;

/** What a meter's frame says; undefined for a question, or for a frame that no read is answered with. */
export type MeterSays =
  | {
      readonly kind: 'data';
      readonly function: number;
      readonly identifier: string;
      readonly bytes: Uint8Array;
      readonly hasMore: boolean;
    }
  | { readonly kind: 'refused'; readonly function: number; readonly word: number }
  | { readonly kind: 'done'; readonly function: number };

/** Digits of a data identifier in an answer of this function: four bytes in 2007, two in 1997. */
function identifierLength(fn: number): number {
  if (fn === functions.read1997 || fn === functions.readMore1997) return 2;
  return fn === functions.read || fn === functions.readMore ? 4 : 0;
}

/** `width`: bytes of an identifier where the meter deviates from what its function implies. */
export function saysOf({ control, data }: Dlt645Frame, width?: number): MeterSays | undefined {
  if ((control & fromMeter) === 0) return undefined;
  const fn = control & 0x1f;
  if ((control & isRefusal) !== 0) return { kind: 'refused', function: fn, word: data[0] ?? 0 };
  const own = identifierLength(fn);
  if (own === 0) return { kind: 'done', function: fn };
  const length = width ?? own;
  if (data.length < length) return undefined;
  const identifier = digitsOf(data.subarray(0, length));
  return { kind: 'data', function: fn, identifier, bytes: data.subarray(length), hasMore: (control & moreFollows) !== 0 };
}

export interface Item {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/**
 * The items of one answer: a block is cut into those it stands for, anything else is one item. A block that does not come
 * out even says something else than the profile thinks, so none of it is believed.
 */
export function itemsOf({ blocks }: Dlt645Transport, identifier: string, bytes: Uint8Array): Item[] | { readonly odd: string } {
  const block = Object.hasOwn(blocks, identifier) ? blocks[identifier] : undefined;
  if (block === undefined) return [{ key: identifier, bytes }];
  const { size, items } = block;
  // DL/T 645-1997 ends a block with AA; some meters of 2007 still do.
  const length = bytes.length % size === 1 && bytes.at(-1) === 0xaa ? bytes.length - 1 : bytes.length;
  if (length % size !== 0 && size > 1) return { odd: `block ${identifier}: ${length} bytes are no whole number of ${size}` };
  return items.flatMap((key, index) =>
    (index + 1) * size <= length ? [{ key, bytes: bytes.slice(index * size, (index + 1) * size) }] : [],
  );
}

/** Bytes the value of an identifier has, as far as the profile knows. */
export function bytesOf(profile: Profile, { blocks }: Dlt645Transport, identifier: string): number {
  const block = Object.hasOwn(blocks, identifier) ? blocks[identifier] : undefined;
  if (block !== undefined) return block.size * block.items.length + 1;
  const points = Object.values(profile.points).filter(({ at }) => at === identifier);
  return Math.max(4, ...points.map(itemBytes));
}
