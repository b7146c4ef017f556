import { Command } from '@yihu/device-profiles/vocabulary/command.ts';
import { type Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { describe, expect, it } from 'vitest';
import { checkTogether } from '../../../gateway/act/loops.ts';
import { type Problem, Resolver } from '../../../gateway/act/resolve.ts';
import { InterlockSection, LinkageSection } from '../../../gateway/act/settings.ts';
import { checkSite } from '../../../gateway/config.ts';
import { loadDrivers } from '../../../gateway/drivers.ts';

const on = (point: string, is: boolean, more = {}) =>
  Command.parse({ name: { zh: '动作' }, do: {}, verify: { point, is }, ...more });

/** A relay board whose relays are watched: relay 1 on is an equipment alarm, relay 2 on a security alarm, a level above 80 a water alarm. */
const board = {
  id: 'board',
  category: 'io.module',
  transport: { protocol: 'mqtt' },
  points: { relay_1: { name: { zh: '继电器 1' } }, relay_2: { name: { zh: '继电器 2' } }, level: { name: { zh: '水位' } } },
  alarms: {
    one: { name: { zh: '一' }, severity: 'minor', hazard: 'equipment', point: 'relay_1', is: true },
    two: { name: { zh: '二' }, severity: 'major', hazard: 'security', point: 'relay_2', is: [true] },
    high: { name: { zh: '高' }, severity: 'major', hazard: 'water', point: 'level', above: 80, clear: 75 },
  },
  commands: {
    one_on: on('relay_1', true),
    one_off: on('relay_1', false),
    two_on: on('relay_2', true),
    fill: Command.parse({
      name: { zh: '注水' },
      do: {},
      args: { to: { name: { zh: '到' }, min: 0, max: 100 } },
      verify: { point: 'level', is: '{to}' },
    }),
    horn: Command.parse({ name: { zh: '鸣响' }, do: {}, args: { times: { name: { zh: '次' } } } }),
  },
} as unknown as Profile;

const smoke = {
  id: 'smoke',
  category: 'fire.smoke',
  transport: { protocol: 'mqtt' },
  points: { smoke: { name: { zh: '烟' } } },
  alarms: { smoke: { name: { zh: '烟' }, severity: 'critical', hazard: 'fire', point: 'smoke', is: true } },
  commands: {},
} as unknown as Profile;

const site = [...['b1', 'b2'].map((id) => ({ id, profile: board })), ...['s1'].map((id) => ({ id, profile: smoke }))].map(
  (device) => ({
    ...device,
    name: { zh: device.id },
    category: device.profile.category,
    place: { building: '1' },
    severities: {},
  }),
);

const rule = (id: string, when: object, steps: object[], more = {}) =>
  LinkageSection.parse({ id, name: id, when, do: steps, ...more });
const step = (command: string, more = {}) => ({ devices: ['b1'], command, ...more });

function problemsOf(linkage: readonly LinkageSection[], interlocks: readonly InterlockSection[] = []): Problem[] {
  const resolver = new Resolver(site);
  const rules = resolver.linkage(linkage);
  resolver.interlocks(interlocks);
  return [...resolver.problems, ...checkTogether(rules, site)];
}

const said = (problems: readonly Problem[]) => problems.map(({ path, en }) => `${path.join('.')} ${en}`);

describe('a rule that sets itself off', () => {
  it.each([
    ['by the point it commands', [rule('a', { hazard: 'equipment' }, [step('one_on')])], 'a → a'],
    [
      'through another rule',
      [rule('a', { hazard: 'equipment' }, [step('two_on')]), rule('b', { alarm: 'two' }, [step('one_on')])],
      'a → b → a',
    ],
    ['when the alarm is over', [rule('a', { hazard: 'equipment', edge: 'cleared' }, [step('one_off')])], 'a → a'],
    [
      'by its undoing',
      [rule('a', { hazard: 'equipment' }, [step('horn', { args: { times: 1 } })], { undo: [step('one_off')] })],
      'a → a',
    ],
    ['by the value of an argument', [rule('a', { hazard: 'water' }, [step('fill', { args: { to: 90 } })])], 'a → a'],
  ])('%s is refused', (_name, rules, names) => {
    expect(said(problemsOf(rules)).join()).toContain(names);
  });

  it.each([
    ['another device', [rule('a', { hazard: 'equipment', devices: ['b2'] }, [step('one_on')])]],
    ['another hazard', [rule('a', { hazard: 'fire' }, [step('one_on')])]],
    ['an alarm that weighs less', [rule('a', { hazard: 'equipment', severity: 'major' }, [step('one_on')])]],
    ['a value that raises nothing', [rule('a', { hazard: 'water' }, [step('fill', { args: { to: 70 } })])]],
    [
      'its own device, as a gas controller closes its valve',
      [rule('a', { hazard: 'water', devices: ['b1'] }, [step('one_off')])],
    ],
  ])('%s is no loop', (_name, rules) => {
    expect(said(problemsOf(rules))).toEqual([]);
  });
});

describe('rules that contradict each other', () => {
  it('at the same moment are refused', () => {
    const rules = [rule('a', { hazard: 'fire' }, [step('one_on')]), rule('b', { alarm: 'smoke' }, [step('one_off')])];
    expect(said(problemsOf(rules))).toEqual([
      'linkage.1.do Linkage a and b tell device b1 opposite things at the same moment (one_on, one_off). Keep one, or give one of them an after.',
    ]);
  });

  it('also inside one rule, and by other arguments of one command', () => {
    const horns = [1, 2].map((times) => step('horn', { args: { times } }));
    expect(said(problemsOf([rule('a', { hazard: 'fire' }, horns)])).join()).toContain('opposite things');
  });

  it.each([
    [
      'one after the other',
      [rule('a', { hazard: 'fire' }, [step('one_on')]), rule('b', { hazard: 'fire' }, [step('one_off')], { after: '5m' })],
    ],
    [
      'on alarms that are never one',
      [rule('a', { hazard: 'fire' }, [step('one_on')]), rule('b', { hazard: 'gas' }, [step('one_off')])],
    ],
    ['at the beginning and at the end', [rule('a', { hazard: 'fire' }, [step('one_on')], { undo: [step('one_off')] })]],
    ['twice the same', [rule('a', { hazard: 'fire' }, [step('one_on')]), rule('b', { hazard: 'fire' }, [step('one_on')])]],
  ])('%s is none', (_name, rules) => {
    expect(said(problemsOf(rules))).toEqual([]);
  });
});

it('says everything that does not fit at once, in both languages', () => {
  const problems = problemsOf(
    [
      rule('a', { hazard: 'gas' }, [step('one_on')], { without: 'confirm' }),
      rule('a', { hazard: 'fire', devices: ['nobody'] }, [step('fly'), step('horn'), { category: 'camera', command: 'look' }], {
        unless: [
          { device: 'nobody', alarm: 'x' },
          { device: 'b1', point: 'nothing', is: true },
          { device: 'b1', alarm: 'nothing' },
        ],
      }),
      rule('c', { hazard: 'fire', edge: 'cleared' }, [step('one_on')], { undo: [step('one_off')] }),
    ],
    [
      InterlockSection.parse({
        name: '锁',
        devices: ['s1'],
        commands: ['open'],
        unless: [{ device: 'b1', point: 'level', above: 5 }],
      }),
    ],
  );
  expect(problems.map(({ path }) => path.join('.'))).toEqual([
    'linkage.0.without',
    'linkage.1.id',
    'linkage.1.when.devices',
    'linkage.1.unless.0.device',
    'linkage.1.unless.1',
    'linkage.1.unless.2',
    'linkage.1.do.0.command',
    'linkage.1.do.1.args',
    'linkage.1.do.2',
    'linkage.2.undo',
    'interlocks.0.commands',
  ]);
  for (const { zh, en } of problems) {
    expect(zh).toMatch(/[\u4e00-\u9fff]/);
    expect(en).not.toMatch(/[\u4e00-\u9fff]/);
  }
});

describe('the site file', () => {
  const text = (linkage: string) => `schema: yihu-site/1
gateway: {id: gw, name: 网关}
ports:
  - {id: air, driver: mqtt, listen: "127.0.0.1:1883", login: open}
devices:
  - {id: s1, profile: smoke, port: air, address: {identity: s1}, name: 烟感}
  - {id: b1, profile: board, port: air, address: {identity: b1}, name: 继电器, maintenance: true}
${linkage}`;
  const check = async (linkage: string) => {
    const own = (profile: Profile) => ({
      ...profile,
      transport: { protocol: 'mqtt', identity: { name: 'id', pattern: '^[a-z0-9]+$', label: { zh: '编号' } }, topics: {} },
      decode: {},
      variants: [],
      events: {},
      params: {},
    });
    const profiles = new Map([board, smoke].map((profile) => [profile.id, own(profile) as unknown as Profile]));
    return checkSite(text(linkage), 'gateway.yaml', { drivers: await loadDrivers(), profiles, applyVariant: () => null });
  };

  it('takes linkage and interlocks', async () => {
    const checked = await check(`linkage:
  - id: fire
    name: 火警
    when: {hazard: fire, severity: major}
    do: [{category: io.module, command: one_on}]
    undo: [{devices: [b1], command: one_off}]
interlocks:
  - {name: 水位高, devices: [b1], unless: [{device: b1, point: level, above: 80, name: 水位高于 80}]}
`);
    expect(checked).toMatchObject({ site: { linkage: [{ id: 'fire', steps: [{ device: 'b1', command: 'one_on' }] }] } });
    if ('site' in checked) expect([...checked.site.maintained]).toEqual(['b1']);
  });

  it('lists what is wrong with its line, beside everything else that is wrong', async () => {
    const checked = await check(`linkage:
  - id: fire
    name: 火警
    when: {severity: major}
    do: [{devices: [b1], command: one_on}]
  - id: loop
    name: 自激
    when: {hazard: equipment}
    do: [{devices: [b1, b9], command: one_on}]
  - id: loop2
    name: 自激
    when: {hazard: equipment}
    do: [{devices: [b1], command: one_on}]
`);
    const problems = 'problems' in checked ? checked.problems : [];
    expect(problems.map(({ line, path, en }) => `${line} ${path} ${en}`)).toEqual([
      expect.stringMatching(/^11 linkage\[0\]/),
      expect.stringMatching(/^16 linkage\[1\]\.do\[0\]\.devices/),
      expect.stringMatching(/^20 linkage\[2\]\.do/),
    ]);
  });
});
