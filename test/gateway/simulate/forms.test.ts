import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../gateway/decode/decode.ts';
import { SimulatedDevice } from '../../../gateway/simulate/device.ts';
import { eventMessage, eventTypes, stateMessages } from '../../../gateway/simulate/said/message.ts';
import { at, frame, mqtt } from '../decode/profile.ts';

const name = { zh: '名' };
const little = (tlv: object) => ({ tlv, order: 'little' });

/** What the real decoder reads of what the simulated device says when its points are set so. */
function told(profile: Profile, set: Readonly<Record<string, NonNullable<Value>>>): Record<string, Value> {
  const device = new SimulatedDevice('d', profile, {}, () => 0.5);
  for (const [point, value] of Object.entries(set)) device.set(point, value);
  const decoder = compile(profile);
  const readings = stateMessages(device, at).flatMap(({ channel, payload }) => {
    const decoded = decoder.decode(frame({ kind: 'message', channel, topic: '', payload }));
    expect(decoded.refused ?? decoded.left).toBeUndefined();
    return decoded.readings;
  });
  return Object.fromEntries(
    readings.map(({ point, value, quality, reason }) => [point, quality === 'good' ? value : (reason ?? null)]),
  );
}

const numbers = { battery: { unit: '%' }, pressure: { unit: 'kPa', scale: 0.1 } };
const one = { battery: 87, pressure: -12.3 };

