import { profileFrom } from '@yihu/device-profiles/library/parse.ts';

const name = { zh: '点', en: 'point' };
const base = {
  schema: 'yihu-profile/1',
  version: '1.0.0',
  maker: { zh: '测试', en: 'Test' },
  model: 'T1',
  sources: ['made for this test'],
  confidence: 'normalised',
} as const;

/** Every wire type, in every order, with parts of registers and an exponent from another point. */
export const meter = profileFrom({
  ...base,
  id: 'test.meter',
  name: { zh: '电表' },
  category: 'meter.electricity',
  transport: { protocol: 'modbus', modes: ['tcp', 'rtu-over-tcp'], unitId: { default: 1 } },
  defaults: { table: 'holding', addressing: 'one-based' },
  groups: { fast: { every: '1s' } },
  availability: { offlineAfter: '1m' },
  points: {
    voltage: { name, unit: 'V', at: 1, type: 'u16', scale: 0.1, simulate: { from: 215, to: 235 } },
    power: { name, unit: 'W', at: 2, type: 's32', order: 'CDAB', scale: 0.1, simulate: { from: -100, to: 900 } },
    energy: { name, unit: 'kW.h', at: 4, type: 'u64', kind: 'counter', scale: 0.01, simulate: { from: 100, to: 200 } },
    frequency: { name, unit: 'Hz', at: 8, type: 'f32', order: 'BADC', simulate: { from: 49.9, to: 50.1 } },
    factor: { name, at: 10, type: 'f64', order: 'DCBA', simulate: { from: 0.5, to: 1 } },
    current: { name, unit: 'A', at: 14, type: 'u16', scaleExp: 'exponent', simulate: { from: 1, to: 9 } },
    exponent: { name, at: 15, type: 's16', simulate: { from: -2, to: -2 } },
    serial: { name, at: 16, type: 'string', length: 4, kind: 'text' },
    mode: {
      name,
      at: 20,
      type: 'u16',
      bits: { shift: 4, width: 3 },
      enum: { 1: { value: 'run', name }, 2: { value: 'stop', name } },
    },
    fault: { name, at: 20, type: 'bit', bits: { shift: 0 }, kind: 'state' },
    reading: { name, at: 21, type: 'bcd32', scale: 0.01 },
    relay: { name, at: 1, table: 'coil', type: 'bit', kind: 'state' },
    door: { name, at: 3, table: 'discrete', type: 'bit', kind: 'state' },
    warm: { name, unit: 'Cel', at: 5, table: 'input', type: 's8', byte: 'high', offset: -40 },
  },
  vectors: [{ name: 'v', origin: 'synthetic', given: { table: 'holding', start: 0, words: [2200] }, expect: { voltage: 220 } }],
});

/** JSON with awkward keys, a bare word, an event by code, a last will and the device's own time. */
export const detector = profileFrom({
  ...base,
  id: 'test.detector',
  name: { zh: '烟感' },
  category: 'fire.smoke',
  transport: {
    protocol: 'mqtt',
    identity: { name: 'id', pattern: '[a-z0-9-]{1,32}', label: { zh: '编号' } },
    topics: {
      state: { filter: 'app/+/{id}/state' },
      flood: { filter: 'app/{id}/flood' },
      event: { filter: 'app/{id}/event' },
      status: { filter: 'app/{id}/status' },
    },
  },
  groups: { report: { every: '30s' } },
  availability: { offlineAfter: '25h', will: { channel: 'status', online: 'online', offline: 'offline' } },
  points: {
    smoke: { name, kind: 'state' },
    dust: { name, unit: 'ug/m3', simulate: { from: 5, to: 60 } },
    battery: { name, unit: '%', scale: 0.5, simulate: { from: 80, to: 100 } },
    flood: { name, kind: 'state' },
    mode: { name, enum: { a: { value: 'armed', name }, d: { value: 'disarmed', name } } },
  },
  decode: {
    state: [
      {
        when: { path: "$['kind.of']", equals: 'state' },
        points: { smoke: '$.smoke', dust: "$.PMS['PM2.5']", battery: '$.list[1].b', mode: '$.mode' },
      },
    ],
    flood: [{ as: 'text', points: { flood: { from: '$', map: { wet: true, dry: false } } } }],
    event: [{ event: { code: '$.event.code', map: 'codes', serial: '$.event.no', data: { card: '$.event.card' } } }],
  },
  maps: { codes: { '7': { type: 'door.forced', name }, x9: { type: 'button.pressed', name } } },
  time: { from: '$.time', format: 'rfc3339' },
  vectors: [{ name: 'v', origin: 'synthetic', given: { channel: 'flood', text: 'wet' }, expect: { flood: true } }],
});
