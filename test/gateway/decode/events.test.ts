import { describe, expect, it } from 'vitest';
import { compile } from '../../../gateway/decode/decode.ts';
import { at, frame, message, mqtt } from './profile.ts';

const name = { zh: '名', en: 'name' };
const maps = {
  cid: { '110': { type: 'fire.alarm', name }, '130': { type: 'burglar.alarm', name }, '301': { type: 'mains.lost', name } },
};
const events = { 'fire.alarm': name, 'burglar.alarm': name, 'mains.lost': { zh: '市电中断', en: 'Mains lost' } };
const contactId = mqtt(
  {},
  [
    {
      event: {
        code: '$.event',
        map: 'cid',
        end: { path: '$.qualifier', equals: 3 },
        data: { zone: '$.zone', account: { from: '$.account', personal: true } },
      },
    },
  ],
  { maps, events },
);
const happened = (payload: unknown, profile = contactId) => compile(profile).decode(message(payload)).events;

describe('row 9: events', () => {
  it('begin and end in a pair (DC-09: 1xxx and 3xxx)', () => {
    expect(happened({ qualifier: 1, event: '110', zone: 5 })).toEqual([
      { type: 'fire.alarm', code: '110', at, data: { zone: 5 } },
    ]);
    expect(happened({ qualifier: 3, event: '110', zone: 5 })).toMatchObject([{ type: 'fire.alarm.end', code: '110' }]);
    expect(happened({ qualifier: 3, event: '999' })).toMatchObject([{ type: 'unknown', code: '999' }]);
  });
  it('have names for their ends', () =>
    expect(contactId.events['mains.lost.end']).toEqual({ zh: '市电中断（恢复）', en: 'Mains lost (over)' }));

  it('are states too: Start and Stop make a state, Pulse is an event only (Dahua)', () => {
    const dahua = mqtt(
      { motion: { kind: 'state' } },
      [
        {
          as: { pairs: { between: ';' } },
          when: [
            { path: '$.Code', equals: 'VideoMotion' },
            { path: '$.action', in: ['Start', 'Stop'] },
          ],
          points: { motion: { from: '$.action', map: { Start: true, Stop: false } } },
        },
        { as: { pairs: { between: ';' } }, when: { path: '$.action', equals: 'Pulse' }, event: { code: '$.Code', map: 'codes' } },
      ],
      { maps: { codes: { CallNoAnswered: { type: 'intercom.call', name } } } },
    );
    const decoder = compile(dahua);
    expect(decoder.decode(message('Code=VideoMotion;action=Start;index=0')).readings).toMatchObject([{ value: true }]);
    expect(decoder.decode(message('Code=CallNoAnswered;action=Pulse;index=0')).events).toMatchObject([{ type: 'intercom.call' }]);
  });

  it('an ONVIF property that is told at the start is no event', () => {
    const onvif = mqtt({ tampered: { kind: 'state' } }, [
      {
        points: { tampered: '$.IsTamper' },
        event: {
          when: { path: '$.PropertyOperation', equals: 'Changed' },
          type: 'camera.tamper',
          end: { path: '$.IsTamper', equals: false },
        },
      },
    ]);
    const said = (PropertyOperation: string, IsTamper: boolean) =>
      compile(onvif).decode(message({ PropertyOperation, IsTamper }));
    expect(said('Initialized', true)).toMatchObject({ readings: [{ value: true }], events: [] });
    expect(said('Changed', true).events).toMatchObject([{ type: 'camera.tamper' }]);
    expect(said('Changed', false).events).toMatchObject([{ type: 'camera.tamper.end' }]);
  });

  it('several of one message, each on its own condition', () => {
    const two = mqtt({}, [
      {
        event: [
          { when: { exists: '$.sos' }, type: 'person.sos' },
          { when: { path: '$.tamper', equals: 1 }, type: 'device.tamper' },
        ],
      },
    ]);
    expect(happened({ sos: 1, tamper: 1 }, two).map(({ type }) => type)).toEqual(['person.sos', 'device.tamper']);
    expect(happened({ tamper: 0 }, two)).toEqual([]);
  });

  it('words of a device as other words in their data', () => {
    const mapped = mqtt({}, [
      {
        event: {
          type: 'x',
          data: { way: { from: '$.w', map: { 15: 'face', 1: 'card' } }, temperature: { from: '$.t', base: 10 } },
        },
      },
    ]);
    expect(happened({ w: 15, t: '36.5' }, mapped)).toMatchObject([{ data: { way: 'face', temperature: 36.5 } }]);
    expect(happened({ w: 99, t: 'hot' }, mapped)[0]?.data).toEqual({});
  });
});

