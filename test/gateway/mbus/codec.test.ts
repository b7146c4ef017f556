import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codecs } from '../../../gateway/collect/mbus/codec.ts';
import { encodeLong } from '../../../gateway/collect/mbus/frame.ts';
import { wireOf } from '../meters/codec.ts';
import { bytesOf, hexOf, oneBitFlips } from '../meters/converse.ts';
import { meter } from '../meters/profile.ts';
import { telegrams } from './telegrams.ts';

const { explain, frames, fields, readings } = wireOf(codecs);

const paths = {
  volume: "$.values['volume.inst.0']",
  max_flow: "$.values['flow.max.0']",
  power_low: '$.powerLow',
  number: '$.id',
};
const profile = meter(
  { protocol: 'mbus' },
  { volume: { unit: 'm3' }, max_flow: { unit: 'm3/h' }, power_low: { kind: 'state' }, number: { kind: 'text' } },
  {
    decode: { data: [{ points: paths }] },
    vectors: [{ name: 'none', origin: 'synthetic', given: { channel: 'data', fields: {} } }],
  },
);

interface Fields {
  readonly id: string;
  readonly values: Record<string, unknown>;
}

function fieldsOf(hex: string): Fields & Record<string, unknown> {
  const heard = frames(profile, bytesOf(hex));
  if ('refused' in heard) throw new Error(heard.refused.en);
  const [body] = heard.bodies;
  if (body?.kind !== 'fields') throw new Error('no fields');
  return body.fields as never;
}

/** An answer of a meter PAD 12345678 with these records. */
const answer = (...data: number[]) =>
  hexOf(encodeLong(0x08, 2, 0x72, Uint8Array.from([0x78, 0x56, 0x34, 0x12, 0x24, 0x40, 1, 7, 0x55, 0, 0, 0, ...data])));
const valuesOf = (...data: number[]) => fieldsOf(answer(...data)).values;

describe('answers of real meters', () => {
  it.each(telegrams.map((known) => [known.name, known] as const))('%s', (_, { hex, head, values, hasMore }) => {
    const { id, manufacturer, version, medium, access, status, values: own } = fieldsOf(hex);
    expect([id, manufacturer, version, medium, access, status]).toEqual(head);
    expect(own).toEqual(values);
    expect(Object.keys(own)).toEqual(Object.keys(values));
    expect(Object.hasOwn(fields(hex), '1F')).toBe(hasMore === true);
  });

  it('V9 is read through a profile', () => {
    expect(readings(profile, telegrams[0]?.hex ?? '').map(({ point, value }) => [point, value])).toEqual([
      ['volume', 0.332],
      ['max_flow', 2.07],
      ['power_low', true],
      ['number', '04990254'],
    ]);
  });

  it('V9 is explained, with its state', () => {
    expect(fields(telegrams[0]?.hex ?? '')).toMatchObject({
      C: '08 | RSP_UD, answer',
      A: '0B | primary address 11',
      MED: '06 | medium warm-water',
      STS: '27 | abnormal or alarm, power low',
      'flow.max.0': '14 3B 16 08 00 00 | flow 2.07 m³/h',
    });
  });

  it('fill bytes between records are no records (filler.hex)', () => {
    const filler =
      '68 1F 1F 68 08 00 72 31 77 67 17 2D 2C 01 02 00 00 00 00 2F 2F 04 83 3B 88 13 00 00 2F 2F 2F 2F 2F 2F 2F 00 16';
    expect(fieldsOf(filler).values).toEqual({ 'energy+forward.inst.0': 5 });
  });

  it('a chain of more than ten extensions ends the reading; what stood before is good (too_many_vife.hex)', () => {
    const hex = `68 2A 2A 68 08 02 72 78 56 34 12 24 40 01 07 55 00 00 00 03 13 15 31 00 DA 02 3B 13 01 8B 60 84 84 84 84 84 84
      84 84 84 84 84 04 37 18 02 C4 16`;
    // EN 13757-3 annex E: 12.565 m³, and at most 0.113 m³/h in storage 5.
    expect(fieldsOf(hex).values).toEqual({ 'volume.inst.0': 12.565, 'flow.max.5': 0.113 });
    expect(fields(hex)['!']).toContain('more than 10 VIFE');
  });

  it('the example of the standard: tariff 2, subunit 1, 218.37 kWh (EN 13757-3 annex E)', () => {
    expect(valuesOf(0x8b, 0x60, 0x04, 0x37, 0x18, 0x02)).toEqual({ 'energy.inst.0.tariff2.unit1': 218.37 });
  });
});

