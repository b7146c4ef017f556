import type { Order, WireType } from '@yihu/device-profiles/vocabulary/point.ts';

/** What a number looks like to somebody who knows what devices measure. */
export interface Mark {
  readonly id: string;
  readonly zh: string;
  readonly en: string;
}

/** One way to read some registers. */
export interface RawGuess {
  readonly type: WireType;
  readonly order: Order;
  readonly words: readonly number[];
  readonly value: number | string;
}

/** `score`: 0 (cannot be) … 1 (looks exactly like it). */
export interface Judged {
  readonly score: number;
  readonly marks: readonly Mark[];
  /** By which an integer would have to be multiplied to be what the marks say. */
  readonly scale?: number;
}

interface Quantity extends Mark {
  readonly from: number;
  readonly to: number;
  /** How telling a value in this range is. */
  readonly tells: number;
  /** What one count of an integer register usually is of it; an integer at scale 1 tells less. */
  readonly scales: readonly number[];
}

/** What stands in registers of a residential community most often, the most telling first. */
const quantities: readonly Quantity[] = [
  {
    id: 'frequency',
    zh: '像频率 Hz',
    en: 'looks like a frequency, Hz',
    from: 49.5,
    to: 50.5,
    tells: 0.95,
    scales: [0.1, 0.01, 0.001],
  },
  {
    id: 'voltage',
    zh: '像相电压 V',
    en: 'looks like a phase voltage, V',
    from: 205,
    to: 245,
    tells: 0.9,
    scales: [0.1, 0.01, 1],
  },
  { id: 'line-voltage', zh: '像线电压 V', en: 'looks like a line voltage, V', from: 360, to: 420, tells: 0.8, scales: [0.1, 1] },
  { id: 'temperature', zh: '像温度 ℃', en: 'looks like a temperature, °C', from: 5, to: 40, tells: 0.7, scales: [0.1, 0.01, 1] },
  { id: 'humidity', zh: '像湿度 %', en: 'looks like a humidity, %', from: 40, to: 90, tells: 0.62, scales: [0.1, 1] },
  { id: 'power-factor', zh: '像功率因数', en: 'looks like a power factor', from: 0.5, to: 1, tells: 0.65, scales: [0.001] },
];

/** The most usual first. */
const usualScales = [0.1, 0.01, 0.001, 1];

const marks = {
  zero: { id: 'zero', zh: '全为零', en: 'all zero' },
  ones: { id: 'no-value', zh: '像“无数据”标记', en: 'looks like "no value"' },
  nan: { id: 'not-a-number', zh: '不是数', en: 'not a number' },
  huge: { id: 'huge', zh: '大得不像', en: 'implausibly large' },
  tiny: { id: 'tiny', zh: '小得不像', en: 'implausibly small' },
  energy: { id: 'total', zh: '像累计量', en: 'looks like a total' },
  time: { id: 'time', zh: '像时间戳', en: 'looks like a time stamp' },
  text: { id: 'text', zh: '是文字', en: 'is text' },
} as const satisfies Record<string, Mark>;

/** A value that could not be read at all in this type. */
export const notANumber: Judged = { score: 0, marks: [marks.nan] };

/** How plausible one way of reading is. Pure. */
export function judge(guess: RawGuess): Judged {
  const { words, value, type } = guess;
  if (words.every((word) => word === 0)) return { score: 0.1, marks: [marks.zero] };
  if (isNoValue(words)) return { score: 0.1, marks: [marks.ones] };
  // Two registers of letters are often a number.
  if (type === 'string') return { score: Math.min(0.85, 0.1 + 0.2 * words.length), marks: [marks.text] };
  const number = Number(value);
  if (!Number.isFinite(number)) return notANumber;
  if (type.startsWith('f')) return judgeFloat(number, type);
  return type.startsWith('bcd') ? judgeBcd(number) : judgeInteger(number, guess);
}

/** Makers write "no value" with all bits, or with the largest or smallest number of the type. */
function isNoValue(words: readonly number[]): boolean {
  const [first, ...rest] = words;
  const allOnes = rest.every((word) => word === 0xffff);
  const allZero = rest.every((word) => word === 0);
  return ((first === 0xffff || first === 0x7fff) && allOnes) || (first === 0x8000 && allZero);
}

function judgeFloat(value: number, type: WireType): Judged {
  const size = Math.abs(value);
  if (size > 1e9) return { score: 0.02, marks: [marks.huge] };
  if (size < 1e-6 && value !== 0) return { score: 0.02, marks: [marks.tiny] };
  if (size < 1e-3) return { score: 0.3, marks: [] };
  const found = quantities.find(({ from, to }) => value >= from && value <= to);
  if (found) return { score: Math.max(0.75, found.tells), marks: [markOf(found)] };
  // Its exponent alone is no proof: three quarters of all bit patterns are out of this range, for a double nearly all.
  return { score: type === 'f16' ? 0.3 : 0.7, marks: size >= 1_000 ? [marks.energy] : [] };
}

function judgeBcd(value: number): Judged {
  if (value < 10) return { score: 0.2, marks: [] };
  return { score: value >= 10_000 ? 0.55 : 0.32, marks: value >= 10_000 ? [marks.energy] : [] };
}

const oldestStamp = Date.UTC(2015, 0) / 1_000;
const latestStamp = Date.UTC(2040, 0) / 1_000;

function judgeInteger(value: number, { type, words }: RawGuess): Judged {
  const width = words.length;
  if (width === 1) return judgeRegister(value, type);
  if (width === 2 && value > oldestStamp && value < latestStamp) return { score: 0.5, marks: [marks.time] };
  if (Math.abs(value) > 1e9) return { score: 0.05, marks: [marks.huge] };
  // A total that has not yet reached its high register looks like a zero and a number.
  const isSmall = Math.abs(value) < 0x10000;
  const score = width > 2 ? 0.25 : isSmall ? 0.45 : 0.4;
  return { score: type.startsWith('s') && value >= 0 ? score - 0.02 : score, marks: isSmall ? [] : [marks.energy] };
}

function judgeRegister(value: number, type: WireType): Judged {
  if (type === 's16' && value >= 0) return { score: 0.35, marks: [] };
  for (const scale of usualScales) {
    const found = quantities.find(
      ({ from, to, scales }) => scales.includes(scale) && value * scale >= from && value * scale <= to,
    );
    if (found === undefined) continue;
    const score = scale === 1 ? 0.42 : found.tells * 0.85;
    return { score, marks: [markOf(found, scale)], scale };
  }
  // A negative number of a moderate size is one; above 0x8000 an unsigned one rarely is.
  if (type === 's16') return { score: value > -2_000 ? 0.45 : 0.25, marks: [] };
  return { score: value >= 0x8000 ? 0.22 : 0.4, marks: [] };
}

function markOf({ id, zh, en }: Quantity, scale = 1): Mark {
  return scale === 1 ? { id, zh, en } : { id, zh: `×${scale} ${zh}`, en: `× ${scale} ${en}` };
}

/** All marks in one line. */
export function marksText(all: readonly Mark[]): { readonly zh: string; readonly en: string } {
  return { zh: all.map(({ zh }) => zh).join('，'), en: all.map(({ en }) => en).join(', ') };
}
