import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { verifyTimeline } from '../../../cloud/incident/timeline.ts';
import { sweep } from '../../../cloud/records/sweep.ts';
import { openTasks } from '../../../cloud/records/task-records.ts';
import type { Server } from './servers.ts';
import { all, li, wang, useStage } from './stage.ts';
import { alarmRecord, smoke502, t0, transition } from './workshop.ts';

/** What people do, and what the clock does, over one kind of server. */
export function commandsSuite(name: string, start: () => Promise<Server>): void {
  describe(`records on ${name}: commands`, () => {
    const stage = useStage(start);

    describe('a latched fire', () => {
      it('keeps its incident from being resolved until it has cleared and a person has reset it', async () => {
        await stage.raise({ latch: 'until-reset' });
        const resolve = async (key: string) => {
          const { id, version } = await stage.onlyIncident();
          return stage.records.moveIncident(all, li, id, { move: 'resolve', version, key });
        };
        const reset = async (key: string) => {
          const { id, version } = await stage.onlyAlarm();
          return stage.records.moveAlarm(all, li, id, { move: 'reset', version, key });
        };
        const { id, version } = await stage.onlyIncident();
        const arrived = await stage.records.moveIncident(all, li, id, { move: 'confirm', version, key: 'confirm' });
        expect(arrived.ok).toBe(true);
        expect(await resolve('active')).toMatchObject({ ok: false, refusal: { code: 'still-active' } });
        expect(await reset('too-early')).toMatchObject({ ok: false, refusal: { code: 'still-active' } });
        await stage.clear();
        expect(await stage.onlyAlarm()).toMatchObject({ active: false, latched: true });
        expect(await resolve('latched')).toMatchObject({ ok: false, refusal: { code: 'still-active' } });
        const shown = (await stage.onlyIncident()).moves.find((one) => one.move === 'resolve');
        expect(shown).toMatchObject({ allowed: false, whyText: { en: expect.stringContaining('reset') } });
        expect(await reset('now')).toMatchObject({ ok: true, value: { latched: false } });
        expect(await resolve('after')).toMatchObject({ ok: true, value: { state: 'resolved' } });
      });
    });

    describe('commands', () => {
      it('lets one of two dispatchers win and shows the other what happened (F74)', async () => {
        await stage.raise();
        const incident = await stage.onlyIncident();
        const move = (actor: typeof li) =>
          stage.records.moveIncident(all, actor, incident.id, {
            move: 'confirm',
            version: incident.version,
            key: `by-${actor.id}`,
          });
        const outcomes = await Promise.all([move(li), move(wang)]);
        expect(outcomes.filter((one) => one.ok)).toHaveLength(1);
        const lost = outcomes.find((one) => !one.ok);
        expect(lost).toMatchObject({ refusal: { code: 'version-conflict' }, current: { state: 'confirmed' } });
        expect((await stage.onlyIncident()).timeline.filter((line) => line.kind === 'state')).toHaveLength(1);
      });

      it('carries a key out once, however often it is sent', async () => {
        await stage.raise();
        const incident = await stage.onlyIncident();
        const command = { move: 'confirm' as const, version: incident.version, key: 'same' };
        const outcomes = await Promise.all([1, 2, 3].map(() => stage.records.moveIncident(all, li, incident.id, command)));
        expect(outcomes.every((one) => one.ok)).toBe(true);
        expect(outcomes.filter((one) => one.ok && one.repeated)).toHaveLength(2);
        expect((await stage.onlyIncident()).timeline.filter((line) => line.kind === 'state')).toHaveLength(1);
      });

      it('acknowledges the alarms of an incident that somebody takes up, and ends its escalation', async () => {
        await stage.raise();
        const { id, version } = await stage.onlyIncident();
        await stage.records.moveIncident(all, li, id, { move: 'confirm', version, key: 'k1' });
        expect(await stage.onlyIncident()).toMatchObject({ commander: '李调度', unackedCount: 0, ackedAt: t0 });
        expect(await sweep(stage.desk(), t0 + 3_600_000)).toEqual([]);
      });

      it('does not re-open an alarm that has just cleared when it is acknowledged late', async () => {
        await stage.raise();
        const seen = await stage.onlyAlarm();
        await stage.clear();
        const stale = await stage.records.moveAlarm(all, li, seen.id, { move: 'ack', version: seen.version, key: 'k1' });
        expect(stale).toMatchObject({ ok: false, refusal: { code: 'version-conflict' }, current: { isa: 'returned-unacked' } });
        const fresh = await stage.onlyAlarm();
        const acked = await stage.records.moveAlarm(all, li, fresh.id, { move: 'ack', version: fresh.version, key: 'k2' });
        expect(acked).toMatchObject({ ok: true, value: { active: false, isa: 'normal' } });
      });

      it('dispatches a person of the accounts, follows the errand, and shows who is busy', async () => {
        await stage.addPerson('u-zhao', '赵网格', 'grid-worker');
        await stage.raise();
        const { id, version } = await stage.onlyIncident();
        const nobody = await stage.records.moveIncident(all, li, id, { move: 'dispatch', version, key: 'k0' });
        expect(nobody).toMatchObject({ ok: false, refusal: { code: 'person-needed' } });
        // Who could not carry an errand, and who works where this dispatcher reaches nobody, are not there.
        await stage.addPerson('u-sun', '孙审计', 'auditor');
        await stage.addPerson('u-qian', '钱远', 'grid-worker', 'anju');
        for (const person of ['u-sun', 'u-qian', 'u-none']) {
          const asked = { move: 'dispatch' as const, version, person, key: `k-${person}` };
          expect(await stage.records.moveIncident(all, li, id, asked)).toMatchObject({
            ok: false,
            refusal: { code: 'person-needed' },
          });
        }
        const sent = await stage.records.moveIncident(all, li, id, { move: 'dispatch', version, person: 'u-zhao', key: 'k1' });
        if (!sent.ok) throw new Error(sent.refusal.message.zh);
        const leg = sent.value.legs[0];
        expect(leg).toMatchObject({ person: 'u-zhao', personName: '赵网格', state: 'offered' });
        expect(await stage.records.responders(all)).toMatchObject([
          { id: 'u-zhao', incident: id, legState: 'offered', onDuty: true },
        ]);
        const zhao = { id: 'u-zhao', name: '赵网格' };
        const tasks = openTasks(stage.desk());
        const task = (await tasks.own('u-zhao'))[0]?.id ?? '';
        expect(await tasks.moveOwn(zhao, task, { move: 'accept', key: 'k2' })).toMatchObject({
          ok: true,
          value: { state: 'accepted' },
        });
        const there = await tasks.moveOwn(zhao, task, { move: 'arrive', phoneAt: t0 - 5000, key: 'k3' });
        expect(there).toMatchObject({ ok: true, value: { state: 'on-scene', legs: [{ state: 'on-scene' }] } });
        expect(await stage.onlyIncident()).toMatchObject({ state: 'on-scene', legs: [{ state: 'on-scene' }] });
        const { events } = await stage.records.streamAfter(all, '0', 500);
        expect(events.filter((one) => one.event.type === 'responder').map((one) => one.event)).toMatchObject([
          { responder: { legState: 'offered', phone: null } },
          { responder: { legState: 'accepted' } },
          { responder: { legState: 'on-scene' } },
        ]);
      });

      it('refuses to call a fire resolved while a detector says otherwise, and closes it with a verdict afterwards', async () => {
        await stage.raise();
        let it = await stage.onlyIncident();
        const move = async (step: 'confirm' | 'resolve' | 'close', key: string) => {
          const outcome = await stage.records.moveIncident(all, li, it.id, { move: step, version: it.version, key });
          it = await stage.onlyIncident();
          return outcome;
        };
        await move('confirm', 'k1');
        expect(await move('resolve', 'k2')).toMatchObject({ ok: false, refusal: { code: 'still-active' } });
        await stage.clear();
        it = await stage.onlyIncident();
        await move('resolve', 'k3');
        expect(await move('close', 'k4')).toMatchObject({ ok: true, value: { state: 'closed', disposition: 'real' } });
        expect(await stage.onlyAlarm()).toMatchObject({ isa: 'normal', disposition: 'real' });
        expect((await stage.records.snapshot(all)).lastClosedAt).toBe(t0);
      });

      it('keeps notes and plan steps on a timeline that verifies, and notices any line that was changed', async () => {
        await stage.raise();
        const { id } = await stage.onlyIncident();
        await stage.records.addNote(all, li, id, { text: '已致电户主，无人接听。'.repeat(20), key: 'n1' });
        await stage.records.stepMove(all, li, id, 'call', { to: 'done', key: 's1' });
        const unsaid = await stage.records.stepMove(all, li, id, 'send', { to: 'skipped', key: 's2' });
        expect(unsaid).toMatchObject({ ok: false, refusal: { code: 'reason-needed' } });
        const { timeline, steps } = await stage.onlyIncident();
        expect(steps[0]).toMatchObject({ id: 'call', state: 'done', by: '李调度', doneAt: t0 });
        expect(timeline.map((line) => line.kind)).toEqual(['alarm-raised', 'note', 'step']);
        expect(verifyTimeline(timeline, id)).toMatchObject({ ok: true, head: { seq: 3 } });
        const forged = timeline.map((line) => (line.seq === 2 ? { ...line, actorName: '王调度' } : line));
        expect(verifyTimeline(forged, id)).toEqual({ ok: false, seq: 2, why: 'changed' });
        await expect(sql`update timeline set at = 0`.execute(stage.bench.database.db)).rejects.toThrow('append-only');
        await expect(sql`delete from timeline`.execute(stage.bench.database.db)).rejects.toThrow('append-only');
        await expect(sql`truncate timeline`.execute(stage.bench.database.db)).rejects.toThrow('append-only');
      });
    });

    describe('by the clock', () => {
      const escalations = async () =>
        (await stage.onlyIncident()).timeline.filter((line) => line.kind === 'escalation').map((line) => line.data['step']);

      it('escalates a fire nobody answers at 30, 60 and 120 s, once each, also with two sweepers', async () => {
        await stage.raise();
        expect(await sweep(stage.desk(), t0 + 29_999)).toEqual([]);
        await Promise.all([sweep(stage.desk(), t0 + 30_000), sweep(stage.desk(), t0 + 30_000)]);
        expect(await escalations()).toEqual([1]);
        await Promise.all([sweep(stage.desk(), t0 + 125_000), sweep(stage.desk(), t0 + 125_000)]);
        expect(await escalations()).toEqual([1, 2, 3]);
        // Rule 8: this installation has no channel, and a step that was sent to nobody says so.
        const lines = (await stage.onlyIncident()).timeline.filter((line) => line.kind === 'escalation');
        for (const { text } of lines) expect(Text.safeParse(text).success, text.en).toBe(true);
        expect(lines.map(({ data, text }) => [data['told'], text.zh.endsWith('未能发出）')])).toEqual(
          [1, 2, 3].map(() => [0, true]),
        );
      });

      it('uses up no step while everything is shelved, and starts a fresh chain when the shelf ends', async () => {
        await stage.raise();
        const alarm = await stage.onlyAlarm();
        const shelve = { move: 'shelve' as const, version: alarm.version, reason: '检修', until: t0 + 300_000, key: 'k1' };
        expect(await stage.records.moveAlarm(all, li, alarm.id, shelve)).toMatchObject({ ok: true, value: { isa: 'shelved' } });
        expect(await sweep(stage.desk(), t0 + 200_000)).toEqual([]);
        expect((await stage.records.snapshot(all)).shelved).toBe(1);
        expect(await sweep(stage.desk(), t0 + 300_000)).toMatchObject([{ outcome: 'ended' }]);
        expect(await stage.onlyAlarm()).toMatchObject({ isa: 'unacked', shelf: null });
        await sweep(stage.desk(), t0 + 329_999);
        expect(await escalations()).toEqual([]);
        await sweep(stage.desk(), t0 + 330_000);
        expect(await escalations()).toEqual([1]);
      });

      it('is not put off by a detector that comes and goes', async () => {
        await stage.raise();
        for (const [nth, at] of [10_000, 20_000, 29_000].entries()) {
          stage.now = t0 + at;
          await stage.clear(nth + 1);
          const again = transition('raised', nth + 2, stage.now);
          await stage.commit(stage.log.batch('alarm', alarmRecord(smoke502, stage.now, again)));
        }
        await sweep(stage.desk(), t0 + 30_000);
        expect(await escalations()).toEqual([1]);
      });

      it('tells again of a fire that was acknowledged and that nobody took up, and not of one somebody is on', async () => {
        await stage.raise();
        const alarm = await stage.onlyAlarm();
        await stage.records.moveAlarm(all, li, alarm.id, { move: 'ack', version: alarm.version, key: 'k1' });
        expect(await sweep(stage.desk(), t0 + 599_999)).toEqual([]);
        stage.now = t0 + 600_000;
        expect(await sweep(stage.desk(), stage.now)).toMatchObject([{ due: { kind: 'ack-end' }, outcome: 'ended' }]);
        expect(await stage.onlyAlarm()).toMatchObject({ isa: 'unacked' });
        await sweep(stage.desk(), t0 + 630_000);
        expect(await escalations()).toEqual([1]);
        const { id, version } = await stage.onlyIncident();
        await stage.records.moveIncident(all, li, id, { move: 'confirm', version, key: 'k2' });
        await sweep(stage.desk(), t0 + 3_600_000);
        expect(await stage.onlyAlarm()).toMatchObject({ isa: 'acked' });
        expect(await escalations()).toEqual([1]);
      });

      it('clears a shelved alarm all the same: shelving hides, it does not block', async () => {
        await stage.raise();
        const alarm = await stage.onlyAlarm();
        await stage.records.moveAlarm(all, li, alarm.id, {
          move: 'shelve',
          version: alarm.version,
          reason: '检修',
          until: t0 + 300_000,
          key: 'k1',
        });
        await stage.clear();
        expect(await stage.onlyAlarm()).toMatchObject({ active: false, isa: 'shelved' });
      });
    });
  });
}
