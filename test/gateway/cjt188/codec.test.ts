import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codecs } from '../../../gateway/collect/cjt188/codec.ts';
import { encodeFrame } from '../../../gateway/collect/cjt188/frame.ts';
import { wireOf } from '../meters/codec.ts';
import { bytesOf, hexOf, oneBitFlips } from '../meters/converse.ts';
import { meter } from '../meters/profile.ts';

const { explain, frames, fields, readings } = wireOf(codecs);

const hundredths = { type: 'bcd32', order: 'DCBA', scale: 0.01 };
const water = meter(
  { protocol: 'cjt188', meterType: 0x10 },
  {
    volume: { at: '901F.current.m3', ...hundredths },
    frozen: { at: '901F.frozen.m3', ...hundredths },
    valve: { at: '901F.status', type: 'u8', bits: { shift: 0, width: 2 } },
    battery_low: { at: '901F.status', type: 'bit', bits: { shift: 2 } },
  },
);
const heat = meter(
  { protocol: 'cjt188', meterType: 0x20, unitPlace: 'before' },
  {
    heat: { at: '901F.heat.MWh', ...hundredths },
    power: { at: '901F.power.kW', ...hundredths },
    volume: { at: '901F.volume.m3', ...hundredths },
    supply: { at: '901F.supply', type: 'bcd24', order: 'DCBA', scale: 0.01 },
    return: { at: '901F.return', type: 'bcd24', order: 'DCBA', scale: 0.01 },
  },
);

/** aixiwang/python_cjt188 python_cjt188.py */
const v7 = '68 10 12 00 00 00 00 00 00 01 03 90 1F 00 3D 16';
const v8 = 'FE FE FE 68 10 12 00 00 00 00 00 00 81 16 90 1F 00 10 00 10 00 2C 10 00 10 00 2C 00 00 00 00 00 00 00 00 FF 67 16';
const v8a = 'FE FE FE FE 68 AA AA AA AA AA AA AA AA 03 03 81 0A 00 49 16';
/** cnblogs.com/llguanli/p/8683992: a heat meter of another maker, whose units stand in front of their values. */
const jy = `FE FE FE FE 68 20 32 41 31 40 00 00 00 81 2E 90 1F 01 08 02 00 00 00 08 02 00 00 00 17 00 00 00 00 35 00 00 00 00
  2C 34 10 00 00 35 25 00 66 25 00 00 00 00 53 00 12 10 07 15 20 00 00 31 16`;
/** hftangyu.com/563 and its English copies: the order to a valve, and the answer. */
const openValve = '68 10 69 05 90 05 15 33 78 04 04 A0 17 01 55 50 16';
const closeValve = '68 10 69 05 90 05 15 33 78 04 04 A0 17 01 99 94 16';
const valveAnswer = '68 10 69 05 90 05 15 33 78 84 05 A0 17 01 00 00 7C 16';
/** The same page prints this answer with a checksum that is not its sum. */
const dirty = '68 10 44 33 22 11 00 33 78 81 16 1F 90 00 00 77 66 55 2C 00 77 66 55 2C 31 01 22 11 05 15 20 21 84 08 16';

const good = (point: string, value: unknown) => ({ point, value, quality: 'good', at: 0 });