describe('values', () => {
  it.each<[string, number[], Record<string, unknown>]>([
    ['a negative integer', [0x02, 0x5a, 0xff, 0xff], { 'flow-temperature.inst.0': -0.1 }],
    ['a negative decimal: F in front', [0x0a, 0x5a, 0x23, 0xf1], { 'flow-temperature.inst.0': -12.3 }],
    ['a decimal that is none', [0x0a, 0x5a, 0x2b, 0x01], { 'flow-temperature.inst.0': null }],
    ['the integer that says that there is no value', [0x02, 0x5a, 0x00, 0x80], { 'flow-temperature.inst.0': null }],
    ['a real number, as short as it is', [0x05, 0x2b, 0x33, 0x33, 0x66, 0x43], { 'power.inst.0': 230.2 }],
    ['a real number that is none', [0x05, 0x2b, 0, 0, 0xc0, 0x7f], { 'power.inst.0': null }],
    [
      'a large counter, exactly',
      [0x07, 0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0],
      { 'volume.inst.0': 4_503_599_627_370.495 },
    ],
    ['flow in m³/min', [0x02, 0x44, 0x05, 0x00], { 'flow.inst.0': 0.3 }],
    ['flow in m³/s', [0x02, 0x4c, 0x05, 0x00], { 'flow.inst.0': 0.18 }],
    ['energy in GJ', [0x04, 0xfb, 0x08, 0x7b, 0, 0, 0], { 'energy-joule.inst.0': 12_300 }],
    ['energy in MWh', [0x04, 0xfb, 0x00, 0x7b, 0, 0, 0], { 'energy.inst.0': 12_300 }],
    ['pressure in bar', [0x02, 0x69, 0x7b, 0], { 'pressure.inst.0': 123 }],
    ['current in mA', [0x02, 0xfd, 0x59, 0x7b, 0], { 'current.inst.0': 0.123 }],
    ['a phase', [0x02, 0xfd, 0xc8, 0xfc, 0x02, 0xfc, 0x08], { 'voltage+L2.inst.0': 230 }],
    ['a power of ten by a modifier', [0x02, 0x93, 0x7d, 0x05, 0x00], { 'volume.inst.0': 5 }],
    ['a record that the meter marks as in error', [0x02, 0x93, 0x18, 0x05, 0x00], { 'volume.inst.0': null }],
    ['error flags, never negative', [0x01, 0xfd, 0x17, 0xff], { 'error-flags.inst.0': 255 }],
    ['a time with seconds (type I)', [0x06, 0x6d, 0x05, 0x1e, 0x0e, 0x5c, 0x3b, 0x00], { 'time.inst.0': '2026-11-28T14:30:05' }],
    ['a time that the meter marks as invalid', [0x04, 0x6d, 0x8a, 0x0c, 0xcd, 0x13], { 'time.inst.0': null }],
    ['a date of no month', [0x02, 0x6c, 0x1f, 0x1d], { 'date.inst.0': null }],
    ['text of variable length', [0x0d, 0xfd, 0x11, 0x03, 0x43, 0x42, 0x41], { 'customer.inst.0': 'ABC' }],
    ['a decimal of variable length', [0x0d, 0x13, 0xc2, 0x34, 0x12], { 'volume.inst.0': 1.234 }],
    ['a negative one', [0x0d, 0x13, 0xd2, 0x34, 0x12], { 'volume.inst.0': -1.234 }],
    ['a binary of variable length', [0x0d, 0x13, 0xe3, 0x34, 0x12, 0x00], { 'volume.inst.0': 4.66 }],
    ['no data', [0x00, 0x13], { 'volume.inst.0': null }],
    ['the same record twice', [0x01, 0x13, 1, 0x01, 0x13, 2], { 'volume.inst.0': 0.001, 'volume.inst.0#2': 0.002 }],
    ['a storage number over two DIFE', [0xc1, 0x81, 0x01, 0x13, 5], { 'volume.inst.35': 0.005 }],
    ['a code that the standard keeps for later', [0x01, 0x6f, 5], { 'vif-6F.inst.0': 5 }],
  ])('%s', (_, data, values) => {
    expect(valuesOf(...data)).toEqual(values);
  });

  it.each<[string, number[]]>([
    ['inside a value', [0x04, 0x13, 1, 2]],
    ['behind a DIF', [0x84]],
    ['before a VIF', [0x04]],
    ['behind a VIF', [0x04, 0x93]],
    ['before a length', [0x0d, 0x13]],
    ['in a reserved length', [0x0d, 0x13, 0xff]],
    ['in a reserved DIF', [0x3f]],
    ['in a unit in words without words', [0x04, 0x7c, 0x00]],
  ])('cut off %s: the record before stands, and people are told', (_, data) => {
    expect(valuesOf(0x01, 0x13, 7, ...data)).toEqual({ 'volume.inst.0': 0.007 });
    expect(fields(answer(0x01, 0x13, 7, ...data))).toHaveProperty('!');
  });
});

