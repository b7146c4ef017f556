/** A Wiegand format: bit positions from 0, the first bit sent. */
export interface Format {
  readonly bits: number;
  readonly facility: readonly [from: number, to: number] | null;
  readonly card: readonly [from: number, to: number];
  /** What each parity bit is over, itself left out. */
  readonly parities: readonly {
    readonly kind: 'even' | 'odd';
    readonly at: number;
    readonly from: number;
    readonly to: number;
  }[];
}

/**
 * 26 bits: even over the first half, 8 bits of facility, 16 of card, odd over the second half (the open format H10301). 34 bits:
 * the same with 16 and 16. 37 bits without a facility (H10302): 35 bits of card, the middle bit is in both parities.
 */
export const formats: readonly Format[] = [
  {
    bits: 26,
    facility: [1, 9],
    card: [9, 25],
    parities: [
      { kind: 'even', at: 0, from: 1, to: 13 },
      { kind: 'odd', at: 25, from: 13, to: 25 },
    ],
  },
  {
    bits: 34,
    facility: [1, 17],
    card: [17, 33],
    parities: [
      { kind: 'even', at: 0, from: 1, to: 17 },
      { kind: 'odd', at: 33, from: 17, to: 33 },
    ],
  },
  {
    bits: 37,
    facility: null,
    card: [1, 36],
    parities: [
      { kind: 'even', at: 0, from: 1, to: 19 },
      { kind: 'odd', at: 36, from: 18, to: 36 },
    ],
  },
];

export interface Card {
  readonly format: Format;
  readonly facility: number | null;
  readonly number: number;
  readonly parities: readonly { readonly kind: 'even' | 'odd'; readonly holds: boolean }[];
}

/** The number on the card, or why there is none: with both parities wrong nothing of it can be believed. */
export function readCard(bits: string): Card | 'length' | 'parity' {
  const format = formats.find((each) => each.bits === bits.length);
  if (!format) return 'length';
  const parities = format.parities.map(({ kind, at, from, to }) => ({
    kind,
    holds: ones(bits.slice(from, to) + (bits[at] as string)) % 2 === (kind === 'even' ? 0 : 1),
  }));
  if (parities.every(({ holds }) => !holds)) return 'parity';
  const { facility, card } = format;
  return {
    format,
    facility: facility === null ? null : Number.parseInt(bits.slice(...facility), 2),
    number: Number.parseInt(bits.slice(...card), 2),
    parities,
  };
}

function ones(bits: string): number {
  return bits.replaceAll('0', '').length;
}

/**
 * The rows of bits that what somebody has written down may be: digits 0 and 1, as text or as if they were hex; or packed into
 * bytes, with unused bits in front that are 0. Empty: none of these.
 */
export function bitsOf(bytes: Uint8Array): string[] {
  const written = [
    Buffer.from(bytes)
      .toString('latin1')
      .replaceAll(/[\s_-]/g, ''),
    Buffer.from(bytes).toString('hex'),
  ];
  const row = written.find((text) => /^[01]{20,}$/.test(text));
  // An odd number of digits is filled up in front to make hex of it.
  if (row !== undefined) return [row.length === 38 ? row.slice(1) : row];
  const packed = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return formats
    .filter(({ bits }) => packed.length === Math.ceil(bits / 8) * 8 && !packed.slice(0, packed.length - bits).includes('1'))
    .map(({ bits }) => packed.slice(-bits));
}

/** Of several rows of bits the one whose parities both hold; else the first. */
export function readRows(rows: readonly string[]): Card | 'length' | 'parity' | 'none' {
  const cards = rows.map(readCard);
  const sure = cards.find((card) => typeof card !== 'string' && card.parities.every(({ holds }) => holds));
  return sure ?? cards[0] ?? 'none';
}
