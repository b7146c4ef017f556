import { expect, it } from 'vitest';
import { lackingOf } from '../../../gateway/collect/modbus/lacking.ts';
import { profileOf } from './profiles.ts';

const registers = (start: number, ...words: number[]) => ({
  kind: 'registers' as const,
  table: 'holding' as const,
  start,
  words,
});

it('takes a sentinel as the manual prints it: signed or not, of one register or two, in any order of words and bytes', () => {
  const cases = [
    [{ type: 's16', unsupported: [0x8000] }, [0x8000]],
    [{ type: 's16', unsupported: [-32768] }, [0x8000]],
    [{ type: 'u16', unsupported: [65535, 65534] }, [0xfffe]],
    [{ type: 'u32', unsupported: [0x80000001] }, [0x8000, 0x0001]],
    [{ type: 's32', unsupported: [-2], order: 'CDAB' }, [0xfffe, 0xffff]],
    [{ type: 'u32', unsupported: [0x01020304], order: 'BADC' }, [0x0201, 0x0403]],
    [{ type: 'u32', unsupported: [0x01020304], order: 'DCBA' }, [0x0403, 0x0201]],
  ] as const;
  for (const [point, words] of cases) {
    const isLacking = lackingOf(profileOf({ a: { at: 10, ...point } }), ['a']);
    expect(isLacking?.(registers(10, ...words)), JSON.stringify(point)).toBe(true);
    expect(isLacking?.(registers(10, ...words.map(() => 1))), JSON.stringify(point)).toBe(false);
  }
});

it('concludes nothing while one point of the read is there, nor from a text, a float or a part of a register', () => {
  const two = lackingOf(profileOf({ a: { at: 0, unsupported: [65535] }, b: { at: 1 } }), ['a', 'b']);
  expect(two?.(registers(0, 65535, 5))).toBe(false);
  expect(two?.(registers(0, 65535))).toBe(true);
  const float = lackingOf(profileOf({ a: { at: 0, type: 'f32', unsupported: ['NaN'] } }), ['a']);
  expect(float?.(registers(0, 0x7fc0, 0))).toBe(false);
  const half = lackingOf(profileOf({ a: { at: 0, byte: 'low', unsupported: [255] } }), ['a']);
  expect(half?.(registers(0, 255))).toBe(false);
  expect(lackingOf(profileOf({ a: { at: 0 } }), ['a'])).toBeUndefined();
});
