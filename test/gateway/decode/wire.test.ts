import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Order, WireType } from '@yihu/device-profiles/vocabulary/point.ts';
import { displayed32, float16, shortest16, shortest32 } from '../../../gateway/decode/float.ts';
import { compileRead, type WireFormat } from '../../../gateway/decode/wire.ts';

fc.configureGlobal({ seed: 20261123 });

/** Worked out by hand from the bytes, most significant first: never by a program of ours. */
const multi: { type: WireType; value: number | bigint; words: Record<Order, number[]>; signed?: boolean }[] = [
  {
    type: 'u32',
    value: 305_419_896,
    words: { ABCD: [0x1234, 0x5678], CDAB: [0x5678, 0x1234], BADC: [0x3412, 0x7856], DCBA: [0x7856, 0x3412] },
  },
  {
    type: 's32',
    value: -305_419_896,
    words: { ABCD: [0xedcb, 0xa988], CDAB: [0xa988, 0xedcb], BADC: [0xcbed, 0x88a9], DCBA: [0x88a9, 0xcbed] },
  },
  {
    type: 'f32',
    value: 123.456,
    words: { ABCD: [0x42f6, 0xe979], CDAB: [0xe979, 0x42f6], BADC: [0xf642, 0x79e9], DCBA: [0x79e9, 0xf642] },
  },
  {
    type: 'u24',
    value: 1_193_046,
    words: { ABCD: [0x0012, 0x3456], CDAB: [0x3456, 0x0012], BADC: [0x1200, 0x5634], DCBA: [0x5634, 0x1200] },
  },
  {
    type: 's24',
    value: -2,
    words: { ABCD: [0x00ff, 0xfffe], CDAB: [0xfffe, 0x00ff], BADC: [0xff00, 0xfeff], DCBA: [0xfeff, 0xff00] },
  },
  {
    type: 'u64',
    value: 81_985_529_216_486_895n,
    words: {
      ABCD: [0x0123, 0x4567, 0x89ab, 0xcdef],
      CDAB: [0xcdef, 0x89ab, 0x4567, 0x0123],
      BADC: [0x2301, 0x6745, 0xab89, 0xefcd],
      DCBA: [0xefcd, 0xab89, 0x6745, 0x2301],
    },
  },
  {
    type: 's64',
    value: -81_985_529_216_486_896n,
    words: {
      ABCD: [0xfedc, 0xba98, 0x7654, 0x3210],
      CDAB: [0x3210, 0x7654, 0xba98, 0xfedc],
      BADC: [0xdcfe, 0x98ba, 0x5476, 0x1032],
      DCBA: [0x1032, 0x5476, 0x98ba, 0xdcfe],
    },
  },
  {
    type: 'f64',
    value: 123.456,
    words: {
      ABCD: [0x405e, 0xdd2f, 0x1a9f, 0xbe77],
      CDAB: [0xbe77, 0x1a9f, 0xdd2f, 0x405e],
      BADC: [0x5e40, 0x2fdd, 0x9f1a, 0x77be],
      DCBA: [0x77be, 0x9f1a, 0x2fdd, 0x5e40],
    },
  },
  {
    type: 'bcd24',
    value: 123_456,
    words: { ABCD: [0x0012, 0x3456], CDAB: [0x3456, 0x0012], BADC: [0x1200, 0x5634], DCBA: [0x5634, 0x1200] },
  },
  {
    type: 'bcd32',
    value: 12_345_678,
    words: { ABCD: [0x1234, 0x5678], CDAB: [0x5678, 0x1234], BADC: [0x3412, 0x7856], DCBA: [0x7856, 0x3412] },
  },
  {
    type: 'bcd32',
    signed: true,
    value: -12_345_678,
    words: { ABCD: [0x9234, 0x5678], CDAB: [0x5678, 0x9234], BADC: [0x3492, 0x7856], DCBA: [0x7856, 0x3492] },
  },
  {
    type: 'bcd48',
    value: 123_456_789_012,
    words: {
      ABCD: [0x1234, 0x5678, 0x9012],
      CDAB: [0x9012, 0x5678, 0x1234],
      BADC: [0x3412, 0x7856, 0x1290],
      DCBA: [0x1290, 0x7856, 0x3412],
    },
  },
];

/** One register: word order does not concern it, byte order does, except where bytes and bits are named by their place. */
const single: [label: string, format: Omit<WireFormat, 'order'>, word: number, value: number | boolean][] = [
  ['u16', { type: 'u16' }, 0xff9b, 65_435],
  ['s16', { type: 's16' }, 0xff9b, -101],
  ['s16 lowest', { type: 's16' }, 0x8000, -32_768],
  ['u8 low', { type: 'u8' }, 0x12fe, 0xfe],
  ['u8 high', { type: 'u8', byte: 'high' }, 0x12fe, 0x12],
  ['s8 low', { type: 's8' }, 0x12fe, -2],
  ['s8 high', { type: 's8', byte: 'high' }, 0x80fe, -128],
  ['f16 1.5', { type: 'f16' }, 0x3e00, 1.5],
  ['f16 -2', { type: 'f16' }, 0xc000, -2],
  ['f16 0.1', { type: 'f16' }, 0x2e66, 0.1],
  ['f16 largest', { type: 'f16' }, 0x7bff, 65_504],
  ['f16 infinity', { type: 'f16' }, 0x7c00, Infinity],
  ['bcd16', { type: 'bcd16' }, 0x9412, 9412],
  ['bcd16 signed', { type: 'bcd16', signed: true }, 0x9412, -1412],
  ['bcd16 digit A', { type: 'bcd16' }, 0x12a4, NaN],
  ['bit 0', { type: 'bit' }, 0x0001, true],
  ['bit 15', { type: 'bit', bits: { shift: 15, width: 1 } }, 0x7fff, false],
  ['bits 4-6 of u16', { type: 'u16', bits: { shift: 4, width: 3 } }, 0x0150, 5],
  ['bits 12-15 of s16', { type: 's16', bits: { shift: 12, width: 4 } }, 0x8000, 8],
];

