import { describe, expect, it } from 'vitest';
import { compile } from '../../../gateway/decode/decode.ts';
import { bytes, frame, items, message, modbus, mqtt, values } from './profile.ts';

const name = { zh: '名' };
const registers = (words: number[], start = 0) => frame({ kind: 'registers', table: 'input', start, words });
const units = {
  0: { value: 'MPa', name },
  1: { value: 'kPa', name },
  2: { value: 'bar', name },
  9: { value: 'm', name },
};

describe('row 5: scale and unit from another point', () => {
  // A level transmitter of 4–20 mA: unit code, decimal places, value.
  const transmitter = modbus({
    unit: { at: 2, type: 'u16', kind: 'state', enum: units },
    places: { at: 3, type: 's16', scale: -1 },
    pressure: { at: 4, type: 's16', unit: 'kPa', scaleExp: 'places', unitFrom: 'unit', round: 3, valid: [0, 2000] },
  });
  it.each([
    ['kPa with two places', [1, 2, 12345], 123.45],
    ['MPa with three', [0, 3, 567], 567],
    ['bar with one', [2, 1, 15], 150],
    ['bar, out of the range in kPa', [2, 0, 30], 'out-of-range'],
    ['a unit that cannot be converted', [9, 1, 15], 'wrong-unit'],
    ['a unit code nobody knows', [7, 1, 15], 'wrong-unit'],
  ])('%s', (_name, words, expected) => expect(values(transmitter, registers(words, 2))['pressure']).toBe(expected));
  it('not in the same answer: no value', () =>
    expect(values(transmitter, registers([2, 15], 3))['pressure']).toBe('missing-input'));

  it('a gas sensor with its resolution in another register (V16: 1000 with exponent 1 is 100 ppm)', () => {
    const sensor = modbus({
      gas: { at: 0, type: 'u16', unit: 'ppm', scaleExp: 'exponent' },
      exponent: { at: 0x1e, type: 'u16', scale: -1 },
    });
    expect(values(sensor, registers([1000, ...Array<number>(29).fill(0), 1]))).toMatchObject({ gas: 100 });
  });

  it('a unit that is the position of the only bit set (Midas)', () => {
    const midas = modbus({
      unit: {
        at: 6,
        type: 'u16',
        oneHot: true,
        enum: { 0: { value: 'ppm', name }, 1: { value: 'ppb', name }, 2: { value: '%vol', name }, 3: { value: '%LEL', name } },
      },
      gas: { at: 2, type: 'f32', order: 'CDAB', unit: 'ppm', unitFrom: 'unit', round: 3 },
    });
    const answer = (bit: number) => registers([0x0000, 0x41c8, 0, 0, 1 << bit], 2);
    expect(values(midas, answer(0))['gas']).toBe(25);
    expect(values(midas, answer(1))['gas']).toBe(0.025);
    expect(values(midas, answer(2))['gas']).toBe(250_000);
    expect(values(midas, answer(3))['gas']).toBe('wrong-unit');
  });

  it('Tasmota’s TempUnit, which may be F', () => {
    const tasmota = mqtt(
      {
        unit: { kind: 'state', enum: { C: { value: 'Cel', name }, F: { value: 'degF', name } } },
        temperature: { unit: 'Cel', unitFrom: 'unit', round: 1 },
      },
      [{ points: { unit: '$.TempUnit', temperature: "$['SI7021'].Temperature" } }],
    );
    expect(values(tasmota, message({ SI7021: { Temperature: 72.5 }, TempUnit: 'F' }))).toEqual({
      unit: 'degF',
      temperature: 22.5,
    });
    expect(values(tasmota, message({ SI7021: { Temperature: 22.5 }, TempUnit: 'C' }))['temperature']).toBe(22.5);
    expect(values(tasmota, message({ SI7021: { Temperature: 22.5 } }))['temperature']).toBe('missing-input');
  });

  it('in the items of one answer', () => {
    const meter = items({
      unit: { at: '901F', skip: 5, type: 'u8', kind: 'state', enum: { 44: { value: 'm3', name }, 41: { value: 'L', name } } },
      volume: { at: '901F', skip: 1, type: 'bcd32', scale: 0.01, unit: 'm3', unitFrom: 'unit' },
    });
    const answer = (unit: string) =>
      frame({ kind: 'items', items: [{ key: '901F', bytes: Buffer.from(`0010001000${unit}`, 'hex') }] });
    expect(values(meter, answer('2C'))['volume']).toBe(1000.1);
    expect(values(meter, answer('29'))['volume']).toBe(1.0001);
  });

  it('said once beside a list of records', () => {
    const list = mqtt({ unit: { kind: 'state', enum: units }, pressure: { unit: 'kPa', unitFrom: 'unit' } }, [
      { points: { unit: '$.u' }, each: { in: '$.v', points: { pressure: 'item.p' } } },
    ]);
    expect(
      compile(list)
        .decode(message({ u: 2, v: [{ p: 1 }, { p: 2 }] }))
        .readings.map(({ value }) => value),
    ).toEqual(['bar', 100, 200]);
  });
});

