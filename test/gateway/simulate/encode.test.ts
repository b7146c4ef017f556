import { type Arbitrary, assert, bigInt, boolean, constantFrom, double, float, integer, property, string } from 'fast-check';
import { orders } from '@yihu/device-profiles/vocabulary/point.ts';
import { expect, test } from 'vitest';
import { compileRead } from '../../../gateway/decode/wire.ts';
import { encodeWords, type RawValue, type WireShape } from '@yihu/device-profiles/library/encode.ts';

// From the books, not from either program.
const printed: [name: string, shape: WireShape, value: RawValue, words: number[]][] = [
  ['u16', { type: 'u16', order: 'ABCD' }, 0x1234, [0x1234]],
  ['u16 with its bytes swapped', { type: 'u16', order: 'DCBA' }, 0x1234, [0x3412]],
  ['s16', { type: 's16', order: 'ABCD' }, -101, [0xff9b]],
  ['u24 in the low three bytes', { type: 'u24', order: 'ABCD' }, 0x123456, [0x0012, 0x3456]],
  ['u32 ABCD', { type: 'u32', order: 'ABCD' }, 0xae41_5652, [0xae41, 0x5652]],
  ['u32 CDAB', { type: 'u32', order: 'CDAB' }, 0xae41_5652, [0x5652, 0xae41]],
  ['u32 BADC', { type: 'u32', order: 'BADC' }, 0xae41_5652, [0x41ae, 0x5256]],
  ['u32 DCBA', { type: 'u32', order: 'DCBA' }, 0xae41_5652, [0x5256, 0x41ae]],
  ['s64', { type: 's64', order: 'ABCD' }, -2n, [0xffff, 0xffff, 0xffff, 0xfffe]],
  ['f32 of IEEE 754: 123.456', { type: 'f32', order: 'ABCD' }, 123.456, [0x42f6, 0xe979]],
  ['f16 of IEEE 754: 1', { type: 'f16', order: 'ABCD' }, 1, [0x3c00]],
  ['f16 of IEEE 754: -2', { type: 'f16', order: 'ABCD' }, -2, [0xc000]],
  ['f16 of IEEE 754: 65504, the largest', { type: 'f16', order: 'ABCD' }, 65_504, [0x7bff]],
  ['f16 of IEEE 754: the smallest subnormal', { type: 'f16', order: 'ABCD' }, 2 ** -24, [0x0001]],
  ['f16 of IEEE 754: one third', { type: 'f16', order: 'ABCD' }, 1 / 3, [0x3555]],
  ['bcd32', { type: 'bcd32', order: 'ABCD' }, 12_345_678, [0x1234, 0x5678]],
  ['bcd16 with its sign', { type: 'bcd16', order: 'ABCD', signed: true }, -123, [0x8123]],
  ['a byte above', { type: 'u8', order: 'ABCD', byte: 'high' }, 7, [0x0700]],
  ['a bit', { type: 'bit', order: 'ABCD', bits: { shift: 3, width: 1 } }, true, [8]],
  ['a range of bits', { type: 'u16', order: 'ABCD', bits: { shift: 4, width: 3 } }, 5, [0x50]],
  ['text', { type: 'string', order: 'ABCD', length: 3 }, 'AB1', [0x4142, 0x3100, 0]],
  ['text, low byte first', { type: 'string', order: 'BADC', length: 2 }, 'AB1', [0x4241, 0x0031]],
  ['GB 18030', { type: 'string', order: 'ABCD', length: 2, encoding: 'gb18030' }, '烟感', [0xd1cc, 0xb8d0]],
];

test.each(printed)('%s', (_name, shape, value, words) => {
  expect(encodeWords(shape, value)).toEqual(words);
});

const order = constantFrom(...orders);
const whole = (type: 'u8' | 's8' | 'u16' | 's16' | 'u24' | 's24' | 'u32' | 's32') => {
  const bits = Number(type.slice(1));
  const [min, max] = type.startsWith('s') ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  return integer({ min, max });
};

const types: [WireShape['type'], Arbitrary<RawValue>, Partial<WireShape>][] = [
  ...(['u8', 's8', 'u16', 's16', 'u24', 's24', 'u32', 's32'] as const).map(
    (type): [WireShape['type'], Arbitrary<RawValue>, Partial<WireShape>] => [type, whole(type), {}],
  ),
  ['u8', whole('u8'), { byte: 'high' }],
  ['u64', bigInt({ min: 0n, max: 2n ** 64n - 1n }), {}],
  ['s64', bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), {}],
  ['f64', double({ noNaN: true, noDefaultInfinity: true }), {}],
  ['bcd16', integer({ min: 0, max: 9_999 }), {}],
  ['bcd24', integer({ min: 0, max: 999_999 }), {}],
  ['bcd32', integer({ min: -7_999_999, max: 7_999_999 }), { signed: true }],
  ['bcd48', integer({ min: 0, max: 999_999_999_999 }), {}],
  ['bit', boolean(), { bits: { shift: 11, width: 1 } }],
  ['u32', integer({ min: 0, max: 31 }), { bits: { shift: 13, width: 5 } }],
  ['string', string({ unit: constantFrom('a', 'Z', '7', '-'), maxLength: 8 }), { length: 4 }],
  [
    'string',
    string({ unit: constantFrom('烟', '感', 'A', '水'), minLength: 1, maxLength: 4 }),
    { length: 4, encoding: 'gb18030' },
  ],
];

test.each(types)('what is written as %s is read as it was, in every order', (type, values, shape) => {
  assert(
    property(order, values, (each, value) => {
      const format = { ...shape, type, order: each };
      expect(compileRead(format)(encodeWords(format, value), 0)).toEqual(Object.is(value, -0) ? expect.closeTo(0) : value);
    }),
    { numRuns: 300 },
  );
});

test('f32 and f16 come back to within their own precision', () => {
  assert(
    property(order, float({ noNaN: true, noDefaultInfinity: true }), (each, value) => {
      const format = { type: 'f32', order: each } as const;
      expect(Math.fround(Number(compileRead(format)(encodeWords(format, value), 0))) + 0).toBe(value + 0);
    }),
  );
  assert(
    property(integer({ min: 0, max: 0x7bff }), (bits) => {
      const value = Number(compileRead({ type: 'f16', order: 'ABCD' })([bits], 0));
      expect(encodeWords({ type: 'f16', order: 'ABCD' }, value)).toEqual([bits]);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  [{ type: 'u16', order: 'ABCD' }, 65_536],
  [{ type: 'u16', order: 'ABCD' }, -1],
  [{ type: 's8', order: 'ABCD' }, 128],
  [{ type: 'bcd16', order: 'ABCD' }, 10_000],
  [{ type: 'bcd16', order: 'ABCD', signed: true }, 8_000],
  [{ type: 'string', order: 'ABCD', length: 1 }, 'ABC'],
  [{ type: 'u16', order: 'ABCD', bits: { shift: 0, width: 3 } }, 8],
  [{ type: 'u64', order: 'ABCD' }, 'twelve'],
] as [WireShape, RawValue][])('%j cannot hold %j', (shape, value) => {
  expect(() => encodeWords(shape, value)).toThrow(RangeError);
});
