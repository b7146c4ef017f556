import { spawnSync } from 'node:child_process';
import { type IncidentState, incidentStates } from '@yihu/device-profiles/vocabulary/incident.ts';
import { hazards, severities } from '@yihu/device-profiles/vocabulary/severity.ts';
import { expect, it } from 'vitest';
import { incidentMessage, isTakenBack } from '../../../cloud/cap/incident-message.ts';
import type { CapMessage } from '../../../cloud/cap/message.ts';
import { writeCap } from '../../../cloud/cap/write.ts';
import { describeWith } from '../../needs.ts';

/** An element of the standard: how often it stands there, and the closed list or form of its text. */
type Rule = readonly [name: string, often: '1' | '?' | '*' | '+', text?: readonly string[] | RegExp];

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d$/;
const identity = /^[^\s,<&]+$/;
const pair = '-?\\d+(?:\\.\\d+)?,-?\\d+(?:\\.\\d+)?';
const words = (text: string) => text.split(' ');

/** OASIS Common Alerting Protocol 1.2, §3.2.1–3.2.4: every element in its order, typed from the text of the standard. */
const standard: Readonly<Record<string, readonly Rule[]>> = {
  alert: [
    ['identifier', '1', identity],
    ['sender', '1', identity],
    ['sent', '1', dateTime],
    ['status', '1', words('Actual Exercise System Test Draft')],
    ['msgType', '1', words('Alert Update Cancel Ack Error')],
    ['source', '?'],
    ['scope', '1', words('Public Restricted Private')],
    ['restriction', '?'],
    ['addresses', '?'],
    ['code', '*'],
    ['note', '?'],
    ['references', '?', /^[^\s,]+,[^\s,]+,[^\s,]+(?: [^\s,]+,[^\s,]+,[^\s,]+)*$/],
    ['incidents', '?'],
    ['info', '*'],
  ],
  info: [
    ['language', '?', /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/],
    ['category', '+', words('Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other')],
    ['event', '1', /./],
    ['responseType', '*', words('Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None')],
    ['urgency', '1', words('Immediate Expected Future Past Unknown')],
    ['severity', '1', words('Extreme Severe Moderate Minor Unknown')],
    ['certainty', '1', words('Observed Likely Possible Unlikely Unknown')],
    ['audience', '?'],
    ['eventCode', '*'],
    ['effective', '?', dateTime],
    ['onset', '?', dateTime],
    ['expires', '?', dateTime],
    ['senderName', '?'],
    ['headline', '?'],
    ['description', '?'],
    ['instruction', '?'],
    ['web', '?'],
    ['contact', '?'],
    ['parameter', '*'],
    ['resource', '*'],
    ['area', '*'],
  ],
  resource: [
    ['resourceDesc', '1'],
    ['mimeType', '1'],
    ['size', '?', /^\d+$/],
    ['uri', '?'],
    ['derefUri', '?'],
    ['digest', '?'],
  ],
  area: [
    ['areaDesc', '1', /./],
    ['polygon', '*', new RegExp(`^(${pair})(?: ${pair}){2,} \\1$`)],
    ['circle', '*', new RegExp(`^${pair} \\d+(?:\\.\\d+)?$`)],
    ['geocode', '*'],
    ['altitude', '?'],
    ['ceiling', '?'],
  ],
  eventCode: [
    ['valueName', '1'],
    ['value', '1'],
  ],
  parameter: [
    ['valueName', '1'],
    ['value', '1'],
  ],
  geocode: [
    ['valueName', '1'],
    ['value', '1'],
  ],
};

type Tree = readonly [name: string, text: string, children: readonly Tree[]];

const namespace = '{urn:oasis:names:tc:emergency:cap:1.2}';

/** What in an element is not as the table has it, with its place. */
function faults([name, , children]: Tree, at: string): string[] {
  const plain = name.startsWith(namespace) ? name.slice(namespace.length) : name;
  const rules = standard[plain];
  if (!rules) return [`${at}: no element of the standard has children like <${name}>`];
  const found: string[] = [];
  let from = 0;
  for (const [rule, often, text] of rules) {
    const here = children.slice(from);
    const past = here.findIndex(([child]) => child !== namespace + rule);
    const those = past < 0 ? here : here.slice(0, past);
    from += those.length;
    if (those.length === 0 && (often === '1' || often === '+')) found.push(`${at}/${rule}: is missing`);
    if (those.length > 1 && (often === '1' || often === '?')) found.push(`${at}/${rule}: stands there twice`);
    for (const [, said, below] of those) {
      const isRight = text === undefined || (text instanceof RegExp ? text.test(said) : text.includes(said));
      if (!isRight) found.push(`${at}/${rule}: ${said}`);
      if (text !== undefined && below.length > 0) found.push(`${at}/${rule}: has children`);
    }
    for (const one of those) if (standard[rule]) found.push(...faults(one, `${at}/${rule}`));
  }
  if (from < children.length) found.push(`${at}: <${children[from]?.[0]}> is not the standard's, or out of its order`);
  return found;
}