describe('row 29: computed points', () => {
  const params = {
    height: { name, unit: 'm', default: 4, min: 1, max: 10 },
    zero: { name, unit: 'deg', default: 2.5, min: -90, max: 90 },
  };
  const tank = mqtt(
    {
      level: { unit: 'm' },
      tilt: { unit: 'deg' },
      ok: { kind: 'state' },
      percent: { unit: '%', compute: 'level / height * 100', round: 1, valid: [0, 100] },
      moved: { unit: 'deg', compute: 'abs(tilt - zero)' },
      ratio: { compute: 'level / (tilt - 10)' },
      safe: { kind: 'state', compute: 'ok and level < 3.5 and not (tilt > 45)' },
    },
    [{ points: { level: '$.l', tilt: '$.t', ok: '$.ok' } }],
    { params },
  );
  it('from points of the same frame and the installer’s parameters', () =>
    expect(values(tank, message({ l: 1.33, t: -10.2, ok: true }))).toEqual({
      level: 1.33,
      tilt: -10.2,
      ok: true,
      percent: 33.3,
      moved: 12.7,
      ratio: -0.0658415841584,
      safe: true,
    }));
  it('are not spoken of by a frame without any of their inputs', () =>
    expect(Object.keys(values(tank, message({ ok: true })))).toEqual(['ok', 'safe']));
  it('are bad with a reason where an input is missing or bad, or the result is no number', () => {
    expect(values(tank, message({ l: 1 }))).toMatchObject({ percent: 25, ratio: 'missing-input', safe: 'missing-input' });
    expect(values(tank, message({ l: 'x', t: 1, ok: true }))).toMatchObject({
      percent: 'wrong-type',
      moved: 1.5,
      safe: 'wrong-type',
    });
    expect(values(tank, message({ l: 1, t: 10, ok: true }))).toMatchObject({ ratio: 'not-a-number' });
    expect(values(tank, message({ l: 5, t: 0, ok: true }))).toMatchObject({ percent: 'out-of-range' });
  });
  it('are no surer than what they are made of', () => {
    const named = modbus({
      raw: { at: 0, type: 'u16', kind: 'state', enum: { 1: { value: 'x', name } } },
      level: { at: 1, type: 'u16', unit: 'm', valid: [0, 3] },
      double: { unit: 'm', compute: 'level * 2' },
    });
    expect(
      compile(named)
        .decode(registers([1, 9]))
        .readings.at(-1),
    ).toMatchObject({ point: 'double', value: null, quality: 'bad', reason: 'out-of-range' });
  });
  it('of every message with an old clock are as uncertain as it', () => {
    const timed = mqtt({ a: {}, b: { compute: 'a + 1' } }, [{ points: { a: '$.a' } }], {
      time: { from: '$.t', format: 'unix-s', maxSkew: '1m' },
    });
    expect(compile(timed).decode(message({ a: 1, t: 1_000_000 })).readings).toMatchObject([
      { point: 'a', quality: 'uncertain', reason: 'clock-skew' },
      { point: 'b', value: 2, quality: 'uncertain', reason: 'clock-skew' },
    ]);
  });
  it('hold whatever the values are', () => {
    const wild = mqtt({ a: {}, b: {}, c: { compute: 'min(a / b, a * b, if(a > b, a - b, b))' } }, [
      { points: { a: '$.a', b: '$.b' } },
    ]);
    for (const [a, b] of [
      [0, 0],
      [1e308, 10],
      [-1e308, 10],
      [5e-324, 1e308],
    ] as const) {
      const [, , c] = compile(wild).decode(message({ a, b })).readings;
      expect(c?.value === null || Number.isFinite(c?.value)).toBe(true);
    }
  });
});

