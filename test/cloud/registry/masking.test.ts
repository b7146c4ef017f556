import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskIdNumber, maskName, maskPhone } from '../../../cloud/registry/masking.ts';

const digits = (minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...'0123456789'.split('')), { minLength, maxLength }).map((list) => list.join(''));

describe('a mask', () => {
  it('shows what the house rules say', () => {
    expect(maskPhone('13812345678')).toBe('138****5678');
    expect(maskPhone('02112345678')).toBe('021****5678');
    expect(maskPhone('12345')).toBe('****45');
    expect(maskIdNumber('11010519491231002X')).toBe('110*************2X');
    expect(maskIdNumber('E1234567')).toBe('********');
    expect(maskName('王建国')).toBe('王*');
    expect(maskName('𠮷田')).toBe('𠮷*');
    expect(maskName('')).toBe('*');
  });

  it('is the same for all numbers that differ only in what it hides', () => {
    fc.assert(
      fc.property(digits(4, 4), digits(4, 4), digits(13, 13), digits(13, 13), (a, b, c, d) => {
        expect(maskPhone(`138${a}5678`)).toBe(maskPhone(`138${b}5678`));
        expect(maskIdNumber(`110${c}2X`)).toBe(maskIdNumber(`110${d}2X`));
      }),
    );
  });

  it('never shows more than seven digits of a telephone, five characters of a number, one of a name', () => {
    fc.assert(
      fc.property(digits(1, 20), fc.string({ unit: 'grapheme' }), (number, name) => {
        expect(maskPhone(number).replaceAll('*', '').length).toBeLessThanOrEqual(7);
        expect(maskIdNumber(number).replaceAll('*', '').length).toBeLessThanOrEqual(5);
        expect(Array.from(maskName(name)).length).toBeLessThanOrEqual(2);
      }),
    );
  });
});