const batch = {
  as: ['lines', 'pairs'],
  each: { in: '$', event: { code: 'item.event', map: 'cid', serial: 'item.index' } },
};

describe('row 13: what is sent again', () => {
  const door = compile(mqtt({}, [batch], { maps, dedupe: { key: ['envelope.SN', 'item.index'], window: '7d' } }));
  const said = (text: string, seen: ReadonlySet<string> = new Set()) =>
    door.decode(frame({ kind: 'message', channel: 'up', topic: '', payload: Buffer.from(text), envelope: { SN: 'A1' } }), (key) =>
      seen.has(key),
    );
  it('has a key for each record, and is left out where that was seen', () => {
    const first = said('event=110\tindex=7\nevent=130\tindex=8');
    expect(first.keys).toEqual(['["A1","7"]', '["A1","8"]']);
    const again = said('event=130\tindex=8\nevent=301\tindex=9', new Set(first.keys));
    expect(again).toMatchObject({ events: [{ serial: '9' }], keys: ['["A1","9"]'], repeated: 1 });
  });
  it('is left out within one message too', () => {
    const twice = said('event=110\tindex=7\nevent=110\tindex=7');
    expect(twice.events).toHaveLength(1);
    expect(twice.repeated).toBe(1);
  });
  it('has no key, and is new, where a part of the key is missing', () => {
    const none = said('event=110');
    expect(none.events).toHaveLength(1);
    expect(none).not.toHaveProperty('keys');
  });
  it('as a whole message (ChirpStack)', () => {
    const up = compile(
      mqtt({ a: {} }, [{ points: { a: '$.a' }, event: { type: 'x' } }], {
        dedupe: { key: ['$.deduplicationId'], window: '24h' },
      }),
    );
    const [key] = up.decode(message({ a: 1, deduplicationId: 'd1' })).keys ?? [];
    expect(up.decode(message({ a: 1, deduplicationId: 'd1' }), (seen) => seen === key)).toEqual({
      readings: [],
      events: [],
      repeated: 1,
    });
  });
  it('has a short key, however long what it is made of', () => {
    const up = compile(mqtt({ a: {} }, [{ points: { a: '$.a' } }], { dedupe: { key: ['$.id'], window: '24h' } }));
    const keys = ['x'.repeat(4_000), `${'x'.repeat(4_000)}y`].map((id) => up.decode(message({ a: 1, id })).keys?.[0]);
    expect(keys.every((key) => (key?.length ?? 999) <= 120)).toBe(true);
    expect(new Set(keys).size).toBe(2);
  });
});

