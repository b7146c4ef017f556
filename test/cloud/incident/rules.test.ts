import { describe, expect, it } from 'vitest';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import {
  type IncidentMove,
  incidentLife,
  incidentMoves,
  incidentStates,
  type Leg,
} from '@yihu/device-profiles/vocabulary/incident.ts';
import { hazards } from '@yihu/device-profiles/vocabulary/severity.ts';
import { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { withIsa } from '../../../cloud/alarm/isa.ts';
import type { IncidentCore } from '../../../cloud/incident/core.ts';
import { absorbRaise, findIncident, groupKey, openIncident, reopenWindowMs, touched } from '../../../cloud/incident/group.ts';
import { legLife, moveLeg } from '../../../cloud/incident/leg.ts';
import { applyIncidentMove, type IncidentContext, type IncidentRequest, movesOf } from '../../../cloud/incident/move.ts';
import { choosePlan, moveStep, parsePlan, startPlan } from '../../../cloud/incident/plan.ts';
import { canonicalJson, emptyChain, linkLine, verifyTimeline } from '../../../cloud/incident/timeline.ts';
import { readPlans } from '../../../cloud/response-rules.ts';

const t0 = Date.UTC(2026, 10, 23, 2);
const li = { id: 'u-li', name: '李调度' };
const zhao = { id: 'u-zhao', name: '赵网格' };

function alarm(more: Partial<Alarm> = {}): Alarm {
  const { isa: _derived, ...axes } = {
    id: 'alm-1',
    gateway: 'gw-1',
    device: 'smoke-502',
    deviceName: { zh: '烟感' },
    area: 'xf/3/2/502',
    alarm: 'smoke',
    name: { zh: '烟雾报警', en: 'Smoke' },
    hazard: 'fire',
    episode: 1,
    active: true,
    severity: 'major',
    peakSeverity: 'major',
    occurrences: 1,
    raisedAt: t0 - 500,
    lastAt: t0 - 500,
    clearedAt: null,
    receivedAt: t0,
    reason: { code: 'state-entered' },
    ack: null,
    latch: 'none',
    latched: false,
    shelf: null,
    suppressedBy: [],
    outOfService: null,
    disposition: 'unknown',
    incident: null,
    version: 1,
    isa: 'unacked',
    ...more,
  } satisfies Alarm;
  return withIsa(axes);
}

function incident(more: Partial<IncidentCore> = {}): IncidentCore {
  const opened = openIncident(alarm(), {
    id: 'inc-1',
    number: '20261123-01',
    place: '幸福里 3栋2单元502',
    at: t0,
    childCount: 0,
    plan: null,
  });
  return { ...opened, ...more };
}

const none: IncidentContext = { alarms: [], legs: [] };

function request(move: IncidentMove, more: Partial<IncidentRequest> = {}): IncidentRequest {
  return { move, by: li, at: t0 + 60_000, version: 1, legId: 'leg-1', reason: '已核实', person: zhao, ...more };
}

describe('the life of an incident is the table', () => {
  const every = incidentMoves.flatMap((move) => incidentStates.map((state) => [move, state] as const));
  it.each(every)('%s from %s', (move, state) => {
    const result = applyIncidentMove(incident({ state }), request(move), none);
    const allowed = incidentLife[move].from.includes(state);
    if (allowed) expect(result).toMatchObject({ incident: { state: incidentLife[move].to, version: 2 } });
    else expect(result).toMatchObject({ refused: { code: 'not-allowed' } });
    expect(movesOf(incident({ state }), none).find((one) => one.move === move)?.allowed).toBe(allowed);
  });

  it.each(incidentMoves.filter((move) => incidentLife[move].needsReason))('%s needs a reason', (move) => {
    const [state] = incidentLife[move].from;
    const result = applyIncidentMove(incident({ state: state ?? 'open' }), request(move, { reason: '  ' }), none);
    expect(result).toMatchObject({ refused: { code: 'reason-needed' } });
  });

  it('refuses a move made on an older version', () => {
    expect(applyIncidentMove(incident({ version: 3 }), request('confirm', { version: 2 }), none)).toMatchObject({
      refused: { code: 'version-conflict' },
    });
  });
});

describe('resolving while an alarm still holds', () => {
  const context = (more: Partial<Alarm>): IncidentContext => ({ alarms: [alarm(more)], legs: [] });
  it.each([
    ['an active fire', { active: true }, false],
    ['a latched fire', { active: false, latch: 'until-reset', latched: true }, false],
    ['a fire that cleared', { active: false }, true],
    ['an active leak', { hazard: 'water' }, true],
  ] as const)('%s', (_name, more, allowed) => {
    const result = applyIncidentMove(incident({ state: 'controlled' }), request('resolve'), context(more));
    expect('incident' in result).toBe(allowed);
    const shown = movesOf(incident({ state: 'controlled' }), context(more)).find((one) => one.move === 'resolve');
    expect(shown?.allowed).toBe(allowed);
    if ('hazard' in more) expect(shown?.why).toContain('未恢复');
  });
});

describe('dispatch', () => {
  const sent: Leg = { id: 'leg-1', person: zhao.id, personName: zhao.name, state: 'offered', at: t0 };
  it('needs a person, makes a leg, and sends nobody twice', () => {
    const nobody = { ...request('dispatch'), person: undefined };
    expect(applyIncidentMove(incident(), nobody, none)).toMatchObject({ refused: { code: 'person-needed' } });
    expect(applyIncidentMove(incident(), request('dispatch'), none)).toMatchObject({
      incident: { commander: '李调度', dispatchedAt: t0 + 60_000, ackedAt: t0 + 60_000 },
      legs: [{ id: 'leg-1', person: 'u-zhao', state: 'offered' }],
      lines: [{ kind: 'state' }, { kind: 'dispatch' }],
    });
    expect(applyIncidentMove(incident({ state: 'dispatched' }), request('dispatch'), { alarms: [], legs: [sent] })).toMatchObject(
      {
        refused: { code: 'not-allowed' },
      },
    );
  });

  it('calls off whoever is still under way when it is over, and keeps who was there', () => {
    const legs = [
      sent,
      { ...sent, id: 'leg-2', person: 'b', state: 'on-scene' as const },
      { ...sent, id: 'leg-3', state: 'declined' as const },
    ];
    const result = applyIncidentMove(incident({ state: 'dispatched' }), request('false-alarm'), { alarms: [], legs });
    expect(result).toMatchObject({
      incident: { disposition: 'false' },
      legs: [
        { id: 'leg-1', state: 'cancelled' },
        { id: 'leg-2', state: 'done' },
      ],
    });
  });

  it.each(
    Object.entries(legLife).flatMap(([to, from]) =>
      Object.keys(legLife).map((state) => [state, to, from.includes(state as Leg['state'])] as const),
    ),
  )('a leg goes from %s to %s: %s', (state, to, allowed) => {
    const moved = moveLeg({ ...sent, state: state as Leg['state'] }, to as Leg['state'], t0, zhao);
    expect(moved?.leg.state).toBe(allowed ? to : undefined);
  });
});

describe('grouping', () => {
  it.each([
    ['the same household and hazard', {}, true],
    ['another hazard in the household', { hazard: 'water' }, false],
    ['the same hazard next door', { area: 'xf/3/2/501' }, false],
  ] as const)('%s', (_name, more, joins) => {
    expect(findIncident(alarm(more), [incident()], t0) !== null).toBe(joins);
  });

  it('puts everything a gateway loses into one incident', () => {
    const keys = ['a', 'b'].map((area) => groupKey({ hazard: 'communication', area, gateway: 'gw-1' }));
    expect(new Set(keys).size).toBe(1);
  });

  it.each([
    ['closed', 0, false],
    ['resolved', reopenWindowMs, true],
    ['resolved', reopenWindowMs + 1, false],
    ['on-scene', 100 * reopenWindowMs, true],
  ] as const)('%s, %i ms after the last alarm', (state, afterMs, joins) => {
    expect(findIncident(alarm(), [incident({ state })], t0 + afterMs) !== null).toBe(joins);
  });

  it('comes back by itself when the alarm returns after it was resolved, and says so', () => {
    const result = absorbRaise(incident({ state: 'resolved', ackedAt: t0 }), alarm(), t0 + 1000);
    expect(result).toMatchObject({ incident: { state: 'confirmed', ackedAt: null }, tell: true, lines: [{ kind: 'state' }] });
  });

  it('keeps its version while alarms come and go, so that a flapping detector refuses no hand', () => {
    expect(absorbRaise(incident(), alarm(), t0).incident.version).toBe(1);
    expect(touched(incident(), t0).version).toBe(1);
    expect(absorbRaise(incident(), alarm({ severity: 'critical' }), t0).incident.version).toBe(2);
  });

  it('is as grave as its gravest alarm, and tells again only when it became graver or nobody has taken it up', () => {
    const worse = alarm({ severity: 'critical' });
    const onScene = incident({ state: 'on-scene', ackedAt: t0 });
    expect(absorbRaise(onScene, worse, t0)).toMatchObject({ incident: { severity: 'critical', ackedAt: null }, tell: true });
    expect(absorbRaise(onScene, alarm({ severity: 'warning' }), t0)).toMatchObject({
      incident: { severity: 'major', ackedAt: t0 },
      tell: false,
    });
    expect(absorbRaise(incident(), alarm(), t0).tell).toBe(true);
  });
});

describe('plans', async () => {
  const plans = await readPlans();

  it.each(hazards.map((hazard) => [hazard]))('there is one for %s, with texts that fit in both languages', (hazard) => {
    const plan = choosePlan(plans, { alarm: 'x', hazard });
    expect(plan).not.toBeNull();
    for (const step of plan?.steps ?? []) expect(Text.required().safeParse(step.text).success).toBe(true);
  });

  it('takes the one for the alarm before the one for the hazard, and freezes due times at the start', () => {
    const plan = choosePlan(plans, { alarm: 'gateway-offline', hazard: 'communication' });
    expect(plan?.id).toBe('gateway-offline');
    expect(plan && startPlan(plan, t0)[0]).toMatchObject({ id: 'reach', dueAt: t0 + 300_000, state: 'pending' });
  });

  it('names the file and the place of a mistake', () => {
    expect(() => parsePlan('schema: yihu-plan/1\nid: x\nversion: 0\nname: { zh: x }\nsteps: []', 'x.yaml')).toThrow(
      /x\.yaml: .*version.*steps/s,
    );
  });

  it('skips and blocks only with a reason', () => {
    const [step] = plans[0] ? startPlan(plans[0], t0) : [];
    if (!step) throw new Error('no step');
    expect(moveStep(step, 'skipped', { by: li, at: t0 })).toEqual({ refused: 'reason-needed' });
    expect(moveStep(step, 'skipped', { by: li, at: t0, reason: '已离开' })).toMatchObject({
      step: { state: 'skipped', doneAt: t0 },
    });
    expect(moveStep({ ...step, state: 'done' }, 'in-progress', { by: li, at: t0 })).toEqual({ refused: 'not-allowed' });
  });
});

describe('the timeline', () => {
  const drafts = ['一', '二', '三'].map((zh) => ({
    kind: 'note' as const,
    text: { zh },
    data: { b: 1, a: [2, null] },
    edgeAt: t0 - 5,
  }));
  const lines = drafts.reduce<ReturnType<typeof linkLine>[]>(
    (all, draft) => [...all, linkLine(all.at(-1) ?? emptyChain('inc-1'), draft, t0)],
    [],
  );

  it('verifies with both clocks on every line, and after a way through JSON with other key order', () => {
    expect(verifyTimeline(lines, 'inc-1')).toMatchObject({ ok: true, head: { seq: 3 } });
    const shuffled = lines.map((line) => Object.fromEntries(Object.entries(line).reverse()));
    expect(verifyTimeline(JSON.parse(JSON.stringify(shuffled)) as typeof lines, 'inc-1').ok).toBe(true);
    expect(lines[0]).toMatchObject({ at: t0, edgeAt: t0 - 5 });
  });

  it.each([
    [
      'a changed word',
      lines.map((line) => (line.seq === 2 ? { ...line, text: { zh: '假' } } : line)),
      { seq: 2, why: 'changed' },
    ],
    ['a changed time', lines.map((line) => (line.seq === 3 ? { ...line, edgeAt: 0 } : line)), { seq: 3, why: 'changed' }],
    ['a line taken out', lines.filter((line) => line.seq !== 2), { seq: 2, why: 'missing' }],
    ['lines swapped', [lines[1], lines[0], lines[2]].filter((line) => line !== undefined), { seq: 1, why: 'missing' }],
    ['the first line cut off', lines.slice(1), { seq: 1, why: 'missing' }],
  ])('notices %s', (_name, forged, verdict) => {
    expect(verifyTimeline(forged, 'inc-1')).toMatchObject({ ok: false, ...verdict });
  });

  it('cannot be passed off as the timeline of another incident', () => {
    expect(verifyTimeline(lines, 'inc-2')).toMatchObject({ ok: false, seq: 1 });
  });

  it('has one spelling of a value', () => {
    expect(canonicalJson({ b: undefined, a: { d: 1, c: '引"号' } })).toBe('{"a":{"c":"引\\"号","d":1}}');
  });
});
