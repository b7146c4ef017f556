import { registerCount } from '@yihu/device-profiles/library/registers.ts';
import { type Order, orders, type WireType } from '@yihu/device-profiles/vocabulary/point.ts';
import { decodeWords } from '../decode/value.ts';
import { type Judged, judge, notANumber } from './plausible.ts';

/** One way to read what stands at an address, and how plausible it is. */
export interface Guess extends Judged {
  /** Zero-based. */
  readonly at: number;
  readonly type: WireType;
  readonly order: Order;
  /** Registers, as they came. */
  readonly words: readonly number[];
  /** Decimal text where a number does not carry all its digits; null where it is none of this type. */
  readonly value: number | string | null;
}

/** Registers that stand in a row. */
export interface Block {
  readonly start: number;
  readonly words: readonly number[];
}

const guessed: readonly WireType[] = ['u16', 's16', 'bcd16', 'u32', 's32', 'f32', 'bcd32', 'u64', 's64', 'f64'];
/** Orders of a single register: as it came, and with its bytes swapped. */
const singleOrders: readonly Order[] = ['ABCD', 'BADC'];

/** Every type and order for what stands at `at`, the most plausible first. Pure; nothing in the words makes it throw. */
export function guessesAt({ start, words }: Block, at: number): Guess[] {
  const rest = words.slice(at - start);
  const numbers = guessed.flatMap((type) => {
    const count = registerCount(type);
    if (rest.length < count) return [];
    return (count === 1 ? singleOrders : orders).map((order) => guessOf(at, type, order, rest.slice(0, count)));
  });
  return [...numbers, ...textAt(at, rest)].sort(
    (a, b) => b.score - a.score || a.words.length - b.words.length || orders.indexOf(a.order) - orders.indexOf(b.order),
  );
}

function guessOf(at: number, type: WireType, order: Order, words: readonly number[]): Guess {
  const decoded = decodeWords({ type, order, words });
  const value = 'refused' in decoded || typeof decoded.value === 'boolean' ? null : decoded.value;
  const judged = value === null ? notANumber : judge({ type, order, words, value });
  // Devices that swap the bytes of registers are rare.
  const isSwapped = order === 'BADC' || order === 'DCBA';
  return { at, type, order, words, value, ...judged, score: isSwapped ? judged.score * 0.8 : judged.score };
}

const longestText = 32;

/** Characters in a row, two in a register. */
function textAt(at: number, words: readonly number[]): Guess[] {
  const end = words.findIndex((word) => !isText(word));
  const own = words.slice(0, Math.min(longestText, end < 0 ? words.length : end));
  if (own.length === 0) return [];
  const value = Buffer.from(own.flatMap((word) => [word >> 8, word & 0xff]))
    .toString('latin1')
    .replace(/\0.*$/s, '')
    .trim();
  if (value.length < 2) return [];
  return [
    { at, type: 'string', order: 'ABCD', words: own, value, ...judge({ type: 'string', order: 'ABCD', words: own, value }) },
  ];
}

function isText(word: number): boolean {
  const [high, low] = [word >> 8, word & 0xff];
  const isPrintable = (byte: number) => byte >= 0x20 && byte < 0x7f;
  return isPrintable(high) && (isPrintable(low) || low === 0);
}

/**
 * The most plausible reading of a whole block: each register in one guess, from the first to the last. A device has one
 * order for all its long values, so the order that reads the block best as a whole is taken.
 */
export function likely(block: Block): Guess[] {
  const all = block.words.map((_, index) => guessesAt(block, block.start + index));
  const walks = orders.map((order) => walk(all, order));
  return walks.reduce((best, each) => (worth(each) > worth(best) ? each : best), []);
}

function walk(all: readonly (readonly Guess[])[], order: Order): Guess[] {
  const found: Guess[] = [];
  for (let index = 0; index < all.length;) {
    const best = all[index]?.find((guess) => guess.words.length === 1 || guess.type === 'string' || guess.order === order);
    if (best === undefined) break;
    found.push(best);
    index += best.words.length;
  }
  return found;
}

function worth(guesses: readonly Guess[]): number {
  return guesses.reduce((sum, { score, words }) => sum + score * words.length, 0);
}
