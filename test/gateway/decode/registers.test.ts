import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { compile } from '../../../gateway/decode/decode.ts';
import { at, frame, modbus } from './profile.ts';

fc.configureGlobal({ seed: 20261123 });

const input = (start: number, words: number[]) => frame({ kind: 'registers', table: 'input', start, words });
const read = (points: Record<string, object>, words: number[], more: object = {}) =>
  compile(modbus(points, more)).decode(input(0, words)).readings;

describe('a frame of registers', () => {
  const decoder = compile(
    modbus({
      a: { at: 0, type: 'u16' },
      b: { at: 2, type: 'u32' },
      c: { at: 10, type: 'u16' },
      other: { at: 0, type: 'u16', table: 'holding' },
    }),
  );
  const points = (start: number, words: number[]) => decoder.decode(input(start, words)).readings.map(({ point }) => point);

  it('gives the points that begin in it and no others', () => {
    expect(points(0, [1, 2, 3, 4])).toEqual(['a', 'b']);
    expect(points(1, [2, 3, 4])).toEqual(['b']);
    expect(points(3, [4, 5])).toEqual([]);
    expect(points(10, [7])).toEqual(['c']);
  });
  it('gives a point that is cut off as bad, never as half a value', () =>
    expect(decoder.decode(input(2, [1])).readings).toEqual([
      { point: 'b', value: null, quality: 'bad', reason: 'too-short', at },
    ]));
  it('keeps tables apart', () =>
    expect(decoder.decode(frame({ kind: 'registers', table: 'holding', start: 0, words: [9] })).readings).toEqual([
      { point: 'other', value: 9, quality: 'good', at },
    ]));
  it.each(['no-answer', 'exception', 'unsupported'] as const)('of fault %s gives every point it covers as bad', (fault) =>
    expect(decoder.decode(frame({ kind: 'fault', table: 'input', start: 0, count: 4, fault, detail: '' })).readings).toEqual([
      { point: 'a', value: null, quality: 'bad', reason: fault, at },
      { point: 'b', value: null, quality: 'bad', reason: fault, at },
    ]),
  );
  it('counts from one where the manual does', () => {
    const oneBased = modbus({ a: { at: 1, type: 'u16' } }, { defaults: { table: 'input', addressing: 'one-based' } });
    expect(compile(oneBased).decode(input(0, [5])).readings[0]?.value).toBe(5);
  });
  it('reads coils and discrete inputs', () => {
    const relays = compile(modbus({ r0: { at: 0 }, r6: { at: 6 } }, { defaults: { table: 'coil' } }));
    const bits = [true, false, false, false, false, false, false, true];
    expect(relays.decode(frame({ kind: 'bits', table: 'coil', start: 0, bits })).readings.map(({ value }) => value)).toEqual([
      true,
      false,
    ]);
  });
});

describe('what a raw value means', () => {
  const state = {
    1: { value: 'run', name: { zh: '运行' } },
    2: { value: 'stop', name: { zh: '停止' } },
  };
  it('names enum values, and keeps an unknown one without trusting it', () => {
    const points = { state: { at: 0, type: 'u16', enum: state, kind: 'state' } };
    expect(read(points, [2])).toEqual([{ point: 'state', value: 'stop', quality: 'good', at }]);
    expect(read(points, [7])).toEqual([{ point: 'state', value: 7, quality: 'uncertain', reason: 'unknown-enum', at }]);
  });
  it('names the only bit set', () => {
    const points = { unit: { at: 0, type: 'u16', oneHot: true, enum: state } };
    expect(read(points, [0b10])[0]?.value).toBe('run');
    expect(read(points, [0b100])[0]?.value).toBe('stop');
    expect(read(points, [0b110])[0]).toMatchObject({ value: 6, quality: 'uncertain', reason: 'unknown-enum' });
    expect(read(points, [0])[0]).toMatchObject({ value: 0, quality: 'uncertain' });
  });
  it('takes several points from one register', () => {
    const points = {
      mode: { at: 0, type: 'u16', bits: { shift: 0, width: 4 }, enum: state },
      fault: { at: 0, type: 'bit', bits: { shift: 6 } },
    };
    expect(read(points, [0x41]).map(({ value }) => value)).toEqual(['run', true]);
  });
  it('scales by another point of the same answer, in decimal', () => {
    const points = { value: { at: 0, type: 'u16', scaleExp: 'exponent' }, exponent: { at: 1, type: 's16', scale: -1 } };
    expect(read(points, [1000, 1])[0]).toMatchObject({ value: 100, quality: 'good' });
    expect(read(points, [1234, 3])[0]).toMatchObject({ value: 1.234, quality: 'good' });
    expect(read(points, [12, 0xfffe])[0]).toMatchObject({ value: 1200, quality: 'good' });
  });
  it('gives no value where its power of ten is missing or absurd', () => {
    const points = { value: { at: 0, type: 'u16', scaleExp: 'exponent' }, exponent: { at: 1, type: 's16' } };
    expect(read(points, [1000])[0]).toMatchObject({ value: null, quality: 'bad', reason: 'too-short' });
    expect(read(points, [1000, 5000])[0]).toMatchObject({ value: null, quality: 'bad', reason: 'invalid-value' });
  });
  it('knows sentinels, the valid range and what is no number', () => {
    const points = { t: { at: 0, type: 's16', scale: 0.1, invalid: [0x8000], valid: [-40, 80] } };
    expect(read(points, [0x8000])[0]).toMatchObject({ value: null, quality: 'bad', reason: 'invalid-value' });
    expect(read(points, [900])[0]).toMatchObject({ value: 90, quality: 'bad', reason: 'out-of-range' });
    expect(read(points, [800])[0]).toMatchObject({ value: 80, quality: 'good' });
    expect(read({ f: { at: 0, type: 'f32' } }, [0x7fc0, 0])[0]).toMatchObject({
      value: null,
      quality: 'bad',
      reason: 'not-a-number',
    });
    expect(read({ b: { at: 0, type: 'bcd16' } }, [0x1a00])[0]).toMatchObject({
      value: null,
      quality: 'bad',
      reason: 'not-a-number',
    });
  });
});

describe('any words at all', () => {
  const types = ['u8', 's16', 's24', 'u32', 'u64', 'f16', 'f32', 'f64', 'bcd16', 'bcd48'];
  const points = Object.fromEntries(types.map((type, at) => [type, { at, type, scale: 0.001, valid: [-1e6, 1e6] }]));
  const decoder = compile(modbus({ ...points, text: { at: 3, type: 'string', length: 4, encoding: 'gb18030', kind: 'text' } }));

  it('give well-formed readings: never a NaN, never a throw', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }),
        fc.integer({ min: 0, max: 12 }),
        (words, start) => {
          for (const reading of decoder.decode(input(start, words)).readings) {
            Reading.parse(reading);
            expect(reading.value === null).toBe(reading.quality === 'bad' && reading.reason !== 'out-of-range');
          }
        },
      ),
    ));
});