describe('row 14: time', () => {
  const timed = (time: object, payload: unknown, more: object = {}) =>
    compile(mqtt({ a: {} }, [{ points: { a: '$.a' } }], { time, ...more })).decode(message(payload)).readings[0];
  it.each([
    ['YYYY-MM-DD HH:mm:ss', '2026-01-01 08:00:00', '+08:00'],
    ['YYYY-MM-DDTHH:mm:ss', '2026-01-01T00:00:00', 'Z'],
    ['YYYYMMDDHHmmss', '20260101080000', '+08:00'],
    ['YYYYMMDDHHmmss', 20260101080000, '+08:00'],
    ['HH:mm:ss,MM-DD-YYYY', '08:00:00,01-01-2026', '+08:00'],
    ['YY/MM/DD HH:mm', '26/01/01 08:00', '+08:00'],
    ['YYYY年MM月DD日 HH:mm:ss', '2026年01月01日 08:00:00', 'Asia/Shanghai'],
    ['YYYY-MM-DD HH:mm:ss', '2025-12-31 19:00:00', 'America/New_York'],
    ['YYYY-MM-DD HH:mm:ss', '2026-01-01 01:00:00', 'Europe/Berlin'],
    ['unix-s', '1767225600', undefined],
    ['unix-ms', 1767225600000, undefined],
    ['rfc3339', '2026-01-01T08:00:00+08:00', undefined],
  ])('%s: %s in %s', (format, t, zone) =>
    expect(timed({ from: '$.t', format, ...(zone && { zone }) }, { a: 1, t })?.deviceAt).toBe(at),
  );
  it.each([
    '2026-13-01 08:00:00',
    '2026-01-01',
    '2026-01-01 8:00:00',
    'x2026-01-01 08:00:00',
    '2026-01-01 08:00:00 '.padEnd(60, '0'),
  ])('%j is no time', (t) =>
    expect(timed({ from: '$.t', format: 'YYYY-MM-DD HH:mm:ss' }, { a: 1, t })).not.toHaveProperty('deviceAt'),
  );
  it('in summer as the zone has it', () => {
    const summer = { from: '$.t', format: 'YYYY-MM-DD HH:mm:ss', zone: 'Europe/Berlin', trust: 'none' };
    expect(timed(summer, { a: 1, t: '2026-07-01 02:00:00' })?.deviceAt).toBe(Date.UTC(2026, 6, 1));
    // 02:30 is skipped on the 29th of March 2026 and comes twice on the 25th of October.
    expect(timed(summer, { a: 1, t: '2026-03-29 02:30:00' })?.deviceAt).toBe(Date.UTC(2026, 2, 29, 1, 30));
    expect(timed(summer, { a: 1, t: '2026-10-25 03:30:00' })?.deviceAt).toBe(Date.UTC(2026, 9, 25, 2, 30));
  });
  it('in the profile’s zone, where the time names none', () =>
    expect(
      timed({ from: '$.t', format: 'YYYY-MM-DD HH:mm:ss' }, { a: 1, t: '2026-01-01 00:00:00' }, { zone: 'Z' })?.deviceAt,
    ).toBe(at));
  it('of the first place that is there', () =>
    expect(timed({ from: ['$.sent', '$.t'], format: 'unix-s' }, { a: 1, t: 1767225600 })?.deviceAt).toBe(at));

  const old = { a: 1, t: '2025-12-31T00:00:00Z' };
  const rfc = { from: '$.t', format: 'rfc3339', maxSkew: '1h' };
  it('of a device’s own clock: too far from ours is uncertain', () =>
    expect(timed({ ...rfc, trust: 'device' }, old)).toMatchObject({ quality: 'uncertain', reason: 'clock-skew' }));
  it('of a server’s clock: old is history, ahead is uncertain', () => {
    expect(timed({ ...rfc, trust: 'network' }, old)).toEqual({
      point: 'a',
      value: 1,
      quality: 'good',
      at,
      deviceAt: Date.UTC(2025, 11, 31),
      historical: true,
    });
    expect(timed({ ...rfc, trust: 'network' }, { a: 1, t: '2026-01-01T02:00:00Z' })).toMatchObject({
      quality: 'uncertain',
      reason: 'clock-skew',
    });
  });
  it('of a clock that is never set: kept and not judged', () =>
    expect(timed({ ...rfc, trust: 'none' }, old)).toEqual({
      point: 'a',
      value: 1,
      quality: 'good',
      at,
      deviceAt: Date.UTC(2025, 11, 31),
    }));
  it.each(['device', 'network'])('of a %s never silences what a life-safety rule watches', (trust) => {
    const alarms = { fire: { name, point: 'a', above: 0, clear: -1, severity: 'critical', hazard: 'fire' } };
    const reading = timed({ ...rfc, trust }, old, { alarms });
    expect(reading).toMatchObject({ quality: 'good' });
    expect(reading).not.toHaveProperty('historical');
  });
  it('of a captured smoke alarm: sent in 2021, about 2012, and its fire is an alarm all the same (V21)', () => {
    const fire = { name, point: 'a', is: true, severity: 'critical', hazard: 'fire' };
    const part = mqtt({ a: { kind: 'state' } }, [{ points: { a: '$.fire' } }], {
      time: { from: '$.at', format: 'rfc3339' },
      alarms: { fire },
    });
    const frameAt = { ...message({ fire: true, at: '2012-06-01T03:17:37+08:00' }), at: Date.UTC(2021, 6, 27) };
    expect(compile(part).decode(frameAt).readings).toMatchObject([
      { value: true, quality: 'good', at: Date.UTC(2021, 6, 27), deviceAt: Date.UTC(2012, 4, 31, 19, 17, 37) },
    ]);
  });
});

