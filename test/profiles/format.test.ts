import { bindProfile } from '@yihu/device-profiles/library/bind.ts';
import { checkProfile } from '@yihu/device-profiles/library/check.ts';
import { missingChildren } from '@yihu/device-profiles/library/check-children.ts';
import { chooseVariant, probeProfile } from '@yihu/device-profiles/library/choose-variant.ts';
import { counterSpan } from '@yihu/device-profiles/library/counter.ts';
import { missedSerials } from '@yihu/device-profiles/library/backfill.ts';
import { loadText } from '@yihu/device-profiles/library/load.ts';
import { profilesOfModel } from '@yihu/device-profiles/library/models.ts';
import { parseProfile, profileFrom } from '@yihu/device-profiles/library/parse.ts';
import { personalOf } from '@yihu/device-profiles/library/personal.ts';
import { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { convert, isConvertible, type Unit, units } from '@yihu/device-profiles/vocabulary/units.ts';
import { describe, expect, it } from 'vitest';
import { proveProfile } from '../../gateway/prove.ts';

/** What a profile may say, and what its author is told: the rows of the format that are not the decoder's. */

const base = {
  schema: 'yihu-profile/1',
  id: 'test.device',
  version: '1.0.0',
  name: { zh: '测试设备', en: 'Test device' },
  maker: { zh: '示例厂', en: 'Example maker' },
  model: 'T1',
  category: 'water.level',
  sources: ['this test, page 1'],
  confidence: 'normalised',
  availability: { offlineAfter: '5m' },
};
const level = { name: { zh: '水位', en: 'Level' }, unit: 'm' };
const state = { name: { zh: '运行', en: 'Running' }, kind: 'state' };

const messages = {
  ...base,
  transport: {
    protocol: 'mqtt',
    identity: { name: 'id', pattern: '^[a-z]+$', label: { zh: '编号', en: 'Number' } },
    topics: { up: { filter: 'x/{id}/up' } },
  },
  points: { level },
  decode: { up: [{ points: { level: '$.l' } }] },
  vectors: [{ name: 'one', origin: 'synthetic', given: { channel: 'up', json: { l: 1 } }, expect: { level: 1 } }],
};
const registers = {
  ...base,
  transport: { protocol: 'modbus', modes: ['tcp'], unitId: { default: 1 } },
  defaults: { table: 'input' },
  groups: { fast: { every: '10s' } },
  points: { level: { ...level, at: 0, type: 'u16', group: 'fast' } },
  vectors: [{ name: 'one', origin: 'synthetic', given: { table: 'input', start: 0, words: [1] }, expect: { level: 1 } }],
};

/** Everything that is wrong with a profile: `path: sentence`. */
function problems(more: object, of: object = messages): string[] {
  const parsed = parseProfile({ ...of, ...more });
  const findings = 'findings' in parsed ? parsed.findings : checkProfile(parsed.profile, 'test.device');
  for (const { zh } of findings) expect(zh).toMatch(/\p{Script=Han}.*[。？]$/u);
  return findings.map(({ path, en }) => `${path.join('.')}: ${en}`);
}

const points = (point: object, more: object = {}) => problems({ points: { level: { ...level, ...point } }, ...more });
const up = (branch: object, more: object = {}) => problems({ decode: { up: [branch] }, ...more });
const event = { type: 'x' };
const named = { x: { zh: '事件', en: 'Event' } };
const rule = { name: { zh: '水位过高', en: 'Level high' }, point: 'level', severity: 'minor', hazard: 'water' };

it('the two profiles these are made of are right', () => {
  expect(problems({})).toEqual([]);
  expect(problems({}, registers)).toEqual([]);
});

describe('row 5, 6, 29: what points take from others', () => {
  it.each<[object, string]>([
    [{ scaleExp: 'gone' }, 'points.level.scaleExp: There is no point "gone".'],
    [{ unitFrom: 'gone' }, 'points.level.unitFrom: There is no point "gone".'],
    [{ kind: 'gauge', wrap: { bits: 32 } }, 'points.level.wrap: Only a counter (kind: counter) wraps.'],
    [{ maxRate: 5 }, 'points.level.maxRate: Only a counter (kind: counter) has a highest rate.'],
    [{ type: 'time6' }, 'points.level.kind: A time is kind: text.'],
    [{ skip: 2 }, 'points.level.skip: skip is for points whose at is the key of an item.'],
    [{ compute: 'level * 2' }, 'points.level.compute: There is no point or parameter "level".'],
    [{ compute: '2 * 3' }, 'points.level.compute: No point stands in the expression.'],
  ])('%j', (point, sentence) => expect(points(point)).toContain(sentence));

  const other = (compute: string, point: object = {}, params: object = {}) =>
    problems({
      points: {
        level,
        mm: { ...level, name: { zh: '毫米', en: 'Depth' }, unit: 'mm' },
        on: state,
        out: { name: { zh: '结果', en: 'Result' }, compute, ...point },
      },
      decode: { up: [{ points: { level: '$.l', mm: '$.m', on: '$.o' } }] },
      params,
    });
  it.each<[string, object, string[]]>([
    ['level / 3 * 100', { unit: '%' }, []],
    ['max(level, 0.5)', { unit: 'm' }, []],
    ['if(on, level, 0)', { unit: 'm' }, []],
    ['on and level > 2', { kind: 'state' }, []],
    ['level + mm', { unit: 'm' }, ['points.out.compute: m and mm cannot be added or compared.']],
    ['level > mm', { kind: 'state' }, ['points.out.compute: m and mm cannot be added or compared.']],
    ['level + 1', { unit: 'cm' }, ['points.out.unit: The expression gives m and not cm.']],
    ['level > 2', {}, ['points.out.kind: A result that is yes or no is kind: state, and a number is not.']],
    ['level * ', {}, ['points.out.compute: The expression is not complete.']],
    ['level ** 2', {}, ['points.out.compute: "*" does not belong here in the expression.']],
    ['level; process.exit()', {}, ['points.out.compute: ";" does not belong here in the expression.']],
    ['sqrt(level)', {}, ['points.out.compute: There is no function sqrt; there are: min, max, abs, round, if.']],
    ['if(level, 1)', {}, ['points.out.compute: if takes 3 to 3 arguments.']],
    ['level + gone', { unit: 'm' }, ['points.out.compute: There is no point or parameter "gone".']],
    [`${'('.repeat(30)}level${')'.repeat(30)}`, {}, ['points.out.compute: The expression is nested too deep.']],
  ])('compute %s', (compute, point, expected) => expect(other(compute, point)).toEqual(expected));

  it('what a value depends on must be read with it', () => {
    const far = { ...registers.points.level, at: 500, name: { zh: '倍率', en: 'Exponent' }, unit: '1' };
    const near = { ...registers.points.level, scaleExp: 'far' };
    expect(problems({ points: { level: near, far } }, registers)).toEqual([
      'points.level.scaleExp: "far" must be in the same table and group and near enough to be read at once.',
    ]);
    const sum = { name: { zh: '和', en: 'Sum' }, compute: 'level * far' };
    expect(problems({ points: { level: registers.points.level, far, sum } }, registers)).toEqual([
      'points.level.at: "far" must be in the same table and group and near enough to be read at once.',
      'points.far.at: "level" must be in the same table and group and near enough to be read at once.',
    ]);
  });
});

describe('row 9, 10, 11, 13, 14: messages', () => {
  it.each<[object, string]>([
    [{ points: { gone: '$.g' } }, 'decode.up.0.points.gone: There is no point "gone".'],
    [{ points: { level: 'item.l' } }, 'decode.up.0.points.level: "item.l" has a meaning inside of each only.'],
    [{ points: { level: '$l' } }, "decode.up.0.points.level: Must be a path such as $.a.b[0]['c.d'], item.a or envelope.a."],
    [
      { points: { level: { from: '$.l', has: 'OL' } } },
      'decode.up.0.points.level: has says yes or no; the point must be kind: state.',
    ],
    [
      { points: { level: { from: '$.l', map: { a: 'b' } } } },
      'decode.up.0.points.level.map.a: The point takes a number, "b" is not.',
    ],
    [{ points: { level: { from: '$.l', map: { a: 1 }, base: 10 } } }, 'decode.up.0.points.level: Use map or base, not both.'],
    [
      { points: { level: { from: '$.l', map: { a: 1 }, scale: 0.1 } } },
      'decode.up.0.points.level: scale is for numbers, and not beside map.',
    ],
    [{ points: { level: { from: '$.l', scale: 0 } } }, 'decode.up.0.points.level: A scale of 0 makes every value 0.'],
    [
      { as: ['json', 'xml'], points: { level: '$.l' } },
      'decode.up.0.as.1: This step reads text and is given what is read already.',
    ],
    [
      { as: 'base64', points: { level: '$.l' } },
      'decode.up.0.as: This ends in bytes; go on with struct, tlv or an encoding (utf8, gb18030).',
    ],
    [
      { open: { '$.d': [{ tlv: { '01': { a: 'u8' } } }] }, points: { level: '$.d.a' } },
      'decode.up.0.open.$.d.0: This step reads bytes and is given text.',
    ],
    [{ open: { 'item.d': 'json' }, points: { level: '$.l' } }, 'decode.up.0.open.item.d: The path must begin with $ here.'],
    [{ as: { columns: ['a', 'b', 'a'] }, points: { level: '$.a' } }, 'decode.up.0.as.columns: The column "a" is there twice.'],
    [
      { as: { tlv: { '01 7': { a: 'u8' } } }, points: { level: '$.a' } },
      'decode.up.0.as.tlv.01 7: The id must be bytes in hex, such as "01 75".',
    ],
    [
      { as: { tlv: { '01 75': { a: 'u8' }, '02': { b: 'u8' } } }, points: { level: '$.a' } },
      'decode.up.0.as.tlv.02: All ids must have the same number of bytes.',
    ],
    [
      { as: { tlv: { '01 75': { a: 'u8' }, '0175': { b: 'u8' } } }, points: { level: '$.a' } },
      'decode.up.0.as.tlv.0175: This id is there twice.',
    ],
    [
      { as: { tlv: { '01': { a: { type: 'string', length: 'rest' } } } }, points: { level: '$.a' } },
      'decode.up.0.as.tlv.01.a: It takes all there is, so it must be the last field of bytes whose end is known.',
    ],
    [{ as: { struct: { a: 'string' } }, points: { level: '$.a' } }, 'decode.up.0.as.struct.a: A string needs its length.'],
    [
      { as: { struct: { a: { type: 'u8', parts: { b: [4, 5] } } } }, points: { level: '$.b' } },
      'decode.up.0.as.struct.a.parts.b: Reaches past the 8 bits of u8.',
    ],
    [
      { as: { struct: { a: { by: 'k', cases: { 1: 'u8' } }, k: 'u8' } }, points: { level: '$.a' } },
      'decode.up.0.as.struct.a.by: There is no field "k" before this one.',
    ],
    [
      { as: { struct: { a: { list: { b: 'u8' } }, c: 'u8' } }, points: { level: '$.c' } },
      'decode.up.0.as.struct.a: It takes all there is, so it must be the last field of bytes whose end is known.',
    ],
    [
      { points: { level: '$.l' }, each: { in: '$.h', historical: true, points: { level: 'item.l' } } },
      'decode.up.0.each: A kept record needs its own time (time).',
    ],
    [{ points: { level: '$.l' }, each: { in: '$.h' } }, 'decode.up.0.each: Nothing is taken of the records (points or event).'],
    [{ points: { level: '$.l' }, event: { code: '$.c' } }, 'decode.up.0.event: An event needs a fixed type, or code and map.'],
    [
      { points: { level: '$.l' }, event: { code: '$.c', map: 'none' } },
      'decode.up.0.event.map: There is no map named "none" (maps).',
    ],
    [
      { points: { level: '$.l' }, event: { type: 'x.end' } },
      'decode.up.0.event.type: .end is put behind by `end`; do not write it.',
    ],
    [
      { points: { level: '$.l' }, event: [event, { type: 'y', code: 'item.c' }] },
      'decode.up.0.event.1.code: "item.c" has a meaning inside of each only.',
    ],
  ])('%j', (branch, sentence) => expect(up(branch)).toContain(sentence));

  it('branches that are never reached', () => {
    const open = { points: { level: '$.l' } };
    const hidden = 'decode.up.1: The branch before has no condition (when), so this one is never reached.';
    expect(problems({ decode: { up: [open, open] } })).toEqual([hidden]);
    expect(
      problems({
        decode: {
          up: [
            { as: 'text', ...open },
            { as: 'json', ...open },
          ],
        },
      }),
    ).toEqual([hidden]);
    expect(problems({ decode: { up: [open, { as: 'text', ...open }] } })).toEqual([]);
    expect(problems({ decode: { up: [{ when: { exists: '$.a' }, ...open }, open] } })).toEqual([]);
  });
  it('times and keys', () => {
    expect(problems({ time: { from: 'item.t', format: 'rfc3339' } })).toEqual([
      'time.from: "item.t" has a meaning inside of each only.',
    ]);
    expect(problems({ time: { from: '$.t', format: 'hh:mm' } })).toEqual([
      'time.format: Must be rfc3339, unix-s, unix-ms or a layout such as YYYY-MM-DD HH:mm:ss.',
    ]);
    expect(problems({ zone: 'Asia/Shanghi' })).toEqual([
      'zone: There is no time zone "Asia/Shanghi"; write +08:00 or a name such as Asia/Shanghai.',
    ]);
    expect(problems({ zone: 'Asia/Shanghai' })).toEqual([]);
    expect(problems({ dedupe: { key: ['item.id'], window: '1h' } })).toEqual([
      'dedupe.key.0: "item.id" has a meaning inside of each only.',
    ]);
  });
  it('an end of an event has a name of its own, and the alarm says so', () => {
    const ending = { points: { level: '$.l' }, event: { type: 'x', end: { path: '$.a', equals: 'Stop' } } };
    const { name, severity, hazard } = rule;
    const alarm = (more: object) => ({ a: { name, severity, hazard, event: 'x', ...more } });
    expect(up(ending, { events: named, alarms: alarm({ clearEvent: 'x.end' }) })).toEqual([]);
    expect(up(ending, { events: named, alarms: alarm({}) })).toEqual([
      'alarms.a.clearEvent: This event has an end; write clearEvent: x.end.',
    ]);
    expect(profileFrom({ ...messages, decode: { up: [ending] }, events: named }).events).toEqual({
      x: named.x,
      'x.end': { zh: '事件（恢复）', en: 'Event (over)' },
    });
  });
});

describe('row 13: a gap in the serials', () => {
  const door = profileFrom({ ...messages, backfill: { most: 100 } });
  it.each([
    ['7', '8', undefined],
    ['7', '10', { from: 8, to: 9 }],
    ['7', '1000', { from: 900, to: 999 }],
    ['7', '3', undefined],
    ['a', '9', undefined],
  ])('%s, then %s', (last, next, gap) => expect(missedSerials(door, last, next)).toEqual(gap));
  it('is nothing to a profile that cannot ask', () => expect(missedSerials(profileFrom(messages), '1', '9')).toBeUndefined());
});

describe('row 15: availability', () => {
  const availability = (more: object, of: object = messages) => problems({ availability: { offlineAfter: '5m', ...more } }, of);
  it('is late after two and a half times the expected silence', () => {
    const of = (more: object) =>
      profileFrom({ ...messages, availability: { expectEvery: '10m', offlineAfter: '25h', ...more } }).availability.lateAfter;
    expect(of({})).toBe(25 * 60_000);
    expect(of({ lateAfter: '1h' })).toBe(3_600_000);
    expect(of({ offlineAfter: '20m' })).toBeUndefined();
  });
  it.each<[object, string]>([
    [{ expectEvery: '6m' }, 'availability.expectEvery: expectEvery must be shorter than offlineAfter.'],
    [{ beat: { point: 'gone', within: '10s' } }, 'availability.beat.point: There is no point "gone".'],
    [
      { beat: { point: 'level', within: '10m' } },
      'availability.beat.within: The time of the beat must not be longer than offlineAfter.',
    ],
    [{ liveness: ['gone'] }, 'availability.liveness.0: There is no topic named "gone".'],
  ])('%j', (more, sentence) => expect(availability(more)).toEqual([sentence]));
  it('a device that is polled does not sleep', () =>
    expect(availability({ sleeping: true }, registers)).toEqual([
      'availability.sleeping: A device that is polled does not sleep.',
    ]));
  it('a fire device is shown as lost within 25 hours', () =>
    expect(problems({ category: 'fire.smoke', availability: { offlineAfter: '26h' } })).toContain(
      'availability.offlineAfter: A fire device must be shown as lost within 25h (GB/T 45839-2025 5.5.2).',
    ));
});

describe('row 16: counters', () => {
  it.each([
    [{ wrap: { bits: 32 } }, 4294967296],
    [{ wrap: { bits: 32 }, scale: 0.01 }, 42949672.96],
    [{ wrap: { digits: 8 }, scale: 0.01 }, 1_000_000],
    [{ wrap: 999.9 }, 999.9],
    [{ wrap: 'none' as const }, undefined],
    [{}, undefined],
  ])('%j', (point, span) => expect(counterSpan(point)).toBe(span));
});

describe('row 18: alarms', () => {
  const alarm = (more: object) => problems({ alarms: { a: { ...rule, ...more } } });
  const polled = (more: object) => problems({ alarms: { a: { ...rule, ...more } } }, registers);
  it.each<[object]>([
    [{ stuck: '24h' }],
    [{ step: 10, within: '1m', autoClear: '10m' }],
    [{ above: 3, clear: 2.5, repeat: { times: 3, within: '24h' } }],
  ])('%j is right', (more) => expect(alarm(more)).toEqual([]));
  it.each<[object, string]>([
    [{ above: 3, clear: 3 }, 'alarms.a.clear: clear must be below 3, or the alarm will flutter.'],
    [{ stuck: '24h', for: '1h' }, 'alarms.a.stuck: How long is what stuck says; leave out for and samples.'],
    [{ stuck: '24h', repeat: { times: 2, within: '1d' } }, 'alarms.a.repeat: A silence is not counted; leave out repeat.'],
    [{ step: 10, for: '1m' }, 'alarms.a.for: A step has no duration; leave out for.'],
    [{ is: ['a', 'b'] }, 'alarms.a.is: level is a number, "a" is not.'],
  ])('%j', (more, sentence) => expect(alarm(more)).toContain(sentence));
  it('a value is unchanged for two polls at least', () =>
    expect(polled({ stuck: '15s' })).toEqual(['alarms.a.stuck: It takes at least two poll periods to be unchanged.']));
  it('a step that is as wide as the range is none', () =>
    expect(problems({ points: { level: { ...level, valid: [0, 10] } }, alarms: { a: { ...rule, step: 10 } } })).toEqual([
      'alarms.a.step: The step is as wide as the valid range and is never reached.',
    ]));
  it('one of several values', () => {
    const modes = {
      ...state,
      enum: Object.fromEntries(
        ['fire', 'fault', 'ok'].map((value) => [value, { value, name: { zh: `状态${value}`, en: value } }]),
      ),
    };
    const is = (value: unknown) =>
      problems({
        points: { level, mode: modes },
        decode: { up: [{ points: { level: '$.l', mode: '$.m' } }] },
        alarms: { a: { ...rule, point: 'mode', is: value } },
      });
    expect(is(['fire', 'fault'])).toEqual([]);
    expect(is(['fire', 'smoke'])).toEqual(['alarms.a.is: mode has no value "smoke" (fire, fault, ok).']);
  });
  it.each<[object, string[]]>([
    [{ point: 'level', is: 3 }, []],
    [{ point: 'level', is: true }, ['testMode.is: level is a number, "true" is not.']],
    [{ point: 'gone', is: true }, ['testMode.point: There is no point "gone".']],
    [{ event: 'x', for: '30m' }, []],
    [{ event: 'x', clearEvent: 'y' }, ['testMode.clearEvent: No message gives the event "y".']],
    [{ event: 'x' }, ['testMode.event: Say when it is over (clearEvent or for), or the test never ends.']],
  ])('test mode %j', (testMode, expected) =>
    expect(up({ points: { level: '$.l' }, event }, { events: named, testMode })).toEqual(expected),
  );
});

describe('row 19: commands', () => {
  const open = { name: { zh: '开门', en: 'Open the door' }, do: { topic: 'x/{id}/cmd', payload: '{"open":{door}}' } };
  const door = { name: { zh: '门号', en: 'Door' }, type: 'number', min: 1, max: 4 };
  const command = (more: object) => problems({ commands: { open: { ...open, args: { door }, ...more } } });
  it('with its arguments and its proof is right', () =>
    expect(command({ verify: { point: 'level', is: 3 }, confirm: 'two-person' })).toEqual([]));
  it('may be shown by another point for each channel, every one of which exists', () => {
    const channels = (max: number) => ({ args: { door: { ...door, max } }, verify: { point: 'level_{door}', is: '{door}' } });
    const two = [1, 2].map((n) => `level_${n}`);
    const given = {
      points: {
        level,
        ...Object.fromEntries(two.map((id, i) => [id, { ...level, name: { zh: `液位 ${i}`, en: `Level ${i}` } }])),
      },
      decode: { up: [{ points: { level: '$.l', level_1: '$.a', level_2: '$.b' } }] },
    };
    const found = (max: number) => problems({ ...given, commands: { open: { ...open, ...channels(max) } } });
    expect(found(3)).toEqual(['commands.open.verify: There is no point "level_3".']);
    expect(found(2)).toEqual([]);
  });
  it.each<[object, string]>([
    [{ args: {} }, 'commands.open.do: There is no argument "door" (args).'],
    [{ args: { door, time: door } }, 'commands.open.args: The argument "time" is not used.'],
    [{ args: { door: { ...door, min: 5 } } }, 'commands.open.args: The argument "door" has min above max.'],
    [{ args: { door: { ...door, min: undefined } } }, 'commands.open.args: The number "door" needs min and max, or choices.'],
    [
      { args: { door: { ...door, type: 'text' } } },
      'commands.open.args: The argument "door" is no number and has no min and max.',
    ],
    [{ verify: { point: 'gone', is: 1 } }, 'commands.open.verify: There is no point "gone".'],
    [{ verify: { point: 'level', is: true } }, 'commands.open.verify: level can never be "true".'],
    [{ verify: { point: 'level_{door}', is: 1 } }, 'commands.open.verify: There is no point "level_1".'],
    [{ verify: { point: 'level_{gate}', is: 1 } }, 'commands.open.do: There is no argument "gate" (args).'],
    [{ ttl: '0s' }, 'commands.open.ttl: ttl cannot be 0.'],
    [{ name: { zh: '开门' } }, 'commands.open.name: The English name (en) is missing.'],
    [
      { args: { door: { ...door, name: { zh: '门号', en: '门' } } } },
      'commands.open.args.door.name: The English name (en) has Chinese in it.',
    ],
  ])('%j', (more, sentence) => expect(command(more)).toContain(sentence));
});

describe('row 20: variants chosen by a probe, and aliases of a model', () => {
  const probes = {
    energy_b: { at: 0x401e, type: 'f32', valid: [0, 1e6] },
    serial: { at: 0x10, type: 'u16', enum: { 7: { value: 'h', name: { zh: '型号' } } } },
  };
  const variants = [
    { id: 'h', name: { zh: '型号 H', en: 'Model H' }, when: { probe: 'serial', is: 'h' }, set: { 'points.level.at': 3 } },
    {
      id: 'b',
      name: { zh: '寄存器表 B', en: 'Map B' },
      when: [
        { probe: 'energy_b', reads: true },
        { probe: 'energy_b', between: [1, 1e6] },
      ],
      set: { 'points.level.at': 2 },
    },
    { id: 'old', name: { zh: '旧表', en: 'Old map' }, when: { probe: 'energy_b', reads: false }, set: { 'points.level.at': 4 } },
  ];
  const vectors = [...registers.vectors, ...variants.map(({ id }) => ({ ...registers.vectors[0], name: id, variant: id }))];
  const meter = profileFrom({ ...registers, probes, variants, vectors });
  const reading = (point: string, value: unknown, quality: 'good' | 'bad' = 'good') =>
    Reading.parse({ point, value, quality, at: 0 });
  it('the first whose condition holds', () => {
    expect(checkProfile(meter, 'test.device')).toEqual([]);
    expect(chooseVariant(meter, [reading('energy_b', 120.5)])).toBe('b');
    expect(chooseVariant(meter, [reading('energy_b', 120.5), reading('serial', 'h')])).toBe('h');
    expect(chooseVariant(meter, [reading('energy_b', 0)])).toBeUndefined();
    expect(chooseVariant(meter, [reading('energy_b', null, 'bad')])).toBe('old');
    expect(chooseVariant(meter, [])).toBe('old');
  });
  it('is read like any device', () => {
    const probe = probeProfile(meter);
    expect(Object.keys(probe?.points ?? {})).toEqual(['energy_b', 'serial']);
    expect(probe?.points['energy_b']).toMatchObject({ at: 0x401e, type: 'f32', group: 'probe' });
    expect(probeProfile(profileFrom(registers))).toBeUndefined();
  });
  it.each<[object, string]>([
    [{ probes: { ...probes, extra: { at: 1, type: 'u16' } } }, 'probes.extra: No variant uses this probe.'],
    [
      { probes: { serial: probes.serial, energy_b: { type: 'f32' } } },
      'probes.energy_b: A probe needs its address (at) and type.',
    ],
    [{ probes: { serial: probes.serial } }, 'variants.1.when: There is no probe "energy_b" (probes).'],
  ])('%j', (more, sentence) => expect(problems({ probes, variants, vectors, ...more }, registers)).toContain(sentence));
  it('a model by any of its names', () => {
    const smoke = profileFrom({ ...messages, models: { ids: ['HS1SA-E', 'HS1SA-M', 'SMOK_V16'] } });
    const plain = profileFrom({ ...messages, model: 'HS3SA' });
    expect(profilesOfModel([smoke, plain], 'smok_v16 ')).toEqual([smoke]);
    expect(profilesOfModel([smoke, plain], 'hs3sa')).toEqual([plain]);
    expect(profilesOfModel([smoke, plain], 'x')).toEqual([]);
    expect(problems({ models: { ids: ['a', 'a'] } })).toEqual(['models.ids: A model is there twice.']);
  });
});

describe('row 21: units', () => {
  it.each([
    [72.5, 'degF', 'Cel', 22.5],
    [22.5, 'Cel', 'degF', 72.5],
    [-40, 'degF', 'Cel', -40],
    [0, 'Cel', 'K', 273.15],
    [1, 'MPa', 'kPa', 1000],
    [1, 'bar', 'kPa', 100],
    [10, 'mH2O', 'kPa', 98.0665],
    [14.5, 'psi', 'kPa', 99.9739807509],
    [1, 'kW.h', 'MJ', 3.6],
    [1, 'L/s', 'm3/h', 3.6],
    [36, 'km/h', 'm/s', 10],
    [5, '%', '1', 0.05],
    [0.5, '%vol', 'ppm', 5000],
    [1.5, 'h', 'min', 90],
  ] as const)('%d %s is %s %d', (value, from, to, expected) => expect(convert(value, from, to)).toBe(expected));
  it.each([
    ['A', 'V'],
    ['%LEL', 'ppm'],
    ['%RH', '%'],
    ['dBm', 'dB'],
    ['Nm3', 'm3'],
    ['x', 'x'],
  ])('%s is not converted into %s', (from, to) => expect(isConvertible(from, to)).toBe(false));
  it('there and back is the same', () => {
    const ids = Object.keys(units) as Unit[];
    for (const from of ids) {
      for (const to of ids) {
        const there = convert(123.456, from, to);
        expect(there === undefined).toBe(!isConvertible(from, to));
        if (there !== undefined) expect(convert(there, to, from)).toBeCloseTo(123.456, 6);
      }
    }
  });
  it('each has a code, a Chinese name and no two the same code', () => {
    const facts = Object.values(units);
    expect(new Set(facts.map(({ ucum }) => ucum)).size).toBe(facts.length);
    for (const { zh } of facts) expect(zh).toMatch(/\p{Script=Han}/u);
  });
});

describe('row 23: what is about people', () => {
  it('is known by point and by key of an event', () => {
    const door = profileFrom({
      ...messages,
      points: { level, plate: { name: { zh: '车牌', en: 'Plate' }, kind: 'text', personal: true } },
      decode: {
        up: [
          {
            points: { level: '$.l', plate: '$.p' },
            event: { type: 'x', data: { who: { from: '$.w', personal: true }, door: '$.d' } },
          },
          { as: 'text', each: { in: '$', event: { type: 'x', data: { card: { from: 'item.c', personal: true } } } } },
        ],
      },
      events: named,
    });
    expect(personalOf(door)).toEqual({ points: new Set(['plate']), data: new Set(['who', 'card']) });
  });
});

const params = {
  height: { name: { zh: '水箱高度', en: 'Tank height' }, unit: 'm', default: 3, min: 0.5, max: 20 },
  high: { name: { zh: '高水位', en: 'High level' }, unit: 'm', default: 2.5, min: 0.1, max: 19 },
};
const tank = {
  ...messages,
  params,
  points: {
    level: { ...level, valid: [0, '=height'] },
    percent: { name: { zh: '水位百分比', en: 'Level in per cent' }, unit: '%', compute: 'level / height * 100' },
  },
  alarms: { high: { ...rule, above: '=high', clear: '=high - 0.5' } },
  vectors: [
    {
      name: 'half',
      origin: 'synthetic',
      given: { channel: 'up', json: { l: 1.5 } },
      expect: { level: 1.5, percent: 50 },
      alarms: [],
    },
    {
      name: 'a tall tank',
      origin: 'synthetic',
      params: { height: 10, high: 9 },
      given: { channel: 'up', json: { l: 9.5 } },
      expect: { level: 9.5, percent: 95 },
      alarms: ['high'],
    },
  ],
};

describe('row 25: parameters of the installer', () => {
  const profile = profileFrom(tank);
  it('have their defaults until somebody sets them', () => {
    expect(checkProfile(profile, 'test.device')).toEqual([]);
    expect(profile.points['level']?.valid).toEqual([0, 3]);
    expect(profile.alarms['high']).toMatchObject({ above: 2.5, clear: 2 });
  });
  it('make another profile of it when they are set, the same one for the same values', () => {
    const bound = bindProfile(profile, { params: { high: 2, height: 4 } });
    expect(bound).toMatchObject({
      profile: {
        points: { level: { valid: [0, 4] } },
        alarms: { high: { above: 2, clear: 1.5 } },
        params: { height: { default: 4 } },
      },
    });
    expect(bindProfile(profile, { params: { height: 4, high: 2 } })).toBe(bound);
    expect(bindProfile(profile, {})).toMatchObject({ profile });
    expect(profile.alarms['high']).toMatchObject({ above: 2.5 });
  });
  it('give a zone to times without one', () => {
    expect(bindProfile(profile, { zone: 'Z' })).toMatchObject({ profile: { zone: 'Z' } });
    expect(bindProfile(profileFrom({ ...tank, zone: '+09:00' }), { zone: 'Z' })).toMatchObject({ profile: { zone: '+09:00' } });
  });
  it.each<[Record<string, number>, string]>([
    [{ height: 30 }, 'height: Tank height must be within 0.5–20 m; 30 is not.'],
    [{ depth: 3 }, 'depth: The profile has no parameter depth; it has: height, high.'],
    [{ high: 4 }, 'alarms.high.above: 4 is outside the valid range of the point and is never reached.'],
  ])('%j cannot be set', (given, sentence) => {
    const bound = bindProfile(profile, { params: given });
    expect('findings' in bound && bound.findings.map(({ path, en }) => `${path.join('.')}: ${en}`)).toContain(sentence);
  });
  it('that have no sensible default must be set', () => {
    const asking = profileFrom({ ...tank, params: { ...params, height: { ...params.height, ask: true } } });
    const bound = bindProfile(asking, {});
    expect('findings' in bound && bound.findings[0]?.en).toBe(
      "Set Tank height (params.height, in m); the profile's own figure is only a stand-in.",
    );
    expect(bindProfile(asking, { params: { height: 4 } })).toHaveProperty('profile');
  });
  it.each<[object, string]>([
    [
      { params: { ...params, height: { ...params.height, default: 40 } } },
      'params.height.default: The default is not between min and max.',
    ],
    [{ params: { ...params, spare: params.height } }, 'params.spare: This parameter is not used.'],
    [
      { alarms: { high: { ...rule, above: '=hihg', clear: 1 } } },
      'alarms.high.above: There is no installer parameter "hihg" (params).',
    ],
    [{ alarms: { high: { ...rule, above: '=high /', clear: 1 } } }, 'alarms.high.above: The expression is not complete.'],
    [
      { alarms: { high: { ...rule, above: '=high / 0', clear: 1 } } },
      'alarms.high.above: This gives no number (a division by zero?).',
    ],
    [
      { vectors: [{ ...tank.vectors[0], params: { height: 99 } }] },
      'vectors.0.params.height: Tank height must be within 0.5–20 m; 99 is not.',
    ],
  ])('%j', (more, sentence) => expect(problems({ ...tank, ...more })).toContain(sentence));
  it('are proven by vectors that set them', () => {
    const text = JSON.stringify({ ...tank, id: 'test.tank' });
    expect(loadText(text, 'test/tank.yaml', { prove: proveProfile })).toMatchObject({ tier: 'bronze' });
    const wrong = loadText(text.replace('"percent":95', '"percent":96'), 'test/tank.yaml', { prove: proveProfile });
    expect('problems' in wrong && wrong.problems[0]?.path).toBe('vectors[1].expect.percent');
  });
});

describe('row 26: arrays', () => {
  const charger = {
    ...registers,
    arrays: { port: { from: 1, to: 10, stride: 16 } },
    points: {
      'port{port}_power': {
        name: { zh: '{port} 号口功率', en: 'Power of port {port}' },
        unit: 'W',
        at: 0x100,
        type: 'u16',
        group: 'fast',
      },
      'port{port}_on': {
        ...state,
        name: { zh: '{port} 号口通电', en: 'Port {port} on' },
        table: 'coil',
        at: 7,
        type: 'bit',
        group: 'fast',
      },
    },
    alarms: {
      'over{port}': {
        ...rule,
        name: { zh: '{port} 号口过载', en: 'Port {port} overloaded' },
        point: 'port{port}_power',
        above: 800,
        clear: 700,
      },
    },
    vectors: [
      {
        name: 'port 2',
        origin: 'synthetic',
        given: { table: 'input', start: 0x110, words: [900] },
        expect: { port2_power: 900 },
        alarms: ['over2'],
      },
    ],
  };
  const profile = profileFrom(charger);
  it('are written out: keys, names, addresses', () => {
    expect(checkProfile(profile, 'test.device')).toEqual([]);
    expect(Object.keys(profile.points)).toHaveLength(20);
    expect(profile.points['port10_power']).toMatchObject({ at: 0x190, name: { zh: '10 号口功率', en: 'Power of port 10' } });
    expect(profile.points['port2_on']?.at).toBe(23);
    expect(profile.alarms['over10']).toMatchObject({ point: 'port10_power', above: 800 });
    expect(proveProfile(profile)).toEqual([]);
  });
  it('count from elsewhere in a message', () => {
    const hub = profileFrom({
      ...messages,
      arrays: { n: { from: 1, to: 3 } },
      points: { 'power{n}': { name: { zh: '{n} 路功率', en: 'Power {n}' }, unit: 'W' } },
      decode: { up: [{ points: { 'power{n}': "$.list[{n-1}]['apower:{n}']" } }] },
      vectors: [{ ...messages.vectors[0], expect: { power1: 1 } }],
    });
    expect(hub.decode['up']?.[0]?.points).toEqual({
      power1: "$.list[0]['apower:1']",
      power2: "$.list[1]['apower:2']",
      power3: "$.list[2]['apower:3']",
    });
  });
  it('in arrays', () => {
    const loops = profileFrom({
      ...registers,
      arrays: { loop: { from: 1, to: 2, stride: 100 }, part: { from: 0, to: 2, stride: 2 } },
      points: {
        'l{loop}p{part}': {
          ...registers.points.level,
          name: { zh: '{loop} 回路 {part} 号', en: 'Loop {loop}, part {part}' },
          at: 10,
        },
      },
      vectors: [{ ...registers.vectors[0], expect: { l1p0: 1 } }],
    });
    expect(Object.entries(loops.points).map(([id, { at }]) => [id, at])).toEqual([
      ['l1p0', 10],
      ['l1p1', 12],
      ['l1p2', 14],
      ['l2p0', 110],
      ['l2p1', 112],
      ['l2p2', 114],
    ]);
  });
  it.each<[object, string]>([
    [{ arrays: { ...charger.arrays, spare: { from: 1, to: 2 } } }, 'arrays.spare: No key has {spare} in it.'],
    [{ arrays: { port: { from: 2, to: 1 } } }, 'arrays.port: from must not be above to, and there are at most 256.'],
    [{ arrays: { port: { from: 1, to: 1000 } } }, 'arrays.port: from must not be above to, and there are at most 256.'],
    [
      { arrays: { port: { from: 1, to: 10, stride: 16, step: 1 } } },
      'arrays.port.step: "step" is not known here; check the spelling or see device-profiles/README.md.',
    ],
  ])('%j', (more, sentence) => expect(problems({ ...charger, ...more })).toContain(sentence));
  it('that explode are refused', () => {
    const many = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { from: 1, to: 200 }]));
    const [first] = problems({ ...charger, arrays: many, points: { '{a}{b}{c}{d}': registers.points.level }, alarms: {} });
    expect(first).toContain('More than 8192 entries');
  });
  it('have their mistakes told where they are written', () => {
    const text = JSON.stringify(
      {
        ...charger,
        id: 'test.charger',
        points: { ...charger.points, 'port{port}_power': { ...charger.points['port{port}_power'], valid: [5, 5] } },
      },
      null,
      1,
    );
    const loaded = loadText(text, 'test/charger.yaml');
    const [problem] = 'problems' in loaded ? loaded.problems : [];
    expect(problem?.path).toBe('points.port{port}_power.valid');
    expect(text.split('\n')[(problem?.line ?? 0) - 1]).toContain('"valid"');
  });
});

