import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { CallAudience } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { IncidentDetail, TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import { usualWaits } from '../../../cloud/call/silent.ts';
import { emptyChain, linkLine } from '../../../cloud/incident/timeline.ts';
import { verifyExported } from '../../../cloud/incident/verify-export.ts';
import { type CallDraft, createCall, pressCall } from '../../../cloud/records/call-moves.ts';
import { openIncidentDesk } from '../../../cloud/records/incident-desk.ts';
import type { Desk } from '../../../cloud/records/commands.ts';
import { inTransaction } from '../../../cloud/records/retry.ts';
import { runCard } from '../../../cloud/records/run-cards.ts';
import { sweep } from '../../../cloud/records/sweep.ts';
import { createRules, readPlans } from '../../../cloud/response-rules.ts';
import { openTasks } from '../../../cloud/records/task-records.ts';
import type { Server } from './servers.ts';
import { all, li, useStage, wang } from './stage.ts';
import { alarmRecord, community, leak502, meter101, t0, transition } from './workshop.ts';

const zhao = { id: 'u-zhao', name: '赵网格' };

/** The same lines with other words, hashed as the platform would have hashed them. */
function relinked({ id, timeline }: { id: string; timeline: readonly TimelineLine[] }): TimelineLine[] {
  const lines: TimelineLine[] = [];
  for (const { kind, data, at } of timeline)
    lines.push(linkLine(lines.at(-1) ?? emptyChain(id), { kind, data, text: { zh: '别的话', en: 'other words' } }, at));
  return lines;
}

/** What is done with incidents beyond moving them, over one kind of server. */
export function incidentDeskSuite(name: string, start: () => Promise<Server>): void {
  describe(`the desk on ${name}`, () => {
    const stage = useStage(start);
    const desk = () => openIncidentDesk(stage.desk());
    const swept = async (at: number, kind: string) => {
      stage.now = at;
      return (await sweep(stage.desk(), at)).filter(({ due }) => due.kind === kind).map(({ outcome }) => outcome);
    };
    const list = async () => {
      const { items } = await stage.records.listIncidents(all, { open: true });
      const found = await Promise.all(items.map(({ id }) => stage.records.incidentDetail(all, id)));
      return Object.fromEntries(found.flatMap((one) => (one ? [[one.hazard, one]] : []))) as Record<string, IncidentDetail>;
    };
    /** A fire and a leak in the same flat: two incidents, until somebody sees that the sprinkler made the water. */
    const fireAndWater = async () => {
      await stage.raise();
      const at = stage.now - 200;
      await stage.commit(
        stage.log.batch('alarm', alarmRecord(leak502, at, transition('raised', 1, at, { alarm: 'leak', hazard: 'water' }))),
      );
      return list();
    };

    it('asks for the people its plan asked for when it began, whatever the plan says now', async () => {
      await stage.addPerson(zhao.id, zhao.name, 'grid-worker');
      const { fire } = await fireAndWater();
      if (!fire) throw new Error('a fire was to be there');
      const wanted = async (desk: Desk, id: string) => (await runCard(desk, all, id))?.map(({ role, wanted }) => [role, wanted]);
      const before = await wanted(stage.desk(), fire.id);
      const plans = await readPlans();
      const changed = plans.map((plan) => ({ ...plan, version: plan.version + 1, send: [{ roles: { 'grid-worker': 9 } }] }));
      const today = { ...stage.desk(), rules: createRules({ plans: changed, profiles: new Map(), timeZone: 'Asia/Shanghai' }) };
      expect(before?.length).toBeGreaterThan(0);
      expect(await wanted(today, fire.id)).toEqual(before);
      // What began before this was kept has nothing else to go by than the plan as it is.
      await sql`update incident set force = null where id = ${fire.id}`.execute(stage.desk().database.db);
      expect(await wanted(today, fire.id)).toEqual([['grid-worker', 9]]);
    });

    it('makes one of two, with errands and alarms, and proves both chains by each other; and takes them apart again', async () => {
      await stage.addPerson(zhao.id, zhao.name, 'grid-worker');
      const { fire, water } = await fireAndWater();
      if (!fire || !water) throw new Error('two incidents were to be there');
      await stage.records.moveIncident(all, li, water.id, {
        move: 'dispatch',
        version: water.version,
        person: zhao.id,
        key: 'send',
      });
      const stale = { into: fire.id, version: water.version, reason: '喷淋出水', key: 'merge-0' };
      expect(await desk().merge(all, li, water.id, stale)).toMatchObject({ ok: false, refusal: { code: 'version-conflict' } });
      const merge = { ...stale, version: water.version + 1, key: 'merge-1' };
      expect(await desk().merge({ areas: ['xingfu/dhy'] }, li, water.id, merge)).toMatchObject({
        ok: false,
        refusal: { code: 'not-found' },
      });
      for (const repeated of [false, true])
        expect(await desk().merge(all, li, water.id, merge)).toMatchObject({
          ok: true,
          repeated,
          value: { id: fire.id, alarmCount: 2, legs: [{ person: zhao.id }], severity: 'critical' },
        });
      expect(await stage.records.incidentDetail(all, water.id)).toMatchObject({ state: 'merged', alarmCount: 0 });
      const [task] = await openTasks(stage.desk()).own(zhao.id);
      expect(task).toMatchObject({ incident: fire.id });
      await openTasks(stage.desk()).moveOwn(zhao, task?.id ?? '', { move: 'arrive', key: 'there' });
      const report = await desk().report(all, fire.id);
      expect(report).toMatchObject({
        merged: [{ id: water.id }],
        tasks: [{ person: zhao.id, state: 'on-scene' }],
        clocks: { toScene: 0 },
      });
      if (!report) throw new Error('no report');
      expect(verifyExported(report)).toMatchObject({ ok: true, head: { seq: report.timeline.length } });
      const [other] = report.merged;
      const cut = { ...report, merged: [{ id: other?.id ?? '', timeline: other?.timeline.slice(0, -1) ?? [] }] };
      expect(verifyExported(cut)).toMatchObject({ ok: false, why: 'missing' });

      const leak = report.alarms.find(({ hazard }) => hazard === 'water');
      const split = { alarms: [leak?.id ?? ''], version: report.version, reason: '是楼上漏水', key: 'split-1' };
      expect(await desk().split(all, li, fire.id, { ...split, alarms: ['al-none'] })).toMatchObject({ ok: false });
      expect(await desk().split(all, li, fire.id, split)).toMatchObject({ ok: true, value: { alarmCount: 1 } });
      const apart = await list();
      expect(apart['water']).toMatchObject({ state: 'open', alarmCount: 1, alarms: [{ id: leak?.id }] });
      expect(apart['water']?.steps.length).toBeGreaterThan(0);
    });

    it('stays a fire where a fire becomes part of a leak, and proves all that became part of it, through however many', async () => {
      const { fire, water } = await fireAndWater();
      const at = stage.now - 100;
      const low = transition('raised', 1, at, { alarm: 'pressure_low', hazard: 'equipment' });
      await stage.commit(stage.log.batch('alarm', alarmRecord(meter101, at, low)));
      const { equipment: power } = await list();
      if (!fire || !water || !power) throw new Error('three incidents were to be there');
      await stage.addPerson(zhao.id, zhao.name, 'grid-worker');
      const sent = await stage.records.moveIncident(all, li, fire.id, {
        move: 'dispatch',
        version: fire.version,
        person: zhao.id,
        key: 's',
      });
      expect(sent.ok).toBe(true);
      const [task] = await openTasks(stage.desk()).own(zhao.id);
      await openTasks(stage.desk()).moveOwn(zhao, task?.id ?? '', { move: 'arrive', key: 't' });
      const onward = (id: string, key: string) => desk().reportOnward(all, li, id, { receiver: '119', how: 'phone', key });
      expect(await onward(fire.id, 'o-1')).toMatchObject({ ok: true });
      expect(await desk().rollCall(all, li, fire.id, 'r')).toMatchObject({ ok: true });
      const merge = async (from: string, into: string) => {
        const { version = 0 } = (await stage.records.incidentDetail(all, from)) ?? {};
        return desk().merge(all, li, from, { into, version, reason: '同一件事', key: `m-${from}` });
      };
      expect(await merge(fire.id, water.id)).toMatchObject({
        ok: true,
        value: { hazard: 'fire', severity: 'critical', state: 'on-scene' },
      });
      expect(await merge(water.id, power.id)).toMatchObject({ ok: true, value: { hazard: 'fire', alarmCount: 3 } });
      expect(await onward(power.id, 'o-2')).toMatchObject({ ok: false, refusal: { message: { zh: '李调度 已上报' } } });
      const report = await desk().report(all, power.id);
      if (!report) throw new Error('no report');
      expect(report.merged.map(({ id }) => id).toSorted()).toEqual([fire.id, water.id].toSorted());
      expect(report).toMatchObject({ onward: { receiver: '119' }, rollCalls: [{ people: [{ person: zhao.id }] }] });
      expect(verifyExported(report)).toMatchObject({ ok: true });
      const forged = report.merged.map((part) => (part.id === fire.id ? { ...part, timeline: relinked(part) } : part));
      expect(verifyExported({ ...report, merged: forged })).toMatchObject({ ok: false, why: 'changed' });
    });

    it('escalates as the fire it is where a fire nobody has answered becomes part of a leak, also of one somebody saw', async () => {
      const { fire, water } = await fireAndWater();
      if (!fire || !water) throw new Error('two incidents were to be there');
      const [leak] = water.alarms;
      await stage.records.moveAlarm(all, li, leak?.id ?? '', { move: 'ack', version: leak?.version ?? 0, key: 'seen' });
      stage.now = t0 + 20_000;
      const merge = { into: water.id, version: fire.version, reason: '喷淋出水', key: 'm' };
      expect(await desk().merge(all, li, fire.id, merge)).toMatchObject({ ok: true, value: { hazard: 'fire', ackedAt: null } });
      expect(await swept(t0 + 29_999, 'escalation')).toEqual([]);
      expect(await swept(t0 + 30_000, 'escalation')).toEqual(['escalated']);
      const again = await stage.records.incidentDetail(all, water.id);
      expect(again?.timeline.findLast(({ kind }) => kind === 'escalation')?.data).toMatchObject({ step: 1 });
    });

    it('is as grave as the gravest of the alarms that are split off, whichever came first', async () => {
      const { fire, water } = await fireAndWater();
      const at = stage.now - 9_000;
      const low = transition('raised', 1, at, { alarm: 'pressure_low', hazard: 'equipment', severity: 'warning' });
      await stage.commit(stage.log.batch('alarm', alarmRecord(meter101, at, low)));
      const { equipment } = await list();
      if (!fire || !water || !equipment) throw new Error('three incidents were to be there');
      const merge = async (from: string) => {
        const { version = 0 } = (await stage.records.incidentDetail(all, from)) ?? {};
        return desk().merge(all, li, from, { into: water.id, version, reason: '同一件事', key: `m-${from}` });
      };
      await merge(equipment.id);
      await merge(fire.id);
      const { version = 0 } = (await stage.records.incidentDetail(all, water.id)) ?? {};
      const alarms = [...equipment.alarms, ...fire.alarms].map(({ id }) => id);
      expect(await desk().split(all, li, water.id, { alarms, version, reason: '另一处', key: 's' })).toMatchObject({ ok: true });
      const apart = (await stage.records.listIncidents(all, { open: true })).items.find(({ id }) => id !== water.id);
      expect(apart).toMatchObject({ hazard: 'fire', severity: 'critical', alarmCount: 2 });
    });

    it('has the calls of an incident on its chain, line by line, and its report proves both', async () => {
      const { fire, water } = await fireAndWater();
      if (!fire || !water) throw new Error('two incidents were to be there');
      const { db } = stage.desk().database;
      const draft: Omit<CallDraft, 'incident'> = {
        kind: 'actual',
        lifeSafety: true,
        template: null,
        title: '请离开',
        text: '到东门集合。',
        audience: CallAudience.parse({ areas: [community] }),
        waits: usualWaits.lifeSafety,
        startsAt: null,
        supersedes: null,
      };
      const call = async (incident: string, key: string) => {
        const doing = { scope: all, actor: li, key, at: stage.now };
        const done = await inTransaction(db, (trx) => createCall(trx, doing, { ...draft, incident }, 'Asia/Shanghai'));
        return 'id' in done ? done.id : '';
      };
      const press = (id: string, move: 'cancel', key: string) =>
        inTransaction(db, (trx) => pressCall(trx, { scope: all, actor: li, key, at: stage.now }, { id, move, version: 1 }));
      const one = await call(fire.id, 'call-1');
      const other = await call(water.id, 'call-2');
      expect(await swept(stage.now, 'call-line')).toEqual(['1 lines', '1 lines']);
      const merge = { into: fire.id, reason: '喷淋出水', key: 'm' };
      const { version = 0 } = (await stage.records.incidentDetail(all, water.id)) ?? {};
      expect(await desk().merge(all, li, water.id, { ...merge, version })).toMatchObject({ ok: true });
      await press(one, 'cancel', 'no-1');
      await press(other, 'cancel', 'no-2');
      expect(await swept(stage.now + 1_000, 'call-line')).toEqual(['1 lines', '1 lines']);
      expect(await swept(stage.now + 1_000, 'call-line')).toEqual([]);

      const report = await desk().report(all, fire.id);
      if (!report) throw new Error('no report');
      const told = report.timeline.flatMap(({ kind, data, text }) =>
        kind === 'call' ? [[data['call'], data['seq'], text.zh]] : [],
      );
      expect(told).toEqual([
        [one, 1, expect.stringMatching(/^呼叫 H\S+：拟定呼叫 /)],
        [one, 2, expect.any(String)],
        [other, 2, expect.any(String)],
      ]);
      expect(report.calls.map(({ id, state }) => [id, state])).toEqual([
        [one, 'cancelled'],
        [other, 'cancelled'],
      ]);
      expect(verifyExported(report)).toMatchObject({ ok: true });
      // A call whose chain was made anew from other words is whole by itself, and not the one the incident was told of.
      const forged = report.calls.map((each) => ({ ...each, timeline: relinked(each) }));
      expect(verifyExported({ ...report, calls: forged })).toMatchObject({ ok: false, why: 'changed' });
      const short = report.calls.map((each) => ({ ...each, timeline: each.timeline.slice(0, 1) }));
      expect(verifyExported({ ...report, calls: short })).toMatchObject({ ok: false, why: 'missing' });
    });

    it('reports a fire onward when somebody has confirmed it, once, and nothing else', async () => {
      const { fire, water } = await fireAndWater();
      const say = (incident: IncidentDetail | undefined, key: string) =>
        desk().reportOnward(all, li, incident?.id ?? '', { receiver: '119', how: 'phone', key });
      expect(await say(water, 'o-1')).toMatchObject({ ok: false, refusal: { message: { zh: '只有火警才上报消防指挥中心' } } });
      expect(await say(fire, 'o-2')).toMatchObject({ ok: false, refusal: { message: { zh: '请先确认火情，再上报' } } });
      await stage.records.moveIncident(all, li, fire?.id ?? '', { move: 'confirm', version: fire?.version ?? 0, key: 'yes' });
      expect(await say(fire, 'o-3')).toMatchObject({ ok: true, repeated: false });
      expect(await say(fire, 'o-3')).toMatchObject({ ok: true, repeated: true });
      expect(await say(fire, 'o-4')).toMatchObject({ ok: false, refusal: { message: { zh: '李调度 已上报' } } });
      const report = await desk().report(all, fire?.id ?? '');
      expect(report?.onward).toMatchObject({ receiver: '119', byName: '李调度' });
      expect(report?.onward?.text).toMatch(
        /^火情报告：.*09:59 首次报警，已经人工确认，现场指挥 李调度。事件编号 20261123-\d\d。$/,
      );
    });

    it('calls the roll of who was sent, and names who does not answer', async () => {
      await stage.addPerson(zhao.id, zhao.name, 'grid-worker');
      await stage.addPerson('u-qian', '钱网格', 'grid-worker');
      await stage.raise();
      const { id } = await stage.onlyIncident();
      expect(await desk().rollCall(all, li, id, 'roll-0')).toMatchObject({ ok: false, refusal: { code: 'not-allowed' } });
      for (const person of [zhao.id, 'u-qian']) {
        const { version } = await stage.onlyIncident();
        await stage.records.moveIncident(all, li, id, { move: 'dispatch', version, person, key: `send-${person}` });
        const [task] = await openTasks(stage.desk()).own(person);
        await openTasks(stage.desk()).moveOwn({ id: person, name: person }, task?.id ?? '', {
          move: 'set-out',
          key: `go-${person}`,
        });
      }
      expect(await desk().rollCall(all, li, id, 'roll-1')).toMatchObject({ ok: true });
      expect(await desk().rollCalls(all, id)).toMatchObject([{ incident: id, people: [{ state: 'asked' }, { state: 'asked' }] }]);
      expect(await desk().rollCalls({ areas: ['xingfu/dhy'] }, id)).toBeNull();
      const [call] = await desk().ownRollCalls(zhao.id);
      const answer = { state: 'safe' as const, key: 'safe-1' };
      expect(await desk().answerRollCall(wang, call?.id ?? '', answer)).toMatchObject({
        ok: false,
        refusal: { code: 'not-found' },
      });
      for (const repeated of [false, true])
        expect(await desk().answerRollCall(zhao, call?.id ?? '', answer)).toMatchObject({ ok: true, repeated });
      expect(await swept(t0 + 60_000, 'roll-call')).toEqual(['somebody is silent']);
      const lines = (await stage.onlyIncident()).timeline.map(({ text }) => text.zh);
      expect(lines.filter((line) => line === '赵网格 平安')).toHaveLength(1);
      expect(lines).toContain('清点未应答：钱网格，请立即联系');
      const late = await desk().answerRollCall({ id: 'u-qian', name: '钱网格' }, call?.id ?? '', {
        state: 'help',
        note: '扭伤',
        key: 'late',
      });
      expect(late).toMatchObject({
        ok: true,
        value: { people: expect.arrayContaining([expect.objectContaining({ state: 'help' })]) },
      });
    });

    it('asks whether somebody sits at the desk: in time, late, wrong, or nobody', async () => {
      const ask = (key: string) => desk().askPost(all, wang, { area: community, question: '4711', withinMs: 60_000, key });
      const first = await ask('ask-1');
      if (!first.ok) throw new Error('not asked');
      expect(await ask('ask-1')).toMatchObject({ ok: true, repeated: true, value: { id: first.value.id } });
      const say = (id: string, answer: string, key: string) => desk().answerPost(all, li, id, { answer, key });
      expect(await say(first.value.id, '4712', 'a-1')).toMatchObject({ ok: false, current: { wrong: 1 } });
      expect(await say(first.value.id, '4711', 'a-2')).toMatchObject({
        ok: true,
        value: { state: 'answered', answeredByName: '李调度' },
      });
      expect(await say(first.value.id, '4711', 'a-2')).toMatchObject({ ok: true, repeated: true });
      expect(await say(first.value.id, '4711', 'a-3')).toMatchObject({ ok: false, current: { state: 'answered' } });
      expect(await swept(t0 + 60_000, 'post-check')).toEqual([]);
      const second = await ask('ask-2');
      expect(await swept(t0 + 120_000, 'post-check')).toEqual(['nobody at the desk']);
      expect(await desk().postChecks(all, true)).toMatchObject([{ state: 'missed' }]);
      expect(await say(second.ok ? second.value.id : '', '4711', 'a-4')).toMatchObject({ ok: true, value: { state: 'late' } });
      expect(await desk().postChecks({ areas: ['xingfu/dhy'] }, false)).toEqual([]);
    });
  });
}