const zone = (bit: number) => ({ kind: 'state', bits: { shift: bit } });

describe('row 6: bits, one-hot, sets of words', () => {
  it('bits of an integer in a message, and of one spelled as text', () => {
    const detector = mqtt(
      {
        smoke: zone(0),
        tamper: zone(2),
        low: zone(3),
        mode: { bits: { shift: 4, width: 2 }, enum: { 1: { value: 'run', name }, 2: { value: 'test', name } } },
      },
      [{ points: { smoke: '$.zoneStatus', tamper: '$.zoneStatus', low: '$.zoneStatus', mode: '$.zoneStatus' } }],
    );
    // ssIasZone: bit 0 smoke, 2 tamper, 3 battery low.
    expect(values(detector, message({ zoneStatus: 0b101001 }))).toEqual({ smoke: true, tamper: false, low: true, mode: 'test' });
    expect(values(detector, message({ zoneStatus: 1.5 }))['smoke']).toBe('wrong-type');
    expect(values(detector, message({ zoneStatus: -1 }))['smoke']).toBe(true);
  });
  it('bits of bytes: tilt of a manhole cover (V32)', () => {
    const tilt = mqtt(
      {
        x: { unit: 'deg', scale: 0.01 },
        y: { unit: 'deg', scale: 0.01 },
        z: { unit: 'deg', scale: 0.01 },
        alarm_x: { kind: 'state' },
        alarm_z: zone(2),
      },
      [
        {
          as: [
            {
              order: 'little',
              tlv: {
                '03 CF': { x: 's16', y: 's16', z: 's16', flags: 'u8' },
                '04 D0': { flags: { type: 'u8', parts: { hit: 0 } } },
              },
            },
          ],
          points: { x: '$.x', y: '$.y', z: '$.z', alarm_z: '$.flags', alarm_x: '$.hit' },
        },
      ],
    );
    expect(values(tilt, bytes('03CF00000000282307'))).toEqual({ x: 0, y: 0, z: 90, alarm_z: true });
    expect(values(tilt, bytes('04D001'))).toEqual({ alarm_x: true });
  });
  it('the only bit set names the value', () => {
    const one = mqtt({ state: { oneHot: true, enum: { 5: { value: 'run', name } } } }, [{ points: { state: '$.s' } }]);
    expect(values(one, message({ s: 32 }))['state']).toBe('run');
    expect(values(one, message({ s: 33 }))['state']).toBe('unknown-enum');
    expect(values(one, message({ s: 1.5 }))['state']).toBe('wrong-type');
  });
  it('a set of words: the state of a UPS as NUT says it', () => {
    const ups = mqtt(
      { online: { kind: 'state' }, charging: { kind: 'state' }, low: { kind: 'state' }, status: { kind: 'text' } },
      [
        {
          as: 'text',
          points: {
            online: { from: '$', has: 'OL' },
            charging: { from: '$', has: 'CHRG' },
            low: { from: '$', has: 'LB' },
            status: '$',
          },
        },
      ],
    );
    expect(values(ups, message('OL CHRG'))).toEqual({ online: true, charging: true, low: false, status: 'OL CHRG' });
    expect(values(ups, message('OB DISCHRG LB'))).toEqual({ online: false, charging: false, low: true, status: 'OB DISCHRG LB' });
  });
  it('numbers spelled in another base', () => {
    const spelled = mqtt({ hex: {}, flag: zone(3), ten: {}, long: { type: 'u64' } }, [
      {
        points: {
          hex: { from: '$.h', base: 16 },
          flag: { from: '$.b', base: 2 },
          ten: { from: '$.t', base: 10 },
          long: { from: '$.l', base: 16 },
        },
      },
    ]);
    expect(values(spelled, message({ h: '0x1F', b: '00101000', t: '23.5', l: 'FFFFFFFFFFFFFFFF' }))).toEqual({
      hex: 31,
      flag: true,
      ten: 23.5,
      long: '18446744073709551615',
    });
    expect(values(spelled, message({ h: '0xG', b: '2', t: '1,5' }))).toEqual({
      hex: 'wrong-type',
      flag: 'wrong-type',
      ten: 'wrong-type',
    });
    expect(values(mqtt({ ten: {} }, [{ points: { ten: '$.t' } }]), message({ t: '23.5' }))['ten']).toBe('wrong-type');
  });
});