const kept = (text: string, channel: string) =>
  frame({ kind: 'message', channel, topic: '', payload: Buffer.from(text), retained: true });

describe('row 12 and 15: what is a sign of life', () => {
  const availability = {
    offlineAfter: '5m',
    liveness: ['beat', 'up'],
    will: { channel: 'lwt', online: 'online', offline: 'offline' },
  };
  const topics = Object.fromEntries(['up', 'beat', 'lwt', 'info'].map((id) => [id, { filter: `x/{id}/${id}` }]));
  const transport = { protocol: 'mqtt', identity: { name: 'id', pattern: '^[a-z]+$', label: { zh: '编号' } }, topics };
  const camera = compile(
    mqtt({ a: {} }, [{ points: { a: '$.a' } }], {
      availability,
      transport,
      decode: { up: [{ points: { a: '$.a' } }], info: [{ points: { a: '$.a' } }] },
    }),
  );
  it('a channel that only says that the device is there', () =>
    expect(camera.decode(message('anything', 'beat'))).toEqual({ readings: [], events: [] }));
  it('no message of a channel that does not count', () => {
    expect(camera.decode(message({ a: 1 }, 'info'))).toMatchObject({ isQuiet: true, readings: [{ value: 1 }] });
    expect(camera.decode(message({ a: 1 }, 'up'))).not.toHaveProperty('isQuiet');
  });
  it('the last will, retained or not', () => {
    expect(camera.decode(message('offline', 'lwt'))).toMatchObject({ will: 'offline' });
    expect(camera.decode(kept('online', 'lwt'))).toMatchObject({ will: 'online', isQuiet: true });
  });
  it('a message that the broker had kept is old and uncertain, but for life safety', () => {
    const smoke = { name, point: 'smoke', is: true, severity: 'critical', hazard: 'fire' };
    const detector = compile(
      mqtt({ smoke: { kind: 'state' }, battery: {} }, [{ points: { smoke: '$.s', battery: '$.b' } }], { alarms: { smoke } }),
    );
    expect(detector.decode(kept('{"s":true,"b":50}', 'up'))).toMatchObject({
      isQuiet: true,
      readings: [
        { point: 'smoke', quality: 'good' },
        { point: 'battery', quality: 'uncertain', reason: 'retained' },
      ],
    });
  });
});

describe('row 20: what a device calls itself', () => {
  const named = compile(
    mqtt({ a: {} }, [{ points: { a: '$.a' } }], { models: { ids: ['HS1SA-E', 'HS1SA-M'], from: '$.device.model' } }),
  );
  it('is heard where the profile does not know it', () => {
    expect(named.decode(message({ a: 1, device: { model: 'HS3SA' } })).otherModel).toBe('HS3SA');
    expect(named.decode(message({ a: 1, device: { model: 'HS1SA-M' } }))).not.toHaveProperty('otherModel');
    expect(named.decode(message({ a: 1 }))).not.toHaveProperty('otherModel');
  });
});
