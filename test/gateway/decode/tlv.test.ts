import { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../gateway/decode/decode.ts';
import { at, bytes, frame, message, mqtt, values } from './profile.ts';

fc.configureGlobal({ seed: 20261123 });

const little = (tlv: object, more: object = {}) => ({ tlv, order: 'little', ...more });
/** A profile whose every field is a point of the same name. */
const sensor = (tlv: object, points: Record<string, object>, more: object = {}, step: object = {}) =>
  mqtt(points, [
    { as: little(tlv, step), points: Object.fromEntries(Object.keys(points).map((id) => [id, `$.${id}`])), ...more },
  ]);

const battery = { unit: '%' };
const name = { zh: '名' };

describe('row 10: TLV of two bytes, channel and type (vectors of the maker’s examples)', () => {
  it('V27 fire pipe pressure', () => {
    const em500 = sensor({ '01 75': { battery: 'u8' }, '03 7B': { pressure: 's16' } }, { battery, pressure: { unit: 'kPa' } });
    expect(values(em500, bytes('017564 037B0A00'))).toEqual({ battery: 100, pressure: 10 });
  });
  it('V28 level', () => {
    const em500 = sensor({ '01 75': { battery: 'u8' }, '03 77': { depth: 's16' } }, { battery, depth: { unit: 'cm' } });
    expect(values(em500, bytes('017564 03770200'))).toEqual({ battery: 100, depth: 2 });
  });
  it('V29 distance, and alarms that carry the value', () => {
    const position = { kind: 'state', enum: { 0: { value: 'normal', name }, 1: { value: 'tilt', name } } };
    const udl = sensor(
      {
        '01 75': { battery: 'u8' },
        '03 82': { distance: 'u16' },
        '04 82': { distance: 'u16' },
        '04 00': { position: 'u8' },
        '83 67': { temperature: 's16', temperature_alarm: 'u8' },
        '84 82': { distance: 'u16', distance_alarm: 'u8' },
      },
      {
        battery,
        distance: { unit: 'mm' },
        position,
        temperature: { unit: 'Cel', scale: 0.1 },
        temperature_alarm: {},
        distance_alarm: {},
      },
    );
    expect(values(udl, bytes('01755C 03824408 040001'))).toEqual({ battery: 92, distance: 2116, position: 'tilt' });
    expect(values(udl, bytes('8367E80001 8482410601'))).toEqual({
      temperature: 23.2,
      temperature_alarm: 1,
      distance: 1601,
      distance_alarm: 1,
    });
  });
  it('V30 air', () => {
    const am319 = sensor(
      {
        '03 67': { temperature: 's16' },
        '04 68': { humidity: 'u8' },
        '05 00': { motion: 'u8' },
        '06 CB': { light: 'u8' },
        '07 7D': { co2: 'u16' },
        '08 7D': { tvoc: 'u16' },
        '09 73': { pressure: 'u16' },
        '0A 7D': { hcho: 'u16' },
        '0B 7D': { pm25: 'u16' },
        '0C 7D': { pm10: 'u16' },
      },
      {
        temperature: { unit: 'Cel', scale: 0.1 },
        humidity: { unit: '%RH', scale: 0.5 },
        motion: {},
        light: {},
        co2: { unit: 'ppm' },
        tvoc: { scale: 0.01 },
        pressure: { unit: 'hPa', scale: 0.1 },
        hcho: { unit: 'mg/m3', scale: 0.01 },
        pm25: { unit: 'ug/m3' },
        pm10: { unit: 'ug/m3' },
      },
    );
    expect(values(am319, bytes('0367EE00 04687C 050001 06CB02 077DA803 087D2500 09736627 0A7D0700 0B7D2000 0C7D3000'))).toEqual({
      temperature: 23.8,
      humidity: 62,
      motion: 1,
      light: 2,
      co2: 936,
      tvoc: 0.37,
      pressure: 1008.6,
      hcho: 0.07,
      pm25: 32,
      pm10: 48,
    });
  });
  it('V31 noise: several values of one record', () => {
    const level = { unit: 'dB{A}', scale: 0.1 };
    const ws302 = sensor(
      { '01 75': { battery: 'u8' }, '05 5B': { weight: 1, laf: 'u16', laeq: 'u16', lafmax: 'u16' } },
      { battery, laf: level, laeq: level, lafmax: level },
    );
    expect(values(ws302, bytes('017564 055B053F02DA016A02'))).toEqual({ battery: 100, laf: 57.5, laeq: 47.4, lafmax: 61.8 });
  });
  it('V33 a valve', () => {
    const uc512 = sensor(
      { '01 75': { battery: 'u8' }, '03 01': { valve: 'u8' }, '04 C8': { pulses: 'u32' } },
      {
        battery,
        valve: { kind: 'state', enum: { 0: { value: 'closed', name }, 1: { value: 'open', name } } },
        pulses: { kind: 'counter' },
      },
    );
    expect(values(uc512, bytes('01755C 030100 04C805000000'))).toEqual({ battery: 92, valve: 'closed', pulses: 5 });
  });
  it('V34 a leak', () => {
    const em300 = sensor(
      { '01 75': { battery: 'u8' }, '05 00': { leak: 'u8' } },
      { battery, leak: { kind: 'state', enum: { 0: { value: 'dry', name }, 1: { value: 'leak', name } } } },
    );
    expect(values(em300, bytes('01755C 050000'))).toEqual({ battery: 92, leak: 'dry' });
    expect(values(em300, bytes('01755C 050001'))).toEqual({ battery: 92, leak: 'leak' });
  });
  it('V35 inputs, outputs and counters', () => {
    const uc300 = sensor(
      {
        '03 C8': { counter1: 'u32' },
        '04 C8': { counter2: 'u32' },
        '05 00': { di3: 'u8' },
        '06 00': { di4: 'u8' },
        '07 01': { do1: 'u8' },
        '08 01': { do2: 'u8' },
      },
      { counter1: {}, counter2: {}, di3: {}, di4: {}, do1: {}, do2: {} },
    );
    expect(values(uc300, bytes('03C80A000000 04C814000000 050000 060000 070101 080101'))).toEqual({
      counter1: 10,
      counter2: 20,
      di3: 0,
      di4: 0,
      do1: 1,
      do2: 1,
    });
  });
  it('V39 a button, whose press is an event', () => {
    const ws101 = mqtt({ battery }, [
      {
        as: little({ '01 75': { battery: 'u8' }, 'FF 2E': { press: 'u8' } }),
        points: { battery: '$.battery' },
        event: { when: { exists: '$.press' }, type: 'person.sos', code: '$.press' },
      },
    ]);
    expect(compile(ws101).decode(bytes('017510 FF2E01'))).toMatchObject({
      readings: [{ value: 16 }],
      events: [{ type: 'person.sos', code: '1' }],
    });
    expect(compile(ws101).decode(bytes('017510')).events).toEqual([]);
  });
  it('V43 a current that could not be read', () => {
    const ct101 = sensor(
      { '04 98': { current: 'u16' }, '84 98': { current_max: 'u16', current_min: 'u16', current: 'u16', alarm: 'u8' } },
      Object.fromEntries(
        ['current', 'current_max', 'current_min'].map((id) => [id, { unit: 'A', scale: 0.01, invalid: [0xffff] }]),
      ),
    );
    expect(values(ct101, bytes('8498B80BD007C40905'))).toEqual({ current: 25, current_max: 30, current_min: 20 });
    expect(values(ct101, bytes('0498FFFF'))).toEqual({ current: 'invalid-value' });
  });
});

const history = {
  each: {
    in: '$.history',
    time: { from: 'item.time', format: 'unix-s' },
    points: { pressure: 'item.pressure' },
    historical: true,
  },
};
const logger = sensor(
  { '01 75': { battery: 'u8' }, '03 7B': { pressure: 's16' }, '20 CE': { history: { list: { time: 'u32', pressure: 's16' } } } },
  { battery, pressure: { unit: 'kPa' } },
  history,
);

describe('records', () => {
  it('a device had kept go to the history under their own time, and say nothing of now', () => {
    // 2025-12-31 23:00 and 23:30 UTC, 10 and 11 kPa; now 12.
    const { readings } = compile(logger).decode(bytes('20CE70AB5569 0A00 20CE78B25569 0B00 037B0C00'));
    expect(readings).toEqual([
      { point: 'pressure', value: 12, quality: 'good', at },
      { point: 'pressure', value: 10, quality: 'good', at, deviceAt: 0x6955ab70 * 1000, historical: true },
      { point: 'pressure', value: 11, quality: 'good', at, deviceAt: 0x6955b278 * 1000, historical: true },
    ]);
  });
  it('of the future are not believed', () =>
    expect(compile(logger).decode(bytes('20CE FFFFFF7F 0A00')).readings).toMatchObject([
      { quality: 'uncertain', reason: 'clock-skew', historical: true },
    ]));
  it('end at an id that nobody knows; what was read before stays, and the rest is said to be unread', () => {
    const decoded = compile(logger).decode(bytes('017564 0999AABB 037B0A00'));
    expect(decoded.readings).toMatchObject([{ point: 'battery', value: 100 }]);
    expect(decoded.left).toMatchObject({ code: 'unknown-id', en: expect.stringContaining('0999') as string });
  });
  it('that are cut off are not taken by halves', () => {
    const noise = sensor({ '05 5B': { a: 'u16', b: 'u16' } }, { a: {}, b: {} });
    const decoded = compile(noise).decode(bytes('055B 0100 02'));
    expect(decoded.readings).toEqual([]);
    expect(decoded.left?.code).toBe('cut-off');
  });
  it('with a length of their own pass over what is unknown, and cannot reach into the next', () => {
    const long = sensor(
      { '01': { a: 'u16' }, '02': { b: 'u8', rest: { type: 'string', length: 'rest' } } },
      { a: {}, b: {} },
      {},
      { length: 1 },
    );
    const decoded = compile(long).decode(bytes('07 02 FFFF 01 02 0500 02 03 09 4142'));
    expect(decoded.readings.map(({ point, value }) => [point, value])).toEqual([
      ['a', 5],
      ['b', 9],
    ]);
    expect(decoded.left?.code).toBe('unknown-id');
    expect(compile(long).decode(bytes('01 01 05 02 01 09'))).toMatchObject({
      readings: [{ point: 'b', value: 9 }],
      left: { code: 'cut-off' },
    });
    expect(compile(long).decode(bytes('01 09 05'))).toMatchObject({ readings: [], left: { code: 'cut-off' } });
  });
  it('whose type depends on a field before', () => {
    const typed = sensor(
      {
        'FF 19': {
          channel: 1,
          kind: { type: 'u8', parts: { form: [0, 7], signed: 7 } },
          reading: { by: 'form', cases: { 0: 'u8', 1: 's16', 2: 'f32' } },
        },
      },
      { reading: {}, signed: { kind: 'state' } },
    );
    expect(values(typed, bytes('FF19 01 81 FEFF'))).toEqual({ reading: -2, signed: true });
    expect(values(typed, bytes('FF19 01 02 0000C841'))).toEqual({ reading: 25, signed: false });
    expect(compile(typed).decode(bytes('FF19 01 05 00'))).toMatchObject({ readings: [], left: { code: 'unknown-case' } });
  });
  it('of a list that ends, or takes all there is', () => {
    const list = mqtt({ v: {} }, [
      {
        as: { struct: { n: 'u8', pair: { list: { x: 'u8' }, times: 2 }, all: { list: { x: 'u16' } } } },
        points: { v: '$.pair[1].x' },
        each: { in: '$.all', points: { v: 'item.x' } },
      },
    ]);
    expect(
      compile(list)
        .decode(bytes('09 01 02 0003 0004'))
        .readings.map(({ value }) => value),
    ).toEqual([2, 3, 4]);
    expect(compile(list).decode(bytes('09 01 02 0003 00')).refused?.code).toBe('cut-off');
  });
});

/** Every form there is, in one profile. */
const everything = mqtt(
  {
    n: {},
    s: { kind: 'state' },
    t: { kind: 'text' },
    b: { kind: 'state', bits: { shift: 3 } },
    e: { enum: { 1: { value: 'one', name } } },
    c: { compute: 'n / (n - 1)' },
    o: { oneHot: true },
    u: { type: 'u64', scale: 0.001 },
  },
  [
    {
      when: { path: '$.f', equals: 'x' },
      open: {
        '$.d': [
          'base64',
          little({
            '01 75': { n: 'u8', t: { type: 'string', length: 3, encoding: 'gb18030' } },
            '20 CE': { h: { list: { time: 'u32', n: 'bcd24' } } },
          }),
        ],
      },
      points: { n: '$.d.n', t: '$.d.t' },
      each: { in: '$.d.h', time: { from: 'item.time', format: 'unix-s' }, points: { n: 'item.n' }, historical: true },
    },
    {
      when: { exists: '$.j' },
      open: { '$.j': 'json', "$['p']": [{ pairs: { between: ';' } }] },
      points: { n: '$.j.n', s: '$.j.s', e: '$.j.e', o: '$.j.o', u: '$.j.u', b: { from: '$.p.b', base: 2 } },
      event: {
        code: ['$.j.c', '$.j.d'],
        map: 'codes',
        end: { path: '$.j.a', equals: 'Stop' },
        serial: '$.j.i',
        data: { d: '$.j.x' },
      },
    },
    { as: 'xml', points: { n: '$.r.n', t: "$.r.i[?@.k=='a'].v" } },
    {
      as: ['lines', { columns: ['a', 'b'], between: ',' }],
      each: { in: '$', points: { n: 'item.a', t: 'item.b' }, event: { type: 'line', data: { a: 'item.a' } } },
    },
  ],
  {
    time: { from: ['$.time', 'item.time'], format: 'YYYY-MM-DD HH:mm:ss' },
    maps: { codes: { 'a/b': { type: 'ab', name } } },
    dedupe: { key: ['$.id'], window: '1h' },
  },
);
const decoder = compile(everything);

function check(payload: Uint8Array): void {
  const { readings, events, keys = [] } = decoder.decode(frame({ kind: 'message', channel: 'up', topic: '', payload }));
  for (const reading of readings) Reading.parse(reading);
  for (const event of events) DeviceEvent.parse(event);
  for (const key of keys) expect(key.length).toBeLessThanOrEqual(120);
}

describe('whatever comes', () => {
  it('any bytes', () => fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), check), { numRuns: 1_000 }));
  it('any bytes where the profile looks for bytes', () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0x01, 0x75, 0x20, 0xce, 0x00, 0xff, 0x41, 0xb0), { maxLength: 60 }), (data) => {
        check(Buffer.from(JSON.stringify({ f: 'x', d: Buffer.from(data).toString('base64') })));
      }),
      { numRuns: 1_000 },
    ));
  it('any JSON with our keys in it, inside too', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(-0, 2 ** 60, '1e400', '__proto__', 'Stop', 'a', 'b'),
    );
    const inner = fc.record(
      { n: value, s: value, e: value, o: value, u: value, c: value, d: value, a: value, i: value, x: value },
      { requiredKeys: [] },
    );
    const outer = fc.record(
      { j: inner.map((it) => JSON.stringify(it)), p: value, time: value, id: value, f: value, d: value },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(outer, (json) => check(Buffer.from(JSON.stringify(json)))),
      { numRuns: 1_000 },
    );
  });
  it('any text made of our separators', () => {
    const piece = fc.constantFrom(
      '<r>',
      '</r>',
      '<n>',
      '</n>',
      '<i k="a" v="1"/>',
      '1',
      '-',
      '\n',
      ',',
      ';',
      '=',
      '\t',
      '&',
      '{',
      '}',
      '"',
      '__proto__',
      '火',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => check(Buffer.from(pieces.join('')))),
      { numRuns: 1_000 },
    );
  });
  it('a message of every size up to the limit, of one byte repeated, ends', () => {
    for (const byte of [0x00, 0x01, 0x0a, 0x26, 0x2c, 0x3c, 0x5b, 0x7b, 0xff]) check(new Uint8Array(256 * 1024).fill(byte));
  });

  const whole = Buffer.from('01026475020309414220CE', 'hex');
  const lengths = sensor({ '01': { a: 'u16' }, '02': { b: 'u8', c: 'u16' } }, { a: {}, b: {}, c: {} }, {}, { length: 1 });
  it('one bit changed anywhere, lengths among them, reads nothing that is not there', () => {
    const reads = compile(lengths);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const changed = Uint8Array.from(whole);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      // The same bytes inside of a larger buffer: what stands behind the message is not its own.
      const larger = Buffer.concat([Buffer.alloc(8, 0xee), changed, Buffer.alloc(8, 0xee)]);
      const inside = larger.subarray(8, 8 + changed.length);
      const decode = (payload: Uint8Array) => reads.decode(frame({ kind: 'message', channel: 'up', topic: '', payload }));
      expect(decode(inside)).toEqual(decode(changed));
      for (const { value } of decode(inside).readings) expect(value).not.toBe(0xeeee);
    }
  });
  it('of a flood of kept records, the first thousand or so are read and the rest is said to be left', () => {
    const flood = Buffer.from('20CE70AB55690A00'.repeat(32 * 1024), 'hex');
    const decoded = compile(logger).decode(frame({ kind: 'message', channel: 'up', topic: '', payload: flood }));
    expect(decoded.readings).toHaveLength(1_024);
    expect(decoded.left?.code).toBe('too-many');
  });
});
it('a message says the same of a profile compiled twice', () =>
  expect(compile(everything).decode(message({ j: '{"n":2}' }))).toEqual(decoder.decode(message({ j: '{"n":2}' }))));
