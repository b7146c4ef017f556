import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { CallSummary } from '@yihu/device-profiles/vocabulary/call.ts';
import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import { describe, expect, it } from 'vitest';
import { seenIn } from '../../../cloud/notify/happened.ts';
import { addressProblem } from '../../../cloud/notify/webhook-address.ts';

const at = 1_000_000;
const ack = { by: 'u-1', byName: '王芳', at };
const smoke: Alarm = {
  id: 'alm-1',
  gateway: 'gw-1',
  device: 'smoke-502',
  deviceName: { zh: '烟感' },
  area: 'xingfu/xfl',
  alarm: 'smoke',
  name: { zh: '烟雾' },
  hazard: 'fire',
  episode: 1,
  active: true,
  severity: 'critical',
  peakSeverity: 'critical',
  occurrences: 1,
  raisedAt: at,
  lastAt: at,
  clearedAt: null,
  receivedAt: at,
  reason: { code: 'event' },
  ack: null,
  latch: 'none',
  latched: false,
  shelf: null,
  suppressedBy: [],
  outOfService: null,
  disposition: 'unknown',
  incident: 'inc-1',
  version: 1,
  isa: 'unacked',
};
const clear = { active: false, clearedAt: at + 5 };

/** The kinds said by a life of events, one list for each. */
function life(...events: StreamEvent[]): string[][] {
  const states = new Map<string, string>();
  return events.map((event) => {
    const seen = seenIn(event, (object) => states.get(object));
    if (seen) states.set(seen.object, seen.state);
    return seen?.happened.map(({ kind }) => kind) ?? [];
  });
}
const alarm = (change: Partial<Alarm> = {}, when = at): StreamEvent => ({
  type: 'alarm',
  at: when,
  alarm: { ...smoke, ...change },
});

describe('what happened to an alarm', () => {
  it('is said once for each thing, and again when it happens again', () => {
    const shelf = { until: at, reason: '误报', by: 'u-1' };
    expect(
      life(
        alarm(),
        alarm({ occurrences: 2 }),
        alarm({ ack }),
        alarm({ ack, severity: 'major' }),
        alarm({ ack, ...clear, severity: 'major' }),
        alarm({ ack: null, severity: 'major' }),
        alarm({ ack: null, severity: 'major', shelf }),
        alarm({ ack, ...clear }),
      ),
    ).toEqual([
      ['alarm.raised'],
      [],
      ['alarm.acked'],
      ['alarm.changed'],
      ['alarm.cleared'],
      ['alarm.raised'],
      ['alarm.changed'],
      ['alarm.cleared', 'alarm.acked'],
    ]);
  });

  it('is raised and cleared where both came in one commit, and neither where an old one is only judged', () => {
    expect(life(alarm(clear))).toEqual([['alarm.raised', 'alarm.cleared']]);
    expect(life(alarm({ ...clear, disposition: 'false' }, at + 90_000))).toEqual([['alarm.changed']]);
    // One that a flood had grouped is heard of for the first time when it stands alone.
    expect(life(alarm({}, at + 90_000))).toEqual([['alarm.raised']]);
  });
});

describe('what happened to an incident and a call', () => {
  const incident = {
    id: 'inc-1',
    number: '20261123-01',
    title: { zh: '火警' },
    area: 'xingfu/xfl',
    legs: [],
  } as unknown as IncidentSummary;
  const call = { id: 'call-1', number: 'H1', text: '请报平安', authorName: '王芳', area: 'xingfu/xfl' } as unknown as CallSummary;
  const moved = (state: IncidentSummary['state']): StreamEvent => ({ type: 'incident', at, incident: { ...incident, state } });
  const called = (state: CallSummary['state']): StreamEvent => ({ type: 'call', at, call: { ...call, state } });

  it('is its moves and nothing of what is only counted', () => {
    expect(life(moved('open'), moved('open'), moved('confirmed'), moved('closed'))).toEqual([
      ['incident.opened'],
      [],
      ['incident.moved'],
      ['incident.moved'],
    ]);
    expect(life(called('draft'), called('sending'), called('sent'), called('sent'), called('stood-down'))).toEqual([
      [],
      ['call.sent'],
      [],
      [],
      ['call.closed'],
    ]);
    expect(life(called('draft'), called('sent'), called('recalled'))).toEqual([[], ['call.sent'], ['call.closed']]);
  });

  it('says nobody’s name, and nothing that somebody typed', () => {
    const leg = { person: 'u-7', personName: '李强' } as unknown as IncidentSummary['legs'][number];
    const shelf = { until: at, reason: '老王说在做饭', by: '王芳' };
    const events = [
      alarm({ ack, shelf, outOfService: shelf }),
      { type: 'incident', at, incident: { ...incident, state: 'open', commander: '王芳', legs: [leg] } } as StreamEvent,
      called('sending'),
    ];
    const said = JSON.stringify(events.map((event) => seenIn(event, () => undefined)?.happened));
    expect(said).toContain('call.sent');
    expect(said).not.toMatch(/王芳|李强|老王|请报平安|u-1|u-7/);
  });

  it('is nothing for what nobody can subscribe to', () => {
    expect(seenIn({ type: 'beat', at }, () => undefined)).toBeNull();
    expect(seenIn({ type: 'task', at, task: 't', state: 'offered', person: 'u-1' }, () => undefined)).toBeNull();
  });
});

describe('an address to push to', () => {
  it.each(['https://hooks.example.cn/yihu?token=x', 'https://203.0.113.7:8443/x', 'https://[2001:db8::1]/x'])(
    '%s is taken',
    (url) => expect(addressProblem(url, [])).toBeNull(),
  );

  it.each([
    'http://hooks.example.cn/',
    'ftp://hooks.example.cn/',
    'file:///etc/passwd',
    'hooks.example.cn',
    'https://me:secret@hooks.example.cn/',
    'https://hooks.example.cn/#x',
    'https://localhost/',
    'https://db.localhost/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://100.64.0.1/',
    'https://0.0.0.0/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://localhost./',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[64:ff9b::a01:203]/',
    'https://[2002:a01:203::1]/',
    'https://[ff02::1]/',
  ])('%s is refused', (url) => expect(addressProblem(url, [])).not.toBeNull());

  it('of the own network is taken where the setting says so, over HTTP too', () => {
    expect(addressProblem('http://10.1.2.3:9000/x', ['10.1.2.3'])).toBeNull();
    expect(addressProblem('http://10.1.2.4:9000/x', ['10.1.2.3'])).not.toBeNull();
  });
});
