import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { compile } from '../../../gateway/decode/decode.ts';
import { parseRfc3339 } from '../../../gateway/decode/device-time.ts';
import { at, frame, message, mqtt } from './profile.ts';

fc.configureGlobal({ seed: 20261123 });

const points = {
  temperature: { unit: 'Cel', valid: [-40, 80] },
  open: { kind: 'state' },
  text: { kind: 'text' },
  energy: { type: 'u64', kind: 'counter' },
};
const json = { temperature: "$.data[0]['temp.c']", open: '$.open', text: '$.text', energy: '$.energy' };
const decoder = compile(mqtt(points, [{ points: json }]));
const one = (payload: unknown) => {
  const reading = decoder.decode(message(payload)).readings[0];
  if (reading === undefined) return undefined;
  const { value, quality, reason } = reading;
  return reason === undefined ? { value, quality } : { value, quality, reason };
};

describe('a JSON message', () => {
  it('is followed by path, quoted keys and indexes', () => {
    const { readings } = decoder.decode(message({ data: [{ 'temp.c': 21.5 }], open: false, text: '开', energy: 5 }));
    expect(readings.map(({ point, value }) => [point, value])).toEqual([
      ['temperature', 21.5],
      ['open', false],
      ['text', '开'],
      ['energy', 5],
    ]);
  });
  it.each([
    ['no such path: no reading', { data: [] }, undefined],
    ['an index into an object: no reading', { data: { 0: { 'temp.c': 1 } } }, undefined],
    ['text for a number', { data: [{ 'temp.c': '21' }] }, { value: null, quality: 'bad', reason: 'wrong-type' }],
    ['a number for a boolean', { open: 1 }, { value: null, quality: 'bad', reason: 'wrong-type' }],
    ['an object for a text', { text: {} }, { value: null, quality: 'bad', reason: 'wrong-type' }],
    ['null is "no value"', { open: null }, { value: null, quality: 'bad', reason: 'invalid-value' }],
    ['out of range', { data: [{ 'temp.c': 99 }] }, { value: 99, quality: 'bad', reason: 'out-of-range' }],
    ['infinity by overflow', '{"data":[{"temp.c":1e999}]}', { value: null, quality: 'bad', reason: 'not-a-number' }],
    ['a lone surrogate', '{"text":"\\ud800"}', { value: null, quality: 'bad', reason: 'invalid-value' }],
    ['NUL inside a text', '{"text":"a\\u0000b"}', { value: null, quality: 'bad', reason: 'invalid-value' }],
    ['a text too long to keep', { text: 'x'.repeat(5000) }, { value: null, quality: 'bad', reason: 'invalid-value' }],
    ['digits beyond a double', '{"energy":12345678901234567890}', { value: '12345678901234567890', quality: 'good' }],
    ['the same as decimal text', { energy: '12345678901234567890' }, { value: '12345678901234567890', quality: 'good' }],
    ['an inherited key is none', '{"__proto__":{"open":true}}', undefined],
  ])('%s', (_label, payload, expected) => expect(one(payload)).toEqual(expected));

  it('is followed through its own keys only', () => {
    const inherited = compile(
      mqtt({ name: { kind: 'text' }, size: {} }, [{ points: { name: '$.toString', size: '$.a.length' } }]),
    );
    expect(inherited.decode(message({ a: [1, 2] })).readings).toEqual([]);
  });
  it('leaves every prototype alone', () => {
    const evil = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"open":true}';
    expect(one(evil)).toEqual({ value: true, quality: 'good' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
  it.each([
    ['not-json', '{"open": tru'],
    ['not-json', ''],
    ['too-deep', '['.repeat(33) + ']'.repeat(33)],
    ['too-deep', '{"a":'.repeat(10_000)],
    ['too-large', `"${'x'.repeat(256 * 1024)}"`],
  ])('%s is refused with a sentence', (code, payload) => {
    const { readings, refused } = decoder.decode(message(payload));
    expect(readings).toEqual([]);
    expect(refused).toMatchObject({ code, zh: expect.stringMatching(/。$/), en: expect.stringMatching(/\.$/) });
  });
  it('brackets inside text do not count as depth', () =>
    expect(one({ text: '['.repeat(100) })).toMatchObject({ quality: 'good' }));
  it('is refused where it is not UTF-8, and on a channel nobody knows', () => {
    const body = { kind: 'message', channel: 'up', topic: '', payload: Uint8Array.of(0x22, 0xc3, 0x22) } as const;
    expect(decoder.decode(frame(body)).refused).toMatchObject({ code: 'not-utf8' });
    expect(decoder.decode(message('{}', 'down')).refused).toMatchObject({ code: 'no-channel' });
    expect(decoder.decode(message('{}', 'constructor')).refused).toMatchObject({ code: 'no-channel' });
  });
});

describe('an enum in JSON', () => {
  const named = (...keys: string[]) => Object.fromEntries(keys.map((key) => [key, { value: `v${key}`, name: { zh: key } }]));
  const value = (names: object, raw: unknown) =>
    compile(mqtt({ s: { kind: 'state', enum: names } }, [{ points: { s: '$.s' } }])).decode(message({ s: raw })).readings[0];
  it.each([
    [named('true', 'false'), false, 'vfalse'],
    [named('0', '1'), true, 'v1'],
    [named('2'), 2, 'v2'],
    [named('open'), 'open', 'vopen'],
  ])('%j of %j', (names, raw, expected) => expect(value(names, raw)).toMatchObject({ value: expected, quality: 'good' }));
  it('does not fall for inherited names', () =>
    expect(value(named('open'), 'constructor')).toMatchObject({
      value: 'constructor',
      quality: 'uncertain',
      reason: 'unknown-enum',
    }));
  it('takes no object', () =>
    expect(value(named('open'), ['open'])).toMatchObject({ value: null, quality: 'bad', reason: 'wrong-type' }));
});

describe('branches', () => {
  const branching = compile(
    mqtt({ a: {}, b: {}, wet: { kind: 'state' } }, [
      { when: { exists: '$.object' }, points: { a: '$.object.a' } },
      { when: { path: '$.kind', equals: 'b' }, points: { b: '$.v' } },
      { as: 'text', points: { wet: { from: '$', map: { wet: true, dry: false } } } },
    ]),
  );
  const said = (payload: unknown) => branching.decode(message(payload)).readings.map(({ point, value }) => [point, value]);
  it('takes the first that holds', () => {
    expect(said({ object: { a: 1 }, kind: 'b', v: 2 })).toEqual([['a', 1]]);
    expect(said({ object: null, kind: 'b', v: 2 })).toEqual([['b', 2]]);
    expect(said(' wet\n')).toEqual([['wet', true]]);
    expect(said('damp')).toEqual([['wet', null]]);
  });
  it('refuses what none of them reads', () => {
    const strict = compile(mqtt({ a: {} }, [{ when: { exists: '$.object' }, points: { a: '$.object.a' } }]));
    expect(strict.decode(message({ data: 'AXVk' })).refused).toMatchObject({ code: 'no-branch' });
  });
  it.each([
    ['23.5', 23.5],
    ['-1e2', -100],
    ['0x10', null],
    ['', null],
    ['NaN', null],
  ])('bare word %j is %j', (word, value) =>
    expect(compile(mqtt({ t: {} }, [{ as: 'text', points: { t: '$' } }])).decode(message(word)).readings[0]?.value).toBe(value),
  );
});

describe('a source with a scale of its own', () => {
  const tenths = compile(
    mqtt({ t: { unit: 'Cel', valid: [-40, 80] } }, [
      { when: { exists: '$.object' }, points: { t: '$.object.t' } },
      { points: { t: { from: '$.raw', scale: 0.1 } } },
    ]),
  );
  it.each([
    [{ object: { t: 23.1 } }, { value: 23.1, quality: 'good' }],
    [{ raw: 231 }, { value: 23.1, quality: 'good' }],
    [{ raw: -3 }, { value: -0.3, quality: 'good' }],
    [{ raw: 9000 }, { value: 900, quality: 'bad', reason: 'out-of-range' }],
    [{ raw: '231' }, { value: null, quality: 'bad', reason: 'wrong-type' }],
    [{ raw: null }, { value: null, quality: 'bad', reason: 'invalid-value' }],
    ['{"raw":1e999}', { value: null, quality: 'bad', reason: 'not-a-number' }],
  ])('%j', (payload, expected) => expect(tenths.decode(message(payload)).readings[0]).toMatchObject(expected));
});

describe('events', () => {
  const maps = { codes: { '5/27': { type: 'door.forced', name: { zh: '强行开门' } } } };
  const event = { code: ['$.major', '$.minor'], map: 'codes', serial: '$.serial', data: { door: '$.door', who: '$.who' } };
  const events = (payload: unknown, source: object = event) =>
    compile(mqtt({}, [{ event: source }], { maps })).decode(message(payload)).events;
  it('are named by their code', () =>
    expect(events({ major: 5, minor: 27, serial: 9, door: 1, who: { evil: 1 } })).toEqual([
      { type: 'door.forced', at, code: '5/27', serial: '9', data: { door: 1 } },
    ]));
  it('of an unknown code are kept, not dropped', () =>
    expect(events({ major: 5, minor: 999 })).toMatchObject([{ type: 'unknown', code: '5/999' }]));
  it('do not fall for inherited names', () =>
    expect(events({ c: 'constructor' }, { code: '$.c', map: 'codes' })).toMatchObject([
      { type: 'unknown', code: 'constructor' },
    ]));
  it('are none without a code', () => expect(events({ door: 1 })).toEqual([]));
  it('leave out a serial that is too long to keep whole', () =>
    expect(events({ major: 5, minor: 27, serial: 's'.repeat(65) })[0]).not.toHaveProperty('serial'));
});

describe('the device’s own time', () => {
  const time = { from: '$.t', format: 'rfc3339', maxSkew: '1h' };
  const timed = (payload: unknown, more: object = {}) =>
    compile(mqtt({ open: { kind: 'state' } }, [{ points: { open: '$.open' } }], { time, ...more })).decode(message(payload))
      .readings[0];
  it('stands beside the gateway’s', () =>
    expect(timed({ t: '2026-01-01T08:59:59.5+08:00', open: true })).toMatchObject({
      at,
      deviceAt: at + 3_599_500,
      quality: 'good',
    }));
  it('makes a reading uncertain where the two differ too much', () =>
    expect(timed({ t: '2012-06-01T00:00:00Z', open: true })).toMatchObject({
      value: true,
      quality: 'uncertain',
      reason: 'clock-skew',
    }));
  it.each([
    ['2026-01-01T01:00:00Z', 'good'],
    ['2026-01-01T01:00:00.001Z', 'uncertain'],
    ['2025-12-31T23:00:00Z', 'good'],
    ['2025-12-31T22:59:59.999Z', 'uncertain'],
  ])('%s is %s', (t, quality) => expect(timed({ t, open: true })?.quality).toBe(quality));
  it('never silences a point that a life-safety rule watches', () => {
    const rule = { name: { zh: '烟' }, severity: 'critical', hazard: 'fire', point: 'open', is: true };
    const reading = timed({ t: '2012-06-01T00:00:00Z', open: true }, { alarms: { fire: rule } });
    expect(reading).toMatchObject({ quality: 'good', deviceAt: Date.UTC(2012, 5, 1) });
  });
  it('is left out where it cannot be read', () => expect(timed({ t: 'yesterday', open: true })).not.toHaveProperty('deviceAt'));
  it.each([
    ['unix-s', 1_767_225_600, at],
    ['unix-ms', at, at],
    ['unix-s', -1, undefined],
    ['unix-ms', 1e300, undefined],
  ])('%s %d', (format, t, expected) => expect(timed({ t, open: true }, { time: { ...time, format } })?.deviceAt).toBe(expected));
  it.each([
    ['2026-02-29T00:00:00Z', undefined],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2026-13-01T00:00:00Z', undefined],
    ['2026-01-01T24:00:00Z', undefined],
    ['2016-12-31T23:59:60Z', Date.UTC(2016, 11, 31, 23, 59, 59)],
    ['2026-01-01T00:00:00', undefined],
    ['2026-01-01 00:00:00.123456789+00:00', at + 123],
    ['2025-12-31T19:00:00-05:00', at],
  ])('RFC 3339 %s', (text, expected) => expect(parseRfc3339(text)).toBe(expected));
});

describe('the last will', () => {
  const willing = compile(
    mqtt({ a: {} }, [{ points: { a: '$.a' } }], {
      availability: { offlineAfter: '5m', will: { channel: 'lwt', online: 'online', offline: 'offline' } },
    }),
  );
  it.each([
    ['online', 'online'],
    ['offline\n', 'offline'],
    ['{"state":"offline"}', 'offline'],
  ])('%s', (payload, will) => expect(willing.decode(message(payload, 'lwt'))).toEqual({ readings: [], events: [], will }));
  it.each(['', 'Online', '{"state":1}', '{'])('%j says nothing', (payload) => {
    const decoded = willing.decode(message(payload, 'lwt'));
    expect(decoded.will).toBeUndefined();
    expect(decoded.refused).toBeDefined();
  });
});

describe('any bytes at all', () => {
  const everything = compile(
    mqtt(
      { ...points, wet: { kind: 'state' } },
      [
        { when: { exists: '$.open' }, points: json },
        { event: { code: '$.code', map: 'codes', serial: '$.s', data: { d: '$.d' } } },
        { as: 'text', points: { wet: '$' } },
      ],
      { time: { from: '$.t', format: 'unix-ms' }, maps: { codes: {} } },
    ),
  );
  const check = (payload: Uint8Array) => {
    const { readings, events } = everything.decode(frame({ kind: 'message', channel: 'up', topic: '', payload }));
    for (const reading of readings) Reading.parse(reading);
    for (const event of events) DeviceEvent.parse(event);
  };
  it('never throw, and give well-formed readings and events', () =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), check), { numRuns: 500 }));
  it('nor does any JSON with our own keys in it', () => {
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constantFrom(-0, 2 ** 60));
    const keys = { open: value, data: value, text: value, energy: value, code: value, s: value, d: value, t: value };
    fc.assert(
      fc.property(fc.record(keys, { requiredKeys: [] }), (payload) => check(new TextEncoder().encode(JSON.stringify(payload)))),
      { numRuns: 500 },
    );
  });
});

it('a sign of life says nothing, and is no refusal', () => {
  expect(decoder.decode({ device: 'd', at, body: { kind: 'alive' } })).toEqual({ readings: [], events: [] });
});