describe('a simulated device says what is read back, in every form', () => {
  it.each<[string, object]>([
    ['json', { points: { battery: '$.b', pressure: "$.list[1]['p.x']" } }],
    ['xml', { as: 'xml', points: { battery: '$.r.b', pressure: "$.r.item[?@.name=='p'].v" } }],
    ['form', { as: 'form', points: { battery: '$.b', pressure: '$.p' } }],
    ['pairs', { as: { pairs: { between: ';' } }, points: { battery: '$.b', pressure: '$.p' } }],
    [
      'pairs with JSON behind them',
      { as: { pairs: { between: ';', rest: 'd' } }, open: { '$.d': 'json' }, points: { battery: '$.b', pressure: '$.d.p' } },
    ],
    ['columns', { as: { columns: ['b', '_', 'p'], between: ' ', after: '(' }, points: { battery: '$.b', pressure: '$.p' } }],
    [
      'lines of columns',
      { as: ['lines', { columns: ['b', 'p'] }], each: { in: '$', points: { battery: 'item.b', pressure: 'item.p' } } },
    ],
    [
      'lines of pairs',
      { as: [{ lines: { between: '\n\n' } }, 'pairs'], each: { in: '$', points: { battery: 'item.b', pressure: 'item.p' } } },
    ],
    ['JSON in JSON', { open: { '$.d': 'json' }, points: { battery: '$.d.b', pressure: '$.d.p' } }],
    ['JSON in base64', { open: { '$.d': ['base64', 'json'] }, points: { battery: '$.d.b', pressure: '$.d.p' } }],
    ['XML in GB 18030', { as: ['gb18030', 'xml'], points: { battery: "$['报警'].b", pressure: "$['报警'].p" } }],
    [
      'TLV',
      {
        as: little({ '01 75': { battery: 'u8' }, '03 7B': { pad: 1, pressure: 's16' }, 'FF 01': { version: 'u8' } }),
        points: { battery: '$.battery', pressure: '$.pressure' },
      },
    ],
    [
      'TLV in base64 in JSON',
      {
        when: [{ path: '$.fPort', equals: 85 }, { absent: '$.object' }],
        open: { '$.data': ['base64', little({ '01 75': { battery: 'u8' }, '03 7B': { pressure: 's16' } })] },
        points: { battery: '$.data.battery', pressure: '$.data.pressure' },
      },
    ],
    [
      'TLV with lengths in hex',
      {
        as: [
          'hex',
          {
            ...little({
              '01': { battery: 'u8' },
              '02': { pressure: 's32', note: { type: 'string', length: 'rest', encoding: 'utf8' } },
            }),
            length: 2,
          },
        ],
        points: { battery: '$.battery', pressure: '$.pressure' },
      },
    ],
    [
      'a layout',
      {
        as: { struct: { head: 2, battery: 'bcd16', kind: 'u8', body: { by: 'kind', cases: { 0: 's16', 1: 'f32' } } } },
        points: { battery: '$.battery', pressure: '$.body' },
      },
    ],
    [
      'a list in a layout',
      {
        as: { struct: { n: { type: 'u8', parts: { low: [0, 7] } }, all: { list: { p: 's16' } } } },
        points: { battery: '$.low', pressure: '$.all[0].p' },
      },
    ],
  ])('%s', (_form, branch) => expect(told(mqtt(numbers, [branch]), one)).toEqual(one));

  it('every type of a layout, in both orders', () => {
    const types = {
      u8: 200,
      s8: -100,
      u16: 50_000,
      s16: -30_000,
      u24: 9_000_000,
      s24: -8_000_000,
      u32: 4_000_000_000,
      s32: -2_000_000_000,
      u48: 2 ** 47,
      s48: -(2 ** 46),
      f16: 0.5,
      f32: 230.2,
      f64: 1e-9,
      bcd8: 42,
      bcd16: 1234,
      bcd24: 123456,
      bcd32: 12345678,
      bcd48: 123456789012,
    };
    const times = {
      time6: '2025-12-31T15:59:30Z',
      bcdtime5: '2025-12-31T15:59:00Z',
      bcdtime6: '2025-12-31T15:59:30Z',
      bcdtime7: '2025-12-31T15:59:30Z',
    };
    const texts = { ascii: 'AB-1', utf8: '一号', gb18030: '一号楼', hex: '00A1B2' };
    const long = { u64: '18446744073709551615', s64: '-9223372036854775808' };
    const points = {
      ...Object.fromEntries(Object.keys(types).map((id) => [id, {}])),
      ...Object.fromEntries(Object.keys(times).map((id) => [id, { type: id, kind: 'text' }])),
      ...Object.fromEntries(Object.keys(texts).map((id) => [id, { kind: 'text' }])),
      ...Object.fromEntries(Object.keys(long).map((id) => [id, { type: id }])),
    };
    const struct = {
      ...Object.fromEntries([...Object.keys(types), ...Object.keys(times), ...Object.keys(long)].map((id) => [id, id])),
      ...Object.fromEntries(
        Object.keys(texts).map((encoding) => [encoding, { type: 'string', length: encoding === 'hex' ? 3 : 8, encoding }]),
      ),
    };
    const set = { ...types, ...times, ...texts, ...long };
    const picked = Object.fromEntries(Object.keys(points).map((id) => [id, `$.${id}`]));
    for (const order of ['big', 'little'])
      expect(told(mqtt(points, [{ as: { struct, order }, points: picked }]), set)).toEqual(set);
  });

  it('states, bits, words, maps, names, units and 64 bits', () => {
    const profile = mqtt(
      {
        on: { kind: 'state' },
        smoke: { kind: 'state', bits: { shift: 0 } },
        tamper: { kind: 'state', bits: { shift: 2 } },
        mode: { bits: { shift: 4, width: 2 }, enum: { 1: { value: 'run', name }, 2: { value: 'test', name } } },
        bypass: { kind: 'state', bits: { shift: 5 } },
        online: { kind: 'state' },
        low: { kind: 'state' },
        door: { enum: { o: { value: 'open', name }, c: { value: 'closed', name } } },
        way: { enum: { 1: { value: 'in', name }, 2: { value: 'out', name } } },
        unit: { enum: { C: { value: 'Cel', name }, F: { value: 'degF', name } } },
        heat: { unit: 'Cel', unitFrom: 'unit', round: 2 },
        places: {},
        fine: { scaleExp: 'places' },
        energy: { type: 'u64', scale: 1, kind: 'counter' },
        spelled: {},
        hex: {},
        text: { kind: 'text' },
        sum: { compute: 'fine + spelled' },
      },
      [
        {
          points: {
            on: { from: '$.a', map: { ON: true, OFF: false } },
            smoke: '$.zone',
            tamper: '$.zone',
            mode: '$.zone',
            bypass: { from: '$.flags', base: 2 },
            online: { from: '$.status', has: 'OL' },
            low: { from: '$.status', has: 'LB' },
            door: '$.door',
            way: { from: '$.w', map: { IN: '1', OUT: '2' } },
            unit: '$.TempUnit',
            heat: '$.t',
            places: '$.n',
            fine: '$.f',
            energy: '$.e',
            spelled: { from: ['$.s', '$.other'], base: 10 },
            hex: { from: '$.h', base: 16 },
            text: '$.text',
          },
        },
      ],
    );
    const set = {
      on: true,
      smoke: true,
      tamper: false,
      mode: 'test',
      bypass: true,
      online: true,
      low: true,
      door: 'closed',
      way: 'out',
      unit: 'degF',
      heat: 21.5,
      places: -2,
      fine: 3.25,
      spelled: 2.5,
      hex: 31,
      text: '一号楼',
    };
    expect(told(profile, { ...set, energy: '18446744073709551615' })).toEqual({
      ...set,
      energy: '18446744073709551615',
      sum: 5.75,
    });
  });

  it('all points of a channel whose messages each tell some', () => {
    const profile = mqtt({ motion: { kind: 'state' }, tamper: { kind: 'state' } }, [
      {
        when: { path: '$.type', equals: 'VMD' },
        points: { motion: { from: '$.state', map: { active: true, inactive: false } } },
      },
      {
        when: { path: '$.type', equals: 'shelteralarm' },
        points: { tamper: { from: '$.state', map: { active: true, inactive: false } } },
      },
    ]);
    expect(told(profile, { motion: true, tamper: true })).toEqual({ motion: true, tamper: true });
  });
  it('a point that is calculated cannot be set', () => {
    const profile = mqtt({ a: {}, b: { compute: 'a * 2' } }, [{ points: { a: '$.a' } }]);
    const device = new SimulatedDevice('d', profile, {}, () => 0.5);
    expect(() => device.set('b', 1)).toThrow(/calculated/);
    device.set('a', 4);
    expect(device.value('b', at)).toBe(8);
  });
});