function parsed(documents: readonly string[]): Tree[] {
  const script = new URL('read_xml.py', import.meta.url).pathname;
  const { stdout, stderr, status } = spawnSync('/usr/bin/python3', [script], {
    input: JSON.stringify(documents),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Tree[];
}

const area = {
  areaDesc: '幸福街道 <3号楼> & "院"',
  polygon: [
    [
      [116, 39.5],
      [117, 39],
      [117.25, 40],
    ] as [number, number][],
  ],
  circle: [{ lat: 39.5, lon: 116.25, km: 1.5 }],
  geocode: [{ valueName: 'yihu:area', value: 'xingfu/xfl/g1/3' }],
};
const reference = { sender: 'yihu@example.org', identifier: 'yihu.inc-1.1', sent: '2026-11-23T10:05:00+08:00' };

function messageOf(state: IncidentState, hazard: (typeof hazards)[number], severity: (typeof severities)[number]): CapMessage {
  return incidentMessage({
    incident: {
      id: 'inc-1',
      number: '20261123-07',
      hazard,
      severity,
      state,
      openedAt: Date.UTC(2026, 10, 23, 2),
      alarmCount: 2,
      disposition: 'unknown',
      version: 3,
    },
    area,
    sender: 'yihu@example.org',
    senderName: 'Yihu',
    timeZone: 'Asia/Shanghai',
    at: Date.UTC(2026, 10, 23, 2, 5),
    before: isTakenBack(state) ? [reference, { ...reference, identifier: 'yihu.inc-1.2' }] : [],
  });
}

/** Every element that we can write at all. */
function fullest(): CapMessage {
  const base = messageOf('confirmed', 'fire', 'critical');
  const pairs = [
    { valueName: 'a', value: '1' },
    { valueName: 'b', value: '2' },
  ];
  const more = {
    web: 'https://example.org/',
    contact: '12345',
    instruction: '请\n撤离 <now>',
    effective: '2026-11-23T10:05:00+08:00',
  };
  return {
    ...base,
    source: '值班室',
    addresses: 'a@example.org "b c"',
    code: ['x', 'y'],
    note: 'n',
    references: [reference],
    info: base.info.map((info) => ({
      ...info,
      ...more,
      category: ['Fire', 'Safety'],
      responseType: ['Avoid', 'Monitor'],
      eventCode: pairs,
      parameter: pairs,
      area: [area, { ...area, polygon: [...area.polygon, ...area.polygon], circle: [...area.circle, ...area.circle] }],
    })),
  };
}

describeWith(['python'], 'what we write is CAP 1.2 to a parser that is not ours', () => {
  it('every element in its order, as often as it may stand there, with the words of its list', () => {
    const messages = [
      fullest(),
      ...incidentStates.flatMap((state) => hazards.map((hazard) => messageOf(state, hazard, 'major'))),
      ...severities.map((severity) => messageOf('open', 'fire', severity)),
    ];
    const trees = parsed(messages.map(writeCap));
    expect(trees).toHaveLength(messages.length);
    expect(trees.map(([name]) => name)).toEqual(messages.map(() => `${namespace}alert`));
    expect(trees.flatMap((tree, nth) => faults(tree, `${nth}`))).toEqual([]);
    // §3.2.1: why it is restricted is said where it is; an update and a cancel name what they are of.
    const textsOf = (tree: Tree) => Object.fromEntries(tree[2].map(([name, text]) => [name.slice(namespace.length), text]));
    for (const said of trees.map(textsOf)) {
      if (said['scope'] === 'Restricted') expect(said['restriction']).toMatch(/./);
      if (said['msgType'] !== 'Alert') expect(said['references']).toMatch(/./);
    }
    expect(trees[0]?.[2].at(-1)?.[2].at(-1)?.[2][0]?.[1]).toBe(area.areaDesc);
  });

  it('the table finds what is wrong: an order, a lack, a double, a word, a stranger', () => {
    const good = writeCap(messageOf('confirmed', 'fire', 'critical'));
    const change = (from: string | RegExp, to: string) => {
      const changed = good.replace(from, to);
      expect(changed).not.toBe(good);
      return changed;
    };
    const trees = parsed([
      change(/(<sent>.*<\/sent>)\s*(<status>.*<\/status>)/, '$2$1'),
      change(/<urgency>.*?<\/urgency>/, ''),
      change('<scope>', '<scope>Public</scope><scope>'),
      change('<severity>Extreme', '<severity>Red'),
      change('<info>', '<colour>red</colour><info>'),
      change(/(<sent>[^<]*)\+08:00/, '$1Z'),
      change(/<value>.*?<\/value>/, ''),
    ]);
    expect(trees.map((tree) => faults(tree, '')[0])).toEqual([
      expect.stringContaining('/sent: is missing'),
      expect.stringContaining('/info/urgency: is missing'),
      expect.stringContaining('/scope: stands there twice'),
      expect.stringContaining('/info/severity: Red'),
      expect.stringContaining('colour> is not the standard'),
      expect.stringContaining('/sent: 2026'),
      expect.stringContaining('/value: is missing'),
    ]);
  });
});