describe('row 26: parts', () => {
  const children = { key: '{$.loop}-{$.part}', name: { zh: '{$.text}', en: 'Part {$.part}' }, profile: 'generic.part' };
  it('that can be told apart are right', () => expect(problems({ children })).toEqual([]));
  it.each<[object, string]>([
    [{ key: 'part' }, 'children.key: All parts would have the same key.'],
    [{ key: '{part}' }, 'children.key: "{part}" is no path.'],
    [{ key: '{item.id}' }, 'children.key: "item.id" needs each.'],
    [{ key: undefined }, 'children.key: Write key and name, or leave both to the protocol.'],
    [{ each: 'item.list' }, 'children.each: The path must begin with $ here.'],
  ])('%j', (more, sentence) => expect(problems({ children: { ...children, ...more } })).toContain(sentence));
  it('whose profile is nowhere are found', () => {
    const panel = profileFrom({
      ...messages,
      children: { profile: { path: '$.t', map: { 40: 'generic.smoke', 23: 'test.device' }, otherwise: 'generic.part' } },
    });
    expect(missingChildren(new Map([[panel.id, panel]]))).toEqual([
      { profile: 'test.device', missing: 'generic.smoke' },
      { profile: 'test.device', missing: 'generic.part' },
    ]);
  });
});