describe('frames from public sources', () => {
  it('V7 asks a cold water meter', () => {
    expect(fields(v7)).toMatchObject({
      T: '10 | cold water meter',
      'A0…A6': expect.stringContaining('00000000000012'),
      C: '01 | question, read data',
      DI: '90 1F | meter values',
      SER: '00 | sequence',
    });
    const data = Uint8Array.of(0x90, 0x1f, 0);
    expect(hexOf(encodeFrame({ meterType: 0x10, address: '00000000000012', control: 1, data }))).toBe(v7);
  });

  it('V8 is read behind its preamble: 1000.10 m³ now and on the settling day', () => {
    expect(readings(water, v8)).toEqual([
      good('volume', 1000.1),
      good('frozen', 1000.1),
      good('valve', 0),
      good('battery_low', false),
    ]);
    expect(fields(v8)).toMatchObject({
      FE: 'FE FE FE | fill',
      current: '10 00 10 00 | current volume 1000.10 m3',
      ST: '00 FF | valve open, battery good',
    });
  });

  it('V8a asks everybody for their address', () => {
    expect(fields(v8a)).toMatchObject({ T: 'AA | any type', C: '03 | question, read the address', DI: '81 0A | address' });
  });

  it('a heat meter with its units in front: 0.02 MWh, 10.34 m³, 25.35 and 25.66 °C', () => {
    expect(readings(heat, jy)).toEqual([
      good('heat', 0.02),
      good('power', 0),
      good('volume', 10.34),
      good('supply', 25.35),
      good('return', 25.66),
    ]);
    expect(fields(jy)).toMatchObject({
      heat: expect.stringContaining('current heat 0.02 MWh'),
      supply: expect.stringContaining('25.35'),
      time: expect.stringContaining('20150710120053'),
    });
  });

  it('the valve’s order and answer', () => {
    expect(fields(openValve)).toMatchObject({ DI: 'A0 17 | valve control', DATA: '55 | open the valve' });
    expect(fields(closeValve)).toMatchObject({ DATA: '99 | close the valve' });
    expect(fields(valveAnswer)).toMatchObject({ C: '84 | answer, write data', ST: '00 00 | valve open, battery good' });
  });
});

describe('a unit that is not the profile’s', () => {
  const litres = (status: number) => {
    const data = [0x90, 0x1f, 0, 0x10, 0, 0x10, 0, 0x29, 0x10, 0, 0x10, 0, 0x2c, 0, 0, 0, 0, 0, 0, 0, status, 0];
    return hexOf(encodeFrame({ meterType: 0x10, address: '00000000000012', control: 0x81, data: Uint8Array.from(data) }));
  };

  it('gives no value, says so, and leaves the others alone', () => {
    const bad = { point: 'volume', value: null, quality: 'bad', reason: 'unsupported', at: 0 };
    expect(readings(water, litres(5)).toSorted((a, b) => (a.point < b.point ? -1 : 1))).toEqual([
      good('battery_low', true),
      good('frozen', 1000.1),
      good('valve', 1),
      bad,
    ]);
    const heard = frames(water, bytesOf(litres(0)));
    expect('bodies' in heard && heard.bodies[1]).toMatchObject({ detail: 'the meter counts in L', keys: ['901F.current.m3'] });
  });
});

describe('frames that are refused', () => {
  const all = [v7, v8, v8a, jy, openValve, closeValve, valveAnswer];

  it.each(all)('%s with any one bit turned', (hex) => {
    const bytes = bytesOf(hex);
    const own = bytes.subarray(bytes.findIndex((byte) => byte !== 0xfe));
    for (const flipped of oneBitFlips(own)) expect(explain(flipped), hexOf(flipped)).toHaveProperty('refused');
  });

  it.each(all)('%s cut off anywhere', (hex) => {
    const bytes = bytesOf(hex);
    for (let length = 0; length < bytes.length; length += 1) expect(explain(bytes.subarray(0, length))).toHaveProperty('refused');
  });

  it('one that a public page prints with a wrong checksum', () => {
    expect(explain(bytesOf(dirty))).toEqual({
      refused: { code: 'wrong-checksum', zh: expect.any(String), en: 'The checksum is 08, it should be 13.' },
    });
  });

  it('a meter of another type, a question, and an answer of another length', () => {
    expect(frames(heat, bytesOf(v8))).toMatchObject({ refused: { code: 'wrong-type' } });
    expect(frames(water, bytesOf(v7))).toMatchObject({ refused: { code: 'no-answer' } });
    const short = encodeFrame({
      meterType: 0x10,
      address: '00000000000012',
      control: 0x81,
      data: Uint8Array.of(0x90, 0x1f, 0, 1, 2),
    });
    expect(frames(water, short)).toMatchObject({ refused: { code: 'odd-answer' } });
  });
});

describe('any bytes at all', () => {
  it('give fields or a sentence, in a right frame too', () => {
    const any = fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(255), fc.nat(255), (data, control, meterType) => {
      expect(explain(data)).toBeTypeOf('object');
      expect(frames(water, data)).toBeTypeOf('object');
      const frame = encodeFrame({ meterType, address: '12345678901234', control, data: data.subarray(0, 255) });
      expect(explain(frame)).toHaveProperty('fields');
      expect(frames(heat, frame)).toBeTypeOf('object');
    });
    fc.assert(any);
  });
});
