import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLibrary, loadProfile, loadText, type ProfileProblem } from '@yihu/device-profiles/library/load.ts';
import { proveProfile } from '../../gateway/prove.ts';

fc.configureGlobal({ seed: 20261123 });

const packageFolder = join(import.meta.dirname, '../../device-profiles');
const meter = await readFile(join(packageFolder, 'chint/ddsu666.yaml'), 'utf8');
const smoke = await readFile(join(packageFolder, 'heiman/hs1sa-e.yaml'), 'utf8');
const door = await readFile(join(packageFolder, 'generic/door-controller.yaml'), 'utf8');

const load = (text: string, file = 'chint/ddsu666.yaml') => loadText(text, file, { prove: proveProfile });
const problemsOf = (text: string, file?: string): ProfileProblem[] => {
  const loaded = load(text, file);
  return 'problems' in loaded ? loaded.problems : [];
};
const lines = (problems: readonly ProfileProblem[]) => problems.map(({ line, path, en }) => `${line} ${path}: ${en}`);
/** The meter with one piece of its text changed; fails where the piece is not there. */
const changed = (text: string, from: string | RegExp, to: string): string => {
  const result = text.replace(from, to);
  if (result === text) throw new Error(`nothing to change: ${String(from)}`);
  return result;
};

describe('a file with many mistakes', () => {
  const schemaMistakes = `schema: yihu-profile/1
id: Chint DDSU
version: "1"
name: {en: Meter}
maker: {zh: 正泰}
model: M
category: meter.electric
sources: []
confidence: community
transport:
  protocol: modbus
  modes: [rtu, usb]
  unitId: {default: 300}
groups:
  fast: {every: 15 seconds}
availability: {offlineAfter: 5m, missedPolls: 0}
points:
  voltage:
    name: {zh: 电压}
    unit: Volts
    at: 0x20000
    typ: f32
alarms:
  high: {name: {zh: 高}, point: voltage, above: 235, severity: minor, hazard: equipment}
vectors: []
extra: 1
`;
  it('is told all of them at once, each with its line', () => {
    expect(lines(problemsOf(schemaMistakes))).toMatchInlineSnapshot(`
      [
        "2 id: Must be 1–64 of a-z 0-9 . _ - and start with a letter or digit.",
        "3 version: Must be a version such as 1.0.0.",
        "4 name.zh: This is missing; add it.",
        "7 category: "meter.electric" is not known; is "meter.electricity" meant?",
        "8 sources: There must be at least 1 item(s).",
        "12 transport.modes[1]: "usb" is none of tcp, rtu, rtu-over-tcp, ascii.",
        "13 transport.unitId.default: Must be at most 255.",
        "15 groups.fast.every: Must be a duration such as 500ms, 60s, 10m, 25h or 7d.",
        "16 availability.missedPolls: Must be at least 1.",
        "20 points.voltage.unit: "Volts" is not known; is "V" meant?",
        "21 points.voltage.at: Must be at most 65535.",
        "22 points.voltage.typ: "typ" is not known here; check the spelling or see device-profiles/README.md.",
        "24 alarms.high.clear: This is missing; add it.",
        "25 vectors: A profile needs at least one vector.",
        "26 extra: "extra" is not known here; check the spelling or see device-profiles/README.md.",
      ]
    `);
  });
  it('says each in Chinese too', () => {
    for (const { zh } of problemsOf(schemaMistakes)) expect(zh).toMatch(/\p{Script=Han}.*[。？]$/u);
  });

  const meaningMistakes = `schema: yihu-profile/1
id: chint.other
version: 1.0.0
name: {zh: Meter, en: 电表}
maker: {zh: 正泰, en: CHINT}
model: M
category: fire.smoke
sources: [x]
confidence: community
transport:
  protocol: modbus
  modes: [rtu]
  unitId: {default: 0, min: 1}
defaults: {addressing: one-based}
groups:
  fast: {every: 15s}
availability: {lateAfter: 26h, offlineAfter: 26h, will: {channel: lwt, online: a, offline: a}}
points:
  a: {name: {zh: 点位1, en: Point 1}, group: slow, at: 0, table: input, type: u16, scale: 0, deadband: 1}
  b: {name: {zh: 温度, en: Temperature}, unit: Cel, group: fast, at: 2, table: coil, type: u16, valid: [80, -40], deadband: {pct: 2, min: 1}, heartbeat: 1h}
  c: {name: {zh: 温度, en: Again}, group: fast, at: 3, table: input, type: u16, scaleExp: gone, signed: true, wrap: 100}
  d: {name: {zh: 状态, en: State}, group: fast, at: 65535, table: input, type: u8, bits: {shift: 7, width: 2}, enum: {256: {value: on, name: {zh: 开, en: On}}}}
  e: {name: {zh: 文字, en: Text}, group: fast, table: input, type: string}
alarms:
  low: {name: {zh: 低, en: Low}, point: b, below: 10, clear: 9, severity: minor, hazard: equipment}
  high: {name: {zh: 高, en: High}, point: c, above: 10, clear: 10, severity: minor, hazard: equipment}
  state: {name: {zh: 停, en: Off}, point: d, is: off, severity: minor, hazard: equipment}
  none: {name: {zh: 无, en: None}, point: zzz, is: true, severity: minor, hazard: equipment}
  quiet: {name: {zh: 静, en: Quiet}, point: c, silent: 10s, severity: minor, hazard: equipment}
  door: {name: {zh: 门, en: Door}, event: door.forced, severity: minor, hazard: security}
  offline: {name: {zh: 离线, en: Lost}, point: c, above: 10, clear: 5, severity: minor, hazard: equipment}
decode:
  up: [{points: {a: $.a}}]
variants:
  - {id: v, name: {zh: 变体, en: Variant}, set: {points.q.at: 1}}
vectors:
  - {name: one, origin: public, given: {table: input, start: 0, words: [1]}, expect: {zzz: 1}, alarms: [yyy]}
  - {name: one, origin: synthetic, given: {channel: up, json: {}}, variant: w}
`;
  it('is told what the schema cannot see, all at once', () => {
    expect(lines(problemsOf(meaningMistakes))).toMatchInlineSnapshot(`
      [
        "2 id: The id must match folder and file name: chint.ddsu666.",
        "4 name: The Chinese name (zh) has no Chinese in it.",
        "4 name: The English name (en) has Chinese in it.",
        "8 sources[0]: Name the source (manual, repository or address).",
        "10 transport: rtu needs the serial settings (serial).",
        "13 transport.unitId.default: The default is not between min and max.",
        "17 availability.lateAfter: lateAfter must be shorter than offlineAfter.",
        "17 availability.offlineAfter: A fire device must be shown as lost within 25h (GB/T 45839-2025 5.5.2).",
        "17 availability.will.channel: There is no topic named "lwt".",
        "17 availability.will.offline: The words for online and offline must differ.",
        "19 points.a.name: "点位1" does not say what it is; write what it means.",
        "19 points.a.scale: A scale of 0 makes every value 0.",
        "19 points.a.deadband: A deadband needs a heartbeat, or a steady value looks like a lost one.",
        "19 points.a.group: There is no group "slow".",
        "19 points.a.at: Addresses count from 1 here; there is no 0.",
        "20 points.b.valid: The lower end of valid must be below the upper.",
        "20 points.b.deadband: A percentage of Cel means nothing; write an absolute deadband.",
        "20 points.b.type: A coil holds a bit only.",
        "21 points.c.name: Has the same name as b; tell them apart.",
        "21 points.c.wrap: Only a counter (kind: counter) wraps.",
        "21 points.c.signed: signed is for BCD; integers have s16, s32.",
        "21 points.c.scaleExp: There is no point "gone".",
        "22 points.d.bits: Reaches past the 8 bits of u8.",
        "22 points.d.enum: "256" is no value that u8 can have.",
        "23 points.e.at: The address (at) is missing.",
        "23 points.e.length: A string needs its length in registers.",
        "25 alarms.low.clear: clear must be above 10, or the alarm will flutter.",
        "25 alarms.low.below: 10 is outside the valid range of the point and is never reached.",
        "25 alarms.low.clear: 9 is outside the valid range of the point and is never reached.",
        "26 alarms.high.clear: clear must be below 10, or the alarm will flutter.",
        "27 alarms.state.is: d has no value "off" (on).",
        "28 alarms.none.point: There is no point "zzz".",
        "29 alarms.quiet.silent: The silence must be longer than the poll period.",
        "30 alarms.door.event: No message gives the event "door.forced".",
        "31 alarms.offline.name: "offline" is the alarm every device has; choose another id.",
        "32 decode: A Modbus device sends no messages to decode.",
        "35 variants[0]: This variant has no vector.",
        "37 vectors[0].origin: A vector that is not synthetic must name its source.",
        "37 vectors[0].expect.zzz: There is no point "zzz".",
        "37 vectors[0].alarms: There is no alarm "yyy".",
        "38 vectors[1].variant: There is no variant "w".",
        "38 vectors[1]: This vector proves nothing; write expect, events, alarms or refuse.",
        "38 vectors[1].given: The vector does not fit the protocol of the device.",
        "38 vectors[1].name: Another vector has this name.",
      ]
    `);
  });
});

