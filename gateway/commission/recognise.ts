import { registerCount } from '@yihu/device-profiles/library/registers.ts';
import type { Order, WireType } from '@yihu/device-profiles/vocabulary/point.ts';
import { decodeWords } from '../decode/value.ts';
import { type Block, guessesAt } from './guess.ts';

/** One way in which registers say what a device's display shows. */
export interface Recognised {
  /** Zero-based. */
  readonly at: number;
  readonly type: WireType;
  readonly order: Order;
  readonly scale: number;
  /** With all its digits; to the digits of the display it is what the display shows. */
  readonly value: number;
  /** The registers, as they came. */
  readonly words: readonly number[];
}

/** What makers multiply by, the most frequent first. */
const scales = [1, 0.1, 0.01, 0.001, 10, 100, 0.0001, 1_000];
/** More readings than one can choose from say that the value is too plain, such as 0 or 1. */
const mostRecognised = 8;

/**
 * Where a value that a display shows may stand: every type, order and scale that come to it, the most plausible first, at
 * most `mostRecognised`. `shown`: as it stands there, `230.2`; its decimals are what has to agree. `at`: only this address. Pure.
 */
export function recognise(blocks: readonly Block[], shown: string, at?: number): Recognised[] {
  const found = blocks.flatMap((block) =>
    block.words.flatMap((_, i) =>
      at === undefined || at === block.start + i ? recognisedAt(block, block.start + i, shown) : [],
    ),
  );
  return found.sort((a, b) => b.rank - a.rank || a.at - b.at).slice(0, mostRecognised);
}

function recognisedAt(block: Block, at: number, shown: string): (Recognised & { readonly rank: number })[] {
  const numbers = guessesAt(block, at).filter(({ type, value }) => type !== 'string' && value !== null);
  const found = numbers.flatMap(({ type, order, words, score }) =>
    scales.flatMap((scale, i) => {
      // A float carries its own point.
      if (type.startsWith('f') && scale !== 1) return [];
      const value = readAs(shown, { type, order, words, scale });
      if (value === undefined) return [];
      // Few registers, no swapped bytes and a frequent scale are what is usually meant.
      return [{ at, type, order, scale, value, words, rank: score + 1 / (1 + i) + 1 / words.length }];
    }),
  );
  return withoutTwins(found);
}

/** The value with all its digits where registers read in this way are what the display shows; undefined where they are not. */
export function readAs(shown: string, read: Pick<Recognised, 'type' | 'order' | 'words' | 'scale'>): number | undefined {
  const places = /\.(\d+)$/.exec(shown)?.[1]?.length ?? 0;
  const value = scaled(read);
  if (value === undefined || Number(value.toFixed(places)) !== Number(shown)) return undefined;
  return isCoarser(read.scale, places, read.type) ? undefined : value;
}

/** A display does not show digits that a register does not have: 230.0 is no count of whole volts. Floats have them all. */
function isCoarser(scale: number, places: number, type: WireType): boolean {
  return !type.startsWith('f') && places > placesOf(scale);
}

function placesOf(scale: number): number {
  return Math.max(0, Math.round(-Math.log10(scale)));
}

function scaled(read: Pick<Recognised, 'type' | 'order' | 'words' | 'scale'>): number | undefined {
  const { type, order, words, scale } = read;
  const round = type.startsWith('f') ? 3 : placesOf(scale);
  const decoded = decodeWords({ type, order, words, scale, round });
  return 'refused' in decoded || typeof decoded.value !== 'number' ? undefined : decoded.value;
}

/**
 * Of types that read the same registers as the same number, the plainest: u16 before s16. What two registers say already is
 * not told again of four; of one and two both are told, for a total begins with an empty high register.
 */
function withoutTwins<T extends Recognised>(found: readonly T[]): T[] {
  const seen = new Set<string>();
  const ofTwo = new Set(found.filter(({ words }) => words.length === 2).map(({ scale }) => scale));
  return found.filter(({ words, scale, order }) => {
    if (words.length > 2 && ofTwo.has(scale)) return false;
    const key = `${words.length} ${scale} ${registerCount('u16') === words.length ? '' : order}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