describe('a simulated event is the event', () => {
  const maps = { codes: { '5/27': { type: 'door.forced', name }, '110': { type: 'fire.alarm', name } } };
  const happen = (profile: Profile, type: string) => {
    const device = new SimulatedDevice('d', profile, {}, () => 0.5);
    const { channel, payload } = eventMessage(device, type, { serial: 9, data: { who: '张' }, at });
    return compile(profile).decode(frame({ kind: 'message', channel, topic: '', payload }));
  };
  it.each<[string, object]>([
    ['of a code in two parts', { event: { code: ['$.a', '$.b'], map: 'codes', serial: '$.s', data: { who: '$.w' } } }],
    ['in XML', { as: 'xml', event: { code: ['$.e.a', '$.e.b'], map: 'codes', serial: '$.e.s', data: { who: '$.e.w' } } }],
    [
      'in a line',
      {
        as: ['lines', 'pairs'],
        each: { in: '$', event: { code: ['item.a', 'item.b'], map: 'codes', serial: 'item.s', data: { who: 'item.w' } } },
      },
    ],
    [
      'in a list',
      {
        when: { exists: '$.list' },
        each: {
          in: '$.list',
          when: { path: 'item.k', in: ['e'] },
          event: { code: ['item.a', 'item.b'], map: 'codes', serial: 'item.s', data: { who: 'item.w' } },
        },
      },
    ],
  ])('%s', (_name, branch) => {
    const { events } = happen(mqtt({}, [branch], { maps }), 'door.forced');
    expect(events).toMatchObject([{ type: 'door.forced', code: '5/27', serial: '9', data: { who: '张' } }]);
  });
  it('with its end', () => {
    const profile = mqtt(
      {},
      [
        {
          when: { path: '$.Code', equals: 'Alarm' },
          event: {
            when: { path: '$.action', in: ['Stop', 'Start'] },
            type: 'camera.alarm',
            end: { path: '$.action', equals: 'Stop' },
          },
        },
        { event: { code: '$.cid', map: 'codes', end: { path: '$.q', equals: 3 } } },
      ],
      { maps },
    );
    const types = eventTypes(profile);
    expect(types).toEqual(['camera.alarm', 'camera.alarm.end', 'fire.alarm', 'door.forced', 'fire.alarm.end', 'door.forced.end']);
    for (const type of types.filter((each) => !each.startsWith('door')))
      expect(happen(profile, type).events).toMatchObject([{ type }]);
  });
  /** What stands at a path is asked for by a condition, and is the code as well. */
  const shared: [string, object][] = [
    ['its own condition', { event: { when: { path: '$.a', in: ['x', 'y'] }, type: 'door.forced', code: '$.a' } }],
    ['its own, of one part', { event: { when: { path: '$.a', equals: 'x' }, type: 'door.forced', code: ['$.a', '$.b'] } }],
    ['that it is there', { when: { exists: '$.a' }, event: { when: { exists: '$.a' }, type: 'door.forced', code: '$.a' } }],
    ['that of the message', { when: { path: '$.a', equals: 'x' }, event: { type: 'door.forced', code: '$.a' } }],
    [
      'that of the record',
      { each: { in: '$.l', when: { path: 'item.a', in: [7] }, event: { type: 'door.forced', code: 'item.a' } } },
    ],
    ['its end', { event: { type: 'door.forced', code: '$.a', end: { path: '$.a', equals: 'shut' } } }],
    [
      'its own and its end',
      {
        event: {
          when: { path: '$.a', in: ['shut', 'open'] },
          type: 'door.forced',
          code: '$.a',
          end: { path: '$.a', equals: 'shut' },
        },
      },
    ],
    ['its own, of several codes', { event: { when: { path: '$.a', in: ['d2'] }, code: '$.a', map: 'doors' } }],
    ['that of the message, of several codes', { when: { path: '$.a', in: ['d2', 'z'] }, event: { code: '$.a', map: 'doors' } }],
    ['its end, of several codes', { event: { code: '$.a', map: 'doors', end: { path: '$.a', in: ['d1', 'd3'] } } }],
  ];
  it.each(shared)('though its code stands where a condition looks: %s', (_name, branch) => {
    const doors = { d1: { type: 'door.forced', name }, d2: { type: 'door.forced', name }, d3: { type: 'door.forced', name } };
    const profile = mqtt({}, [branch], { maps: { doors } });
    for (const type of eventTypes(profile)) {
      const { events, refused } = happen(profile, type);
      expect(refused).toBeUndefined();
      expect(events).toMatchObject([{ type }]);
      expect(events[0]?.code).toBeTruthy();
    }
  });
  it('with the device’s time in its own form', () => {
    const time = { from: '$.time', format: 'YYYY-MM-DD HH:mm:ss', zone: 'Europe/Berlin' };
    expect(happen(mqtt({}, [{ event: { type: 'x' } }], { time }), 'x').events).toMatchObject([{ type: 'x', deviceAt: at }]);
  });
});
