import { describe, expect, it } from 'vitest';
import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import { openRtu } from '../../../gateway/decode/rtu.ts';

const bytes = (hex: string) => Uint8Array.from(hex.split(' '), (each) => Number.parseInt(each, 16));

const good: [name: string, table: Table, hex: string, opened: unknown][] = [
  ['meter voltage', 'input', '01 04 04 43 66 33 34 1B 38', { words: [0x4366, 0x3334] }],
  ['temperature-humidity', 'holding', '01 03 04 02 92 FF 9B 5A 3D', { words: [0x0292, 0xff9b] }],
  ['relays 0 and 6', 'coil', '01 01 01 41 91 B8', { bits: [true, false, false, false, false, false, true, false] }],
];

describe('a whole RTU answer', () => {
  it.each(good)('%s', (_name, table, hex, opened) => expect(openRtu(bytes(hex), table)).toEqual(opened));

  it.each(good)('%s: every one-bit flip is refused', (_name, table, hex) => {
    const frame = bytes(hex);
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const flipped = Uint8Array.from(frame);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(openRtu(flipped, table), `bit ${bit}`).toHaveProperty('wrong');
    }
  });

  it.each(good)('%s: cut short or with a byte more it is refused', (_name, table, hex) => {
    const frame = bytes(hex);
    for (let length = 0; length < frame.length; length++)
      expect(openRtu(frame.subarray(0, length), table)).toHaveProperty('wrong');
    expect(openRtu(Uint8Array.from([...frame, 0]), table)).toHaveProperty('wrong');
  });

  it('refuses the widely copied frame with eight bytes and a count of four', () =>
    expect(openRtu(bytes('01 03 04 02 92 FF 9B 03 E8 00 38 5A 3D'), 'holding')).toEqual({ wrong: 'crc' }));
  it('refuses an answer to another function, its check sum being right', () =>
    expect(openRtu(bytes('01 04 04 43 66 33 34 1B 38'), 'holding')).toEqual({ wrong: 'function' }));
});