const orders: Order[] = ['ABCD', 'CDAB', 'BADC', 'DCBA'];

describe('every type in every order, by hand', () => {
  for (const { type, value, words, signed } of multi) {
    it.each(orders)(`${type}${signed ? ' signed' : ''} %s`, (order) => {
      const read = compileRead({ type, order, signed });
      expect(read([0xdead, ...words[order], 0xbeef], 1)).toBe(value);
    });
  }
  it.each(single)('%s', (_label, format, word, value) => {
    const swapped = ((word & 0xff) << 8) | (word >> 8);
    const byPlace = ['bit', 'u8', 's8'].includes(format.type);
    for (const order of ['ABCD', 'CDAB'] as const) expect(compileRead({ ...format, order })([0xdead, word], 1)).toBe(value);
    for (const order of ['BADC', 'DCBA'] as const)
      expect(compileRead({ ...format, order })([0xdead, byPlace ? word : swapped], 1)).toBe(value);
  });
});

describe('text', () => {
  const read = (words: number[], format: Partial<WireFormat> = {}) =>
    compileRead({ type: 'string', order: 'ABCD', length: words.length, ...format })(words, 0);

  it('is cut at NUL and trimmed', () => expect(read([0x4142, 0x4320, 0x0058])).toBe('ABC'));
  it('reads low byte first', () => expect(read([0x4241, 0x0043], { order: 'DCBA' })).toBe('ABC'));
  it('reads GB 18030', () => expect(read([0xbbf0, 0xbeaf], { encoding: 'gb18030' })).toBe('火警'));
  it('reads four bytes of GB 18030', () => expect(read([0x9534, 0xb235], { encoding: 'gb18030' })).toBe('𠮷'));
  it('reads UTF-8', () => expect(read([0xe781, 0xabe8, 0xada6], { encoding: 'utf8' })).toBe('火警'));
  it.each([
    ['a byte above ASCII', [0x41e9], 'ascii'],
    ['half a UTF-8 character', [0xe781], 'utf8'],
    ['a lone GB lead byte', [0x41bb], 'gb18030'],
    ['a control character', [0x4107], 'ascii'],
  ] as const)('refuses %s', (_label, words, encoding) => expect(read([...words], { encoding })).toBeUndefined());
});

/** The words of `bytes` bytes written by DataView, big-endian: the platform's own coder, not ours. */
function wordsOf(bytes: number, write: (view: DataView) => void): number[] {
  const view = new DataView(new ArrayBuffer(bytes));
  write(view);
  return Array.from({ length: bytes / 2 }, (_, i) => view.getUint16(i * 2));
}

describe('against DataView', () => {
  const read = (type: WireType, words: number[]) => compileRead({ type, order: 'ABCD' })(words, 0);

  it('u32, s32', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (n) => {
        const words = wordsOf(4, (view) => view.setUint32(0, n));
        expect(read('u32', words)).toBe(n);
        expect(read('s32', words)).toBe(n | 0);
      }),
    ));
  it('u64, s64', () =>
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (n) => {
        const words = wordsOf(8, (view) => view.setBigUint64(0, n));
        expect(read('u64', words)).toBe(n);
        expect(read('s64', words)).toBe(BigInt.asIntN(64, n));
      }),
    ));
  it('f64', () =>
    fc.assert(
      fc.property(fc.double(), (n) => {
        expect(
          read(
            'f64',
            wordsOf(8, (view) => view.setFloat64(0, n)),
          ),
        ).toBe(n);
      }),
    ));
  it('f32: a decimal that gives the same bits back, and none shorter', () =>
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (n) => {
        const shown = read(
          'f32',
          wordsOf(4, (view) => view.setFloat32(0, n)),
        ) as number;
        expect(Math.fround(shown)).toBe(n);
        const digits = Math.abs(shown).toExponential().replace(/e.*/, '').replace('.', '').length;
        if (Number.isFinite(n) && digits > 1 && !Number.isInteger(n))
          expect(Math.fround(Number(n.toPrecision(digits - 1)))).not.toBe(n);
      }),
      { numRuns: 1000 },
    ));
  it('f16: every one of the 63,488 finite values is told apart', () => {
    const seen = new Map<number, number>();
    for (let word = 0; word < 0x10000; word++) {
      if (((word >> 10) & 0x1f) === 0x1f) continue;
      const exact = float16(word) + 0; // -0 and 0 are one value
      const shown = shortest16(exact);
      expect(seen.get(shown) ?? exact).toBe(exact);
      seen.set(shown, exact);
    }
  });
});

describe('floats as people see them', () => {
  it('keeps the bits in readings and the display in the command line', () => {
    const next = new Float32Array(new Uint32Array([0x43663334]).buffer)[0] as number;
    expect(shortest32(next)).toBe(230.20001);
    expect(displayed32(next)).toBe(230.2);
    expect(shortest32(Math.fround(230.2))).toBe(230.2);
    expect(displayed32(Math.fround(123_456.78))).toBe(123_456.78);
  });
  it('is never further from the bits than one unit in the last place', () =>
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (n) => {
        expect(Math.abs(displayed32(n) - n)).toBeLessThanOrEqual(Math.max(Math.abs(n) * 2 ** -23, 2 ** -149));
      }),
    ));
});