describe('row 24: vectors', () => {
  const log = {
    ...messages,
    decode: {
      up: [
        {
          points: { level: '$.l' },
          each: { in: '$.h', time: { from: 'item.t', format: 'unix-s' }, points: { level: 'item.l' }, historical: true },
        },
      ],
    },
  };
  const proof = (vector: object) =>
    proveProfile(profileFrom({ ...log, vectors: [{ ...log.vectors[0], ...vector }] })).map(({ path }) => path);
  const given = { channel: 'up', json: { l: 1, h: [{ t: 1767222000, l: 7 }] } };
  it('prove what a device had kept', () => {
    expect(proof({ given, history: [{ at: '2025-12-31T23:00:00Z', expect: { level: 7 } }] })).toEqual([]);
    expect(proof({ given, history: [{ at: '2025-12-31T23:00:00Z', expect: { level: 8 } }] })).toEqual([
      'vectors[0].history[0].expect.level',
    ]);
    expect(proof({ given, history: [{ at: '2025-12-31T22:00:00Z', expect: { level: 7 } }] })).toEqual(['vectors[0].history']);
    expect(proof({ given, history: [] })).toEqual(['vectors[0].history']);
  });
  it('prove what stood around a message, and what was left unread', () => {
    const by = profileFrom({
      ...messages,
      decode: {
        up: [{ as: { tlv: { '01': { l: 'u8' } } }, when: { path: 'envelope.port', equals: 85 }, points: { level: '$.l' } }],
      },
      vectors: [
        { name: 'a', origin: 'synthetic', given: { channel: 'up', envelope: { port: '85' }, hex: '0107' }, expect: { level: 7 } },
      ],
    });
    expect(proveProfile(by)).toEqual([]);
    const [vector] = by.vectors;
    const longer = (more: object) =>
      proveProfile({
        ...by,
        vectors: [
          { ...vector, given: { channel: 'up', envelope: { port: '85' }, hex: '010799' }, ...more } as (typeof by.vectors)[0],
        ],
      }).map(({ path }) => path);
    expect(longer({})).toEqual(['vectors[0].given']);
    expect(longer({ unread: true })).toEqual([]);
    expect(
      proveProfile({ ...by, vectors: [{ ...vector, unread: true } as (typeof by.vectors)[0]] }).map(({ path }) => path),
    ).toEqual(['vectors[0].unread']);
  });
});