const manyPoints = `points:\n${Array.from({ length: 1020 }, (_, i) => `  p${i}: {name: {zh: 备用${i}, en: Spare ${i}}, group: slow, at: ${i}, type: u16}\n`).join('')}`;

describe('one mistake', () => {
  it.each([
    ['an unknown key', meter, 'scale: 1000', 'scael: 1000', 'points.power_active.scael'],
    ['a clear value on the limit', meter, 'clear: =voltage_low + 3', 'clear: =voltage_low', 'alarms.under_voltage.clear'],
    ['a limit outside of valid', meter, 'above: =voltage_high,', 'above: =voltage_high + 300,', 'alarms.over_voltage.above'],
    ['a variant that breaks the profile', meter, '{defaults.table: holding}', '{defaults.table: coil}', 'variants[0]'],
    [
      'a variant without a vector',
      meter,
      /variant: fc03\n {4}given: .*\n {4}expect: .*/,
      'given: {table: input, start: 0x2000, words: [0, 0]}\n    expect: {voltage: 0}',
      'variants[0]',
    ],
    [
      'a power of ten that comes in another answer',
      meter,
      /type: f32, scale: 1000, round: 1,/,
      'type: f32, scaleExp: energy_import,',
      'points.power_active.scaleExp',
    ],
    ['a wrong expected value', meter, 'expect: {voltage: 230.2}', 'expect: {voltage: 230.3}', 'vectors[0].expect.voltage'],
    ['a wrong word', meter, '0x3FA1, 0x47AE', '0x3FB1, 0x47AE', 'vectors[1].expect.current'],
    ['a broken frame', meter, '04 43 66 33 34 1B 38"}\n    expect', '04 43 66 33 35 1B 38"}\n    expect', 'vectors[0].given'],
    ['a good frame that must be refused', meter, '04 43 67', '04 43 66', 'vectors[4].refuse'],
    ['an alarm that does not come', smoke, 'alarms: [smoke]', 'alarms: []', 'vectors[0].alarms'],
    [
      'a fire device allowed to be silent for two days',
      smoke,
      'offlineAfter: 25h',
      'offlineAfter: 2d',
      'availability.offlineAfter',
    ],
    ['a topic without the identity', smoke, 'zigbee2mqtt/{friendlyName}"', 'zigbee2mqtt/+"', 'transport.topics.state.filter'],
    ['a path into nothing', smoke, '$.smoke', '$smoke', 'decode.state[0].points.smoke'],
    ['a point that nobody feeds', smoke, /^ +test: \$\.test\n/m, '', 'points.test'],
    ['an identity that can hang', smoke, '^[A-Za-z0-9_.-]{1,64}$', '^(a+)+$', 'transport.identity.pattern'],
    ['more points than one record holds', meter, /^points:\n/m, manyPoints, 'points'],
    ['an event nobody gives', door, 'clearEvent: door.closed', 'clearEvent: door.shut', 'alarms.door_held.clearEvent'],
    ['an event without a name', door, /^ {2}person\.duress: .*\n/m, '', 'events'],
    ['a changed event', door, '"5/27": {type: door.forced', '"5/27": {type: door.held', 'events.door.forced'],
  ])('%s', (_name, text, from, to, path) => {
    const file = text === meter ? 'chint/ddsu666.yaml' : text === smoke ? 'heiman/hs1sa-e.yaml' : 'generic/door-controller.yaml';
    expect(problemsOf(changed(text, from, to), file).map((problem) => problem.path)).toContain(path);
  });
});

