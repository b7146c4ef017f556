import { describe, expect, it } from 'vitest';
import { compile } from '../../../gateway/decode/decode.ts';
import { at, bytes, frame, message, mqtt, values } from './profile.ts';

const events = (branches: object[], payload: unknown, more: object = {}) =>
  compile(mqtt({}, branches, { maps: { codes: {} }, ...more })).decode(message(payload)).events;
const gb18030 = (hex: string) => Buffer.from(hex, 'hex');

describe('row 10: readings', () => {
  it('JSON in a JSON string (Aqara)', () => {
    const magnet = mqtt({ open: { kind: 'state' }, voltage: { unit: 'mV' } }, [
      {
        when: { path: '$.cmd', in: ['report', 'heartbeat'] },
        open: { '$.data': 'json' },
        points: { open: { from: '$.data.status', map: { open: true, close: false } }, voltage: '$.data.voltage' },
      },
    ]);
    const said = (data: string, cmd = 'report') => message({ cmd, model: 'magnet', sid: '158d0001', data });
    expect(values(magnet, said('{"status":"open"}'))).toEqual({ open: true });
    expect(values(magnet, said('{"voltage":3005}', 'heartbeat'))).toEqual({ voltage: 3005 });
    expect(values(magnet, said('{"status":"ajar"}'))).toEqual({ open: 'invalid-value' });
    expect(compile(magnet).decode(said('{"status":')).refused?.code).toBe('not-json');
    expect(compile(magnet).decode(said('{}', 'write')).refused?.code).toBe('no-branch');
  });

  it('TAB key=value, a record a line, each with its own time (ZKTeco rtlog)', () => {
    const branch = {
      as: ['lines', 'pairs'],
      when: { path: 'envelope.table', equals: 'rtlog' },
      each: {
        in: '$',
        time: { from: 'item.time', format: 'YYYY-MM-DD HH:mm:ss', zone: '+08:00' },
        event: {
          code: 'item.event',
          map: 'codes',
          serial: 'item.index',
          data: { pin: { from: 'item.pin', personal: true }, door: { from: 'item.eventaddr', base: 10 } },
        },
      },
    };
    const maps = {
      codes: { '0': { type: 'access.granted', name: { zh: '通过' } }, '27': { type: 'access.denied', name: { zh: '拒绝' } } },
    };
    const line = (time: string, event: number, index: number) =>
      `time=${time}\tpin=1001\tcardno=0\teventaddr=1\tevent=${event}\tinoutstatus=0\tverifytype=15\tindex=${index}`;
    const text = `${line('2017-01-10 11:49:32', 0, 42)}\r\n\r\n${line('2017-01-10 11:49:40', 27, 43)}\r\n`;
    const payload = new TextEncoder().encode(text);
    const from = (table: string) => frame({ kind: 'message', channel: 'up', topic: '', payload, envelope: { SN: 'A1', table } });
    const decoder = compile(mqtt({}, [branch], { maps }));
    expect(decoder.decode(from('rtlog')).events).toEqual([
      {
        type: 'access.granted',
        code: '0',
        serial: '42',
        at,
        deviceAt: Date.UTC(2017, 0, 10, 3, 49, 32),
        data: { pin: '1001', door: 1 },
      },
      {
        type: 'access.denied',
        code: '27',
        serial: '43',
        at,
        deviceAt: Date.UTC(2017, 0, 10, 3, 49, 40),
        data: { pin: '1001', door: 1 },
      },
    ]);
    expect(decoder.decode(from('ATTLOG')).refused?.code).toBe('no-branch');
  });

  it('TAB positional (ZKTeco ATTLOG)', () =>
    expect(
      events(
        [
          {
            as: ['lines', { columns: ['pin', 'time', 'status', 'verify', '_'] }],
            each: {
              in: '$',
              time: { from: 'item.time', format: 'YYYY-MM-DD HH:mm:ss' },
              event: { type: 'access.granted', data: { pin: 'item.pin' } },
            },
          },
        ],
        '78979877\t2026-07-11 10:15:00\t0\t1\t0\n',
      ),
    ).toEqual([{ type: 'access.granted', at, deviceAt: Date.UTC(2026, 6, 11, 2, 15), data: { pin: '78979877' } }]));

  it('k=v; with JSON behind the last key, whose value may hold = and ; (Dahua)', () => {
    const dahua = {
      as: { pairs: { between: ';', rest: 'data' } },
      open: { '$.data': 'json' },
      when: { path: '$.Code', equals: 'VideoMotion' },
      points: {
        motion: { from: '$.action', map: { Start: true, Stop: false } },
        region: '$.data.RegionName[0]',
        index: '$.index',
      },
    };
    const camera = mqtt({ motion: { kind: 'state' }, region: { kind: 'text' }, index: {} }, [dahua]);
    const text = 'Code=VideoMotion;action=Start;index=0;data={\n "Id" : [ 0 ],\n "RegionName" : [ "a=1;b=2" ]\n}\n';
    expect(values(camera, message(text))).toEqual({ motion: true, region: 'a=1;b=2', index: 0 });
    expect(values(camera, message('Code=VideoMotion;action=Stop;index=0'))).toEqual({ motion: false, index: 0 });
  });

  it('a form', () => {
    const form = mqtt({ temperature: {}, name: { kind: 'text' } }, [
      { as: 'form', points: { temperature: '$.t', name: '$.name' } },
    ]);
    expect(values(form, message('t=21.5&name=%E4%B8%80%E5%8F%B7+%E6%A5%BC'))).toEqual({ temperature: 21.5, name: '一号 楼' });
  });

  it('XML: a namespace that differs between versions, a raw &, numbers spelled as text (Hikvision)', () => {
    const camera = mqtt({ motion: { kind: 'state' }, count: {} }, [
      {
        as: 'xml',
        when: { path: '$.EventNotificationAlert.eventType', in: ['VMD', 'fielddetection'] },
        points: {
          motion: { from: '$.EventNotificationAlert.eventState', map: { active: true, inactive: false } },
          count: '$.EventNotificationAlert.activePostCount',
        },
      },
    ]);
    const text = (ns: string) =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<EventNotificationAlert version="2.0" xmlns="${ns}"><ipAddress>10.0.0.2</ipAddress><activePostCount>3</activePostCount><eventType>VMD</eventType><eventState>active</eventState><channelName>A & B</channelName></EventNotificationAlert>`;
    expect(values(camera, message(text('http://www.hikvision.com/ver20/XMLSchema')))).toEqual({ motion: true, count: 3 });
    expect(values(camera, message(text('http://www.isapi.org/ver20/XMLSchema')))).toEqual({ motion: true, count: 3 });
    expect(compile(camera).decode(message(text('x').slice(0, -5))).refused?.code).toBe('not-xml');
    expect(compile(camera).decode(message('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).refused?.code).toBe('xml-dtd');
  });

  it('an item of a list by its name, one or many (ONVIF)', () => {
    const motion = mqtt({ motion: { kind: 'state' } }, [
      { as: 'xml', points: { motion: "$.Message.Data.SimpleItem[?@.Name=='IsMotion'].Value" } },
    ]);
    const items = ['<tt:SimpleItem Name="Score" Value="3"/>', '<tt:SimpleItem Name="IsMotion" Value="true"/>'];
    const said = (inner: string) => message(`<tt:Message xmlns:tt="x"><tt:Data>${inner}</tt:Data></tt:Message>`);
    expect(values(motion, said(items.join('')))).toEqual({ motion: true });
    expect(values(motion, said(items[1] as string))).toEqual({ motion: true });
    expect(values(motion, said(items[0] as string))).toEqual({});
  });

  it('XML in GB 2312 (GB/T 28181)', () => {
    const alarm = [
      {
        as: ['gb18030', 'xml'],
        when: { path: '$.Notify.CmdType', equals: 'Alarm' },
        event: {
          code: ['$.Notify.AlarmPriority', '$.Notify.AlarmMethod'],
          map: 'codes',
          data: { text: '$.Notify.AlarmDescription' },
        },
      },
    ];
    const time = { from: '$.Notify.AlarmTime', format: 'YYYY-MM-DDTHH:mm:ss' };
    const payload = Buffer.concat([
      Buffer.from(
        '<?xml version="1.0" encoding="GB2312"?><Notify><CmdType>Alarm</CmdType><AlarmPriority>4</AlarmPriority><AlarmMethod>2</AlarmMethod><AlarmTime>2009-12-04T16:23:32</AlarmTime><AlarmDescription>',
      ),
      gb18030('bbf0beaf'),
      Buffer.from('</AlarmDescription></Notify>'),
    ]);
    const { events: happened } = compile(mqtt({}, alarm, { time, maps: { codes: {} } })).decode(
      frame({ kind: 'message', channel: 'up', topic: '', payload }),
    );
    expect(happened).toEqual([
      { type: 'unknown', code: '4/2', at, deviceAt: Date.UTC(2009, 11, 4, 8, 23, 32), data: { text: '火警' } },
    ]);
  });

  it('text in base64: a licence plate (V38)', () => {
    const plate = {
      open: { '$.license': ['base64', 'utf8'] },
      event: { type: 'plate.seen', data: { plate: { from: '$.license', personal: true } } },
    };
    expect(events([plate], { license: 'QjI4ODRTQ1A=' })).toMatchObject([{ data: { plate: 'B2884SCP' } }]);
    expect(events([plate], { license: '57KkQkYxMjM0NQ==' })).toMatchObject([{ data: { plate: '粤BF12345' } }]);
    const refused = compile(mqtt({}, [plate])).decode(message({ license: '%%%' })).refused;
    expect(refused?.code).toBe('not-bytes');
  });

  it('columns behind a bracket, bits among them (V36: a UPS with Q1)', () => {
    const ups = mqtt(
      {
        input: { unit: 'V' },
        output: { unit: 'V' },
        load: { unit: '%' },
        frequency: { unit: 'Hz' },
        battery: { unit: 'V' },
        temperature: { unit: 'Cel' },
        bypass: { kind: 'state', bits: { shift: 5 } },
        test: { kind: 'state', bits: { shift: 2 } },
        standby: { kind: 'state', bits: { shift: 3 } },
      },
      [
        {
          as: {
            columns: ['input', 'fault', 'output', 'load', 'frequency', 'battery', 'temperature', 'flags'],
            between: ' ',
            after: '(',
          },
          points: {
            ...Object.fromEntries(
              ['input', 'output', 'load', 'frequency', 'battery', 'temperature'].map((id) => [id, `$.${id}`]),
            ),
            ...Object.fromEntries(['bypass', 'test', 'standby'].map((id) => [id, { from: '$.flags', base: 2 }])),
          },
        },
      ],
    );
    expect(values(ups, message('(215.0 195.0 230.0 014 49.0 2.27 30.0 00101000\r'))).toEqual({
      input: 215,
      output: 230,
      load: 14,
      frequency: 49,
      battery: 2.27,
      temperature: 30,
      bypass: true,
      test: false,
      standby: true,
    });
  });

  it('keys with . and : (Tasmota, Shelly)', () => {
    const odd = mqtt({ pm: { unit: 'ug/m3' }, on: { kind: 'state' } }, [
      { points: { pm: "$.PMS5003['PM2.5']", on: "$.params['switch:0'].output" } },
    ]);
    expect(values(odd, message({ PMS5003: { 'PM2.5': 2 }, params: { 'switch:0': { output: true } } }))).toEqual({
      pm: 2,
      on: true,
    });
  });

  it('a bare word on a topic of its own (Shelly Gen1)', () => {
    const flood = mqtt({ leak: { kind: 'state' } }, [{ as: 'text', points: { leak: '$' } }]);
    expect(values(flood, message('true'))).toEqual({ leak: true });
    expect(values(flood, message('TRUE'))).toEqual({ leak: 'wrong-type' });
  });

  it('what a codec has taken apart, numbers spelled as text where the profile says that it was XML', () => {
    const taken = mqtt({ count: {} }, [{ as: 'xml', points: { count: '$.n' } }]);
    expect(values(taken, frame({ kind: 'fields', channel: 'up', fields: { n: '3' } }))).toEqual({ count: 3 });
    expect(
      values(mqtt({ count: {} }, [{ points: { count: '$.n' } }]), frame({ kind: 'fields', channel: 'up', fields: { n: '3' } })),
    ).toEqual({ count: 'wrong-type' });
  });

  it('no more than 1024 records of one message', () => {
    const list = [{ each: { in: '$', event: { type: 'x' } } }];
    expect(
      events(
        list,
        Array.from({ length: 1024 }, () => ({})),
      ),
    ).toHaveLength(1024);
    expect(compile(mqtt({}, list)).decode(message(Array.from({ length: 1025 }, () => ({})))).refused?.code).toBe('too-many');
    const lines = [{ as: ['lines', 'pairs'], each: { in: '$', event: { type: 'x' } } }];
    expect(compile(mqtt({}, lines)).decode(message('a=1\n'.repeat(1025))).refused?.code).toBe('too-many');
  });

  it('no message longer than 256 KB, or than the profile says', () => {
    const picture = message({ a: 1, image: 'x'.repeat(300 * 1024) });
    const branch = [{ points: { a: '$.a' } }];
    expect(compile(mqtt({ a: {} }, branch)).decode(picture).refused?.code).toBe('too-large');
    expect(values(mqtt({ a: {} }, branch, { maxMessageKb: 512 }), picture)).toEqual({ a: 1 });
  });
});

describe('row 11: alternatives', () => {
  const two = mqtt({ pressure: {}, state: { kind: 'text' } }, [
    { when: { exists: '$.object' }, points: { pressure: '$.object.p' } },
    {
      when: [{ absent: '$.object' }, { path: '$.fPort', equals: 85 }],
      open: { '$.data': ['base64', { order: 'little', tlv: { '03 7B': { p: 's16' } } }] },
      points: { pressure: '$.data.p' },
    },
    { when: { path: '$.kind', in: ['join', 'ack'] } },
    { as: 'text', points: { state: '$' } },
  ]);
  it('the codec of the network server, or its bytes', () => {
    expect(values(two, message({ object: { p: 1 }, fPort: 85, data: 'A3sKAA==' }))).toEqual({ pressure: 1 });
    expect(values(two, message({ fPort: 85, data: 'A3sKAA==' }))).toEqual({ pressure: 10 });
    expect(values(two, message({ fPort: '85', data: 'A3sKAA' }))).toEqual({ pressure: 10 });
  });
  it('messages that say nothing, and are no fault', () =>
    expect(compile(two).decode(message({ kind: 'join' }))).toEqual({ readings: [], events: [] }));
  it('another form when it is not JSON', () => expect(values(two, message('online'))).toEqual({ state: 'online' }));
  it('either of two places', () => {
    const either = mqtt({ t: {} }, [{ points: { t: { from: ['$.temperature', '$.temp'] } } }]);
    expect(values(either, message({ temp: 1 }))).toEqual({ t: 1 });
    expect(values(either, message({ temp: 1, temperature: 2 }))).toEqual({ t: 2 });
  });
  it('asked of the inside of an opened part only when it is opened', () => {
    const inside = mqtt({ a: {}, b: {} }, [
      { open: { '$.d': 'json' }, when: { path: '$.d.k', equals: 'a' }, points: { a: '$.d.v' } },
      { open: { '$.d': 'json' }, when: { path: '$.d.k', equals: 'b' }, points: { b: '$.d.v' } },
    ]);
    expect(values(inside, message({ d: '{"k":"b","v":7}' }))).toEqual({ b: 7 });
  });
});

describe('bytes on the wire', () => {
  it('a fixed layout', () => {
    const fixed = mqtt({ t: { scale: 0.1 }, id: { kind: 'text' }, text: { kind: 'text' } }, [
      {
        as: {
          struct: {
            head: 2,
            t: 's16',
            id: { type: 'string', length: 3, encoding: 'hex' },
            text: { type: 'string', length: 'rest', encoding: 'utf8' },
          },
        },
        points: { t: '$.t', id: '$.id', text: '$.text' },
      },
    ]);
    expect(values(fixed, bytes('FFFF FF9B 00A1B2 E4B880'))).toEqual({ t: -10.1, id: '00A1B2', text: '一' });
    expect(compile(fixed).decode(bytes('FFFF FF')).refused?.code).toBe('cut-off');
  });
});
