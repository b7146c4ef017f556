import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import { compileInterpret } from '../../../gateway/decode/interpret.ts';
import { decodeWords, type WordsRequest } from '../../../gateway/decode/value.ts';

fc.configureGlobal({ seed: 20261123 });

const value = (request: WordsRequest) => {
  const decoded = decodeWords(request);
  return 'value' in decoded ? decoded.value : decoded.refused.code;
};

describe('one value by hand', () => {
  it.each([
    ['the display of the meter', { type: 'f32', order: 'CDAB', words: [0x3334, 0x4366] }, 230.2],
    ['a tenth', { type: 'u16', words: [2301], scale: 0.1 }, 230.1],
    ['a negative tenth', { type: 's16', words: [0xff9b], scale: 0.1 }, -10.1],
    ['a hundredth of 64 bits', { type: 'u64', words: [0xffff, 0xffff, 0xffff, 0xffff], scale: 0.01 }, '184467440737095516.15'],
    ['64 bits beyond a number', { type: 'u64', words: [0x0020, 0, 0, 1] }, '9007199254740993'],
    ['64 bits within', { type: 'u64', words: [0x001f, 0xffff, 0xffff, 0xffff] }, 9_007_199_254_740_991],
    ['64 bits, negative', { type: 's64', words: [0xffff, 0xffff, 0xffff, 0xfffe] }, -2],
    ['gas meter total (public vector)', { type: 'f32', words: [0x449b, 0x6392] }, 1243.1116],
    ['gas meter BCD total (public vector)', { type: 'bcd48', words: [0x0000, 0x1243, 0x1116], scale: 0.0001 }, 1243.1116],
    [
      'gas meter second total (public vector)',
      { type: 'bcd48', words: [0x1228, 0x5686, 0x4222], scale: 0.0001 },
      12_285_686.4222,
    ],
    ['gas temperature (public vector)', { type: 'f32', words: [0x41ad, 0x3127] }, 21.649],
    ['gas pressure (public vector)', { type: 'f32', words: [0x42cc, 0x6c8b] }, 102.212],
    ['DL/T 645 current, signed (public vector)', { type: 'bcd24', words: [0x00a1, 0x0134], signed: true, scale: 0.1 }, -21_013.4],
    ['BCD power, signed (public vector)', { type: 'bcd16', words: [0x9412], signed: true, scale: 0.01 }, -14.12],
    ['BCD power, unsigned (public vector)', { type: 'bcd16', words: [0x9412], scale: 0.01 }, 94.12],
    ['offset', { type: 'u16', words: [653], scale: 0.1, offset: -40 }, 25.3],
    ['rounding, half away from zero', { type: 's16', words: [0x10000 - 25], scale: 0.1, round: 0 }, -3],
    ['minus zero', { type: 'f32', words: [0x8000, 0] }, 0],
    ['text', { type: 'string', words: [0xbbf0, 0xbeaf], encoding: 'gb18030' }, '火警'],
    ['too few', { type: 'f32', words: [0x4366] }, 'too-short'],
    ['too many', { type: 'u16', words: [1, 2] }, 'too-long'],
    ['no words', { type: 'string', words: [] }, 'too-short'],
    ['more than 16 bits', { type: 'u16', words: [0x10000] }, 'not-a-word'],
    ['NaN', { type: 'f32', words: [0x7fc0, 0] }, 'not-a-number'],
    ['infinity', { type: 'f32', words: [0xff80, 0] }, 'not-a-number'],
    ['f64 NaN', { type: 'f64', words: [0x7ff8, 0, 0, 0] }, 'not-a-number'],
    ['BCD digit above nine', { type: 'bcd16', words: [0x12f4] }, 'not-a-number'],
    ['sentinel', { type: 's16', words: [0x8000], invalid: [0x8000] }, 'invalid-value'],
    [
      'sentinel of 64 bits',
      { type: 'u64', words: [0xffff, 0xffff, 0xffff, 0xffff], invalid: ['18446744073709551615'] },
      'invalid-value',
    ],
    ['out of range', { type: 'u16', words: [5001], scale: 0.1, valid: [0, 500] }, 'out-of-range'],
  ] satisfies [string, WordsRequest, unknown][])('%s', (_label, request, expected) => expect(value(request)).toBe(expected));

  it('says the bits where the display hides the last of them', () =>
    expect(decodeWords({ type: 'f32', words: [0x4366, 0x3334] })).toEqual({ value: 230.2, exact: 230.20001 }));

  it('refuses in both languages, with what to do', () => {
    const decoded = decodeWords({ type: 'f32', words: [1] });
    expect(decoded).toEqual({
      refused: {
        code: 'too-short',
        zh: 'f32 需要 2 个寄存器，给了 1 个；请补齐寄存器，或换一个类型。',
        en: 'f32 takes 2 register(s), 1 given; add the missing ones or choose another type.',
      },
    });
  });
});

describe('scaling', () => {
  it('puts the point where the decimal text has it', () =>
    fc.assert(
      fc.property(fc.integer({ min: -0x8000, max: 0x7fff }), fc.integer({ min: 0, max: 6 }), (raw, places) => {
        const digits = String(Math.abs(raw)).padStart(places + 1, '0');
        const text = `${raw < 0 ? '-' : ''}${digits.slice(0, digits.length - places)}.${digits.slice(digits.length - places)}`;
        expect(value({ type: 's16', words: [raw & 0xffff], scale: Number(`1e-${places}`) })).toBe(Number(text) + 0);
      }),
    ));

  it('is what one does on paper: digits times digits, point put back, halves away from zero', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: -999_999_999, max: 999_999_999 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 99_999 }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 9 }),
        (digits, places, factor, factorPlaces, round) => {
          const unit = 10n ** BigInt(places + factorPlaces + 1);
          const product = BigInt(digits) * BigInt(factor) * 10n;
          const keep = 10n ** BigInt(Math.max(places + factorPlaces + 1 - round, 0));
          const magnitude = product < 0n ? -product : product;
          const rounded = ((magnitude + keep / 2n) / keep) * keep * (product < 0n ? -1n : 1n);
          const whole = `${rounded / unit}`;
          const fraction = `${(rounded < 0n ? -rounded : rounded) % unit}`.padStart(places + factorPlaces + 1, '0');
          const text = `${rounded < 0n && !whole.startsWith('-') ? '-' : ''}${whole}.${fraction}`;
          const point: Point = {
            name: { zh: '值' },
            unit: '1',
            kind: 'gauge',
            scale: Number(`${factor}e-${factorPlaces}`),
            round,
          };
          expect(compileInterpret(point)(Number(`${digits}e-${places}`)).value).toBe(Number(text) + 0);
        },
      ),
      { numRuns: 1000 },
    ));

  it('loses no digit of 64 bits', () =>
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }), (raw) => {
        const words = [48n, 32n, 16n, 0n].map((shift) => Number((raw >> shift) & 0xffffn));
        const digits = raw.toString();
        const text = `${digits.slice(0, -2)}.${digits.slice(-2)}`.replace(/\.?0+$/, '');
        expect(String(value({ type: 'u64', words, scale: 0.01 }))).toBe(text);
      }),
    ));
});