describe('frames that are refused', () => {
  const all: [string, string][] = [
    ...telegrams.map(({ name, hex }): [string, string] => [name, hex]),
    ['REQ_UD2', '10 7B 05 80 16'],
    ['SND_NKE', '10 40 FD 3D 16'],
  ];

  it.each(all)('%s with any one bit turned', (_, hex) => {
    for (const flipped of oneBitFlips(bytesOf(hex))) {
      expect(explain(flipped), hexOf(flipped)).toHaveProperty('refused');
      expect(frames(profile, flipped)).toHaveProperty('refused');
    }
  });

  it.each(all)('%s cut off anywhere, and with a byte more', (_, hex) => {
    const bytes = bytesOf(hex);
    for (let length = 0; length < bytes.length; length += 1) expect(explain(bytes.subarray(0, length))).toHaveProperty('refused');
    expect(explain(Uint8Array.from([...bytes, 0x16]))).toHaveProperty('refused');
  });

  it('questions, other kinds of answers, and encrypted ones', () => {
    expect(frames(profile, bytesOf('10 7B 05 80 16'))).toMatchObject({ refused: { code: 'no-answer' } });
    expect(frames(profile, bytesOf('E5'))).toMatchObject({ refused: { code: 'no-answer' } });
    expect(frames(profile, encodeLong(0x08, 2, 0x71, Uint8Array.of(1)))).toMatchObject({
      refused: { code: 'unknown-information' },
    });
    const secret = encodeLong(
      0x08,
      2,
      0x72,
      Uint8Array.from([0x78, 0x56, 0x34, 0x12, 0x24, 0x40, 1, 7, 0x55, 0, 0x10, 0x05, 1, 2]),
    );
    expect(frames(profile, secret)).toMatchObject({ refused: { code: 'encrypted' } });
    expect(fields('10 7B 05 80 16')['C']).toContain('FCB 1');
  });
});

describe('any bytes at all', () => {
  it('give fields or a sentence, in a right frame too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 252 }), fc.constantFrom(0x72, 0x73, 0x78, 0x7a), (data, ci) => {
        expect(explain(data)).toBeTypeOf('object');
        const frame = encodeLong(0x08, 1, ci, data);
        expect(explain(frame)).toHaveProperty('fields');
        expect(frames(profile, frame)).toBeTypeOf('object');
      }),
    );
  });

  it('in the records of a right answer too, with keys that are the meter’s own and none of an object', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 240 }), (data) => {
        for (const [key, value] of Object.entries(valuesOf(...data))) {
          expect(key).toMatch(/^[a-zA-Z0-9%+-]+\.(inst|max|min|err)\.\d+/);
          expect(value === null || typeof value === 'string' || Number.isFinite(value)).toBe(true);
        }
      }),
    );
  });
});