describe('hostile YAML', () => {
  const bomb = `a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n`;
  it.each([
    ['aliases', bomb, 'anchors'],
    ['an anchor alone', 'a: &a 1\n', 'anchors'],
    ['a merge key', 'a: &a {b: 1}\nc: {<<: *a}\n', 'anchors'],
    ['a tag', 'a: !!js/function "x"\n', 'YAML'],
    ['brackets without end', '['.repeat(500_000), 'Nested deeper'],
    ['deep blocks', Array.from({ length: 40 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'Nested deeper'],
    ['dashes without end', '- '.repeat(5_000), 'Nested deeper'],
    ['__proto__', '__proto__: {polluted: 1}\n', '__proto__'],
    ['constructor', 'points: {constructor: {prototype: {polluted: 1}}}\n', 'constructor'],
    ['the same key twice', 'a: 1\na: 2\n', 'unique'],
    ['two documents', 'a: 1\n---\nb: 2\n', 'YAML'],
    ['a control character', 'a: "x\\u0007"\n', 'control character'],
    ['half a character', 'a: "\\ud800"\n', 'half a character'],
    ['a text without end', `a: ${'x'.repeat(2001)}\n`, 'longer than 2000'],
    ['nothing', '', ''],
  ])('%s', (_name, text, says) => {
    const [problem] = problemsOf(text);
    expect(problem?.en).toContain(says);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
  it('of any shape never throws', () => {
    const yamlish = fc.array(
      fc.constantFrom('a', ':', ' ', '-', '[', ']', '{', '}', '\n', '"', '&a', '*a', '!', '|', '%', '0x1', '<<'),
      { maxLength: 60 },
    );
    const isRefused = (parts: string[]): boolean => problemsOf(parts.join('')).length > 0;
    fc.assert(fc.property(yamlish, isRefused), { numRuns: 300 });
  });
  it('nor does a good profile with one character changed', () =>
    fc.assert(
      fc.property(fc.nat(meter.length - 1), fc.constantFrom(':', ' ', '"', '{', '-', '9', '\t'), (at, char) => {
        load(meter.slice(0, at) + char + meter.slice(at + 1));
      }),
      { numRuns: 100 },
    ));
});

describe('files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'profiles-'));
    await mkdir(join(folder, 'chint'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('that are missing, too large, not UTF-8 or no files are problems', async () => {
    const large = join(folder, 'chint', 'large.yaml');
    await writeFile(large, 'x'.repeat(1024 * 1024 + 1));
    const latin = join(folder, 'chint', 'latin.yaml');
    await writeFile(latin, Uint8Array.of(0x6e, 0xe9));
    // A device never ends.
    for (const file of [join(folder, 'chint', 'none.yaml'), large, latin, '/dev/zero', folder]) {
      expect(await loadProfile(file)).toMatchObject({ problems: [{ file, line: 1, path: '' }] });
    }
    await Promise.all([rm(large), rm(latin)]);
  });
  it('a folder that is not there is a problem', async () => {
    const gone = join(folder, 'gone');
    const { profiles, problems } = await loadLibrary(gone);
    expect(profiles.size).toBe(0);
    expect(problems).toMatchObject([{ file: gone, line: 1 }]);
  });
  it('one bad file does not stop the others', async () => {
    await writeFile(join(folder, 'chint', 'ddsu666.yaml'), meter);
    await writeFile(join(folder, 'chint', 'bad.yaml'), 'id: 1');
    const { profiles, problems } = await loadLibrary(folder, { prove: proveProfile });
    expect([...profiles.keys()]).toEqual(['chint.ddsu666']);
    expect(problems.every(({ file }) => file.endsWith('bad.yaml'))).toBe(true);
    expect(problems.length).toBeGreaterThan(0);
  });
});

describe('the page that explains the format', () => {
  it('begins with an example that loads', async () => {
    const page = await readFile(join(packageFolder, 'README.md'), 'utf8');
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    expect(load(example, 'acme/meter.yaml')).toMatchObject({ tier: 'silver' });
  });
});
