import { describe, expect, it } from 'vitest';
import { guessesAt, likely } from '../../../gateway/commission/guess.ts';

const float = (value: number): number[] => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value);
  return [bytes.readUInt16BE(0), bytes.readUInt16BE(2)];
};
const reversed = (words: number[]) => [...words].reverse();
const swapped = (words: number[]) => words.map((word) => ((word & 0xff) << 8) | (word >> 8));
const read = (words: number[], start = 0) =>
  likely({ start, words }).map(({ at, type, order, value }) => [at, type, order, value]);

describe('the likeliest reading', () => {
  it('of a meter of floats: each value in its type, whatever the order of its words', () => {
    const values = [230.2, 1.26, 289.8, 50.01];
    const found = (order: string) => values.map((value, i) => [0x2000 + 2 * i, 'f32', order, value]);
    expect(read(values.flatMap(float), 0x2000)).toEqual(found('ABCD'));
    expect(
      read(
        values.flatMap((value) => reversed(float(value))),
        0x2000,
      ),
    ).toEqual(found('CDAB'));
    expect(
      read(
        values.flatMap((value) => swapped(float(value))),
        0x2000,
      ),
    ).toEqual(found('BADC'));
    expect(
      read(
        values.flatMap((value) => swapped(reversed(float(value)))),
        0x2000,
      ),
    ).toEqual(found('DCBA'));
  });

  it('of a sensor of scaled registers, with its marks', () => {
    const found = likely({ start: 0, words: [253, 612, 2301, 5001] });
    expect(found.map(({ type, value, scale }) => [type, value, scale])).toEqual([
      ['u16', 253, 0.1],
      ['u16', 612, 0.1],
      ['u16', 2301, 0.1],
      ['u16', 5001, 0.01],
    ]);
    expect(found.map(({ marks }) => marks[0]?.id)).toEqual(['temperature', 'humidity', 'voltage', 'frequency']);
  });

  it('of a negative temperature, of text, of zeros and of "no value"', () => {
    expect(read([0xffce])).toEqual([[0, 's16', 'ABCD', -50]]);
    expect(read([0x4444, 0x5355, 0x3636, 0x3600])).toEqual([[0, 'string', 'ABCD', 'DDSU666']]);
    expect(likely({ start: 0, words: [0] })[0]?.marks[0]?.id).toBe('zero');
    expect(likely({ start: 0, words: [0xffff] })[0]?.marks[0]?.id).toBe('no-value');
  });

  it('of a packed decimal total, as DL/T 645 meters behind converters have it', () => {
    expect(read([0x0012, 0x3456])).toContainEqual([0, 'bcd32', 'ABCD', 123456]);
  });
});

describe('every reading of an address', () => {
  it('has all types that fit, in four orders, and says what is no number', () => {
    const all = guessesAt({ start: 10, words: [0x7fc0, 0, 0, 0] }, 10);
    expect(new Set(all.map(({ type }) => type))).toEqual(
      new Set(['u16', 's16', 'bcd16', 'u32', 's32', 'f32', 'bcd32', 'u64', 's64', 'f64']),
    );
    expect(all.filter(({ type }) => type === 'f32').map(({ order }) => order)).toHaveLength(4);
    expect(all.find(({ type, order }) => type === 'f32' && order === 'ABCD')).toMatchObject({
      value: null,
      score: 0,
      marks: [{ id: 'not-a-number' }],
    });
    expect(guessesAt({ start: 0, words: [1] }, 0).some(({ type }) => type === 'u32')).toBe(false);
  });

  it('is total: each register is in exactly one guess, whatever the words are', () => {
    let seed = 20261128;
    const next = () => (seed = (seed * 1_103_515_245 + 12_345) % 0x80000000) & 0xffff;
    for (let run = 0; run < 60; run++) {
      const words = Array.from({ length: 1 + (run % 40) }, next);
      const found = likely({ start: 7, words });
      expect(found.flatMap((guess) => guess.words)).toEqual(words);
      expect(found.every(({ score }) => score >= 0 && score <= 1)).toBe(true);
    }
  });
});
