import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { TaskDetail } from '@yihu/device-profiles/vocabulary/task.ts';
import { verifyTimeline } from '../../../cloud/incident/timeline.ts';
import type { Outcome } from '../../../cloud/records/records.ts';
import { sweep } from '../../../cloud/records/sweep.ts';
import { openTasks, type TaskOrder } from '../../../cloud/records/task-records.ts';
import type { Server } from './servers.ts';
import { all, li, useStage } from './stage.ts';
import { community, t0 } from './workshop.ts';

const zhao = { id: 'u-zhao', name: '赵网格' };
const qian = { id: 'u-qian', name: '钱网格' };
const minute = 60_000;
/** Two hundred metres north of each other, on the same meridian. */
const here = { lon: 120.1, lat: 30.2 };
const near = { lon: 120.1, lat: 30.2018 };

function valueOf(outcome: Outcome<TaskDetail>): TaskDetail {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal));
  return outcome.value;
}

/** Tasks over one kind of server: who is asked, who is asked next, and what a phone sends late or twice. */
export function tasksSuite(name: string, start: () => Promise<Server>): void {
  describe(`tasks on ${name}`, () => {
    const stage = useStage(start);
    const tasks = () => openTasks(stage.desk());
    const order = (more: Partial<TaskOrder> = {}) =>
      tasks().order(all, li, {
        kind: 'visit',
        title: { zh: '走访独居老人' },
        area: community,
        position: here,
        key: 'order-1',
        ...more,
      });
    const runUntil = async (at: number) => {
      stage.now = at;
      return (await sweep(stage.desk(), at)).map(({ outcome }) => outcome);
    };
    const both = async () => {
      await stage.addPerson(zhao.id, zhao.name, 'grid-worker');
      await stage.addPerson(qian.id, qian.name, 'grid-worker');
    };
    const at = (person: string, place: typeof here, phoneAt = t0) =>
      tasks().putPlace(person, { ...place, accuracyM: 10, phoneAt });

    it('asks the nearest on duty, and says so of a place it does not know', async () => {
      await both();
      await at(zhao.id, { lon: 120.2, lat: 30.2 });
      await at(qian.id, near);
      const made = valueOf(await order());
      expect(made).toMatchObject({ state: 'offered', person: qian.id, offeredUntil: t0 + 60 * minute, place: '幸福里' });
      expect(made.timeline.map(({ text }) => text.zh)).toEqual(['走访独居老人', '钱网格 已派出（距离 200 米）']);
      expect(await tasks().candidates(all, made.id)).toMatchObject([
        { id: qian.id, located: 'fresh', metres: 200, busy: false },
        { id: zhao.id, located: 'fresh', metres: 9610 },
      ]);
      stage.now = t0 + 6 * minute;
      const other = valueOf(await order({ key: 'order-2' }));
      expect(other).toMatchObject({ person: zhao.id });
      expect(other.timeline.at(-1)?.text.zh).toBe('赵网格 已派出（位置已过时）');
      expect(await tasks().candidatesFor(community)).toMatchObject([
        { located: 'stale', busy: true, locatedAt: t0 },
        { located: 'stale', busy: true },
      ]);
    });

    it('forgets where somebody is when they go off duty, and keeps nothing of them until they are back', async () => {
      await both();
      await at(zhao.id, near);
      await sql`update app_user set on_duty = false where id = ${zhao.id}`.execute(stage.bench.database.db);
      expect(await at(zhao.id, near, t0 + 1)).toBe(false);
    });

    it('takes the newest word of a phone, not the last to come in', async () => {
      await both();
      expect(await at(qian.id, near, t0 - 1000)).toBe(true);
      expect(await at(qian.id, here, t0 - 5000)).toBe(false);
      expect((await tasks().candidatesFor(community))[0]).toMatchObject({ id: qian.id, locatedAt: t0 - 1000 });
    });

    it('goes to the next when one says no, to the next when one says nothing, and says when nobody is left', async () => {
      await both();
      await at(qian.id, near);
      const { id } = valueOf(await order());
      const no = await tasks().moveOwn(qian, id, { move: 'decline', reason: '在医院', key: 'k-decline' });
      expect(no).toMatchObject({ ok: true, value: { state: 'offered', person: zhao.id } });
      expect(await runUntil(t0 + 61 * minute)).toEqual(['offered to the next']);
      expect(await tasks().task(all, id)).toMatchObject({ state: 'offered', person: zhao.id });
      expect(await runUntil(t0 + 123 * minute)).toEqual(['nobody left']);
      const left = await tasks().task(all, id);
      expect(left).toMatchObject({
        state: 'created',
        person: null,
        trouble: { zh: '在岗的都问过了：1 人不能去，1 人没有回应' },
        legs: [{ state: 'declined' }, { state: 'expired' }, { state: 'expired' }],
      });
      expect(verifyTimeline(left?.timeline ?? [], id)).toMatchObject({ ok: true });
      await stage.addPerson('u-sun', '孙网格', 'grid-worker');
      expect(await runUntil(t0 + 125 * minute)).toEqual(['offered']);
      expect(await tasks().task(all, id)).toMatchObject({ person: 'u-sun', trouble: null });
    });

    it('is there though nobody is on duty, says so once, and finds whoever comes', async () => {
      await stage.addPerson(zhao.id, zhao.name, 'grid-worker');
      await sql`update app_user set on_duty = false`.execute(stage.bench.database.db);
      const { id } = valueOf(await order());
      expect(await runUntil(t0 + 2 * minute)).toEqual(['nobody']);
      expect(await runUntil(t0 + 4 * minute)).toEqual(['nobody']);
      const waiting = await tasks().task(all, id);
      expect(waiting).toMatchObject({ state: 'created', trouble: { zh: '可派的 1 人都不在岗' } });
      expect(waiting?.timeline).toHaveLength(2);
      await sql`update app_user set on_duty = true`.execute(stage.bench.database.db);
      expect(await runUntil(t0 + 6 * minute)).toEqual(['offered']);
    });

    it('takes what a phone kept while it was away, in its order and with its times, and once though sent twice', async () => {
      await both();
      const { id, person } = valueOf(await order({ kind: 'work-order', roles: ['grid-worker'] }));
      const who = person === zhao.id ? zhao : qian;
      const kept = ['accept', 'set-out', 'arrive', 'finish'] as const;
      const send = async () => {
        for (const [nth, move] of kept.entries()) {
          expect(await tasks().moveOwn(who, id, { move, phoneAt: t0 + nth * minute, key: `offline-${nth}` })).toMatchObject({
            ok: true,
          });
        }
      };
      stage.now = t0 + 20 * minute;
      await send();
      await send();
      const done = await tasks().task(all, id);
      expect(done).toMatchObject({ state: 'done', checked: true, legs: [{ state: 'done' }] });
      const moves = done?.timeline.filter((line) => 'move' in line.data && line.data['phoneAt'] !== undefined) ?? [];
      expect(moves.map((line) => [line.data['move'], line.data['phoneAt']])).toEqual(
        kept.map((move, nth) => [move, t0 + nth * minute]),
      );
      const version = done?.version ?? 0;
      const again = await tasks().move(all, li, id, { move: 'return', reason: '照片看不清', version, key: 'desk-return' });
      expect(again).toMatchObject({ ok: true, value: { state: 'accepted', person: who.id } });
      expect(await tasks().move(all, li, id, { move: 'cancel', reason: 'x', version, key: 'desk-late' })).toMatchObject({
        ok: false,
        refusal: { code: 'version-conflict' },
        current: { state: 'accepted' },
      });
      for (const move of ['arrive', 'finish'] as const) await tasks().moveOwn(who, id, { move, key: `again-${move}` });
      const last = await tasks().task(all, id);
      const verified = await tasks().move(all, li, id, { move: 'verify', version: last?.version ?? 0, key: 'desk-verify' });
      expect(verified).toMatchObject({ ok: true, value: { state: 'verified' } });
      expect(verifyTimeline(valueOf(verified).timeline, id)).toMatchObject({ ok: true });
    });

    it('is not taken from its second person by the first who answers late', async () => {
      await both();
      await at(qian.id, near);
      const { id } = valueOf(await order());
      await runUntil(t0 + 61 * minute);
      const late = await tasks().moveOwn(qian, id, { move: 'accept', phoneAt: t0 + minute, key: 'k-late' });
      expect(late).toMatchObject({ ok: false, refusal: { code: 'not-yours' }, current: { person: zhao.id } });
      const stranger = await tasks().moveOwn({ id: 'u-none', name: '无关' }, id, { move: 'accept', key: 'k-none' });
      expect(stranger).toMatchObject({ ok: false, refusal: { code: 'not-found' }, current: null });
      expect(await tasks().moveOwn(zhao, id, { move: 'verify', key: 'k-not-mine' })).toMatchObject({ ok: false });
    });

    it('names the points of a patrol that were missed', async () => {
      await both();
      const checks = [
        { id: 'c1', name: '消防泵房' },
        { id: 'c2', name: '3栋天台' },
      ];
      const { id } = valueOf(await order({ kind: 'patrol', checks, person: zhao.id }));
      const tick = (check: string, key: string) => tasks().tickOwn(zhao, id, check, { state: 'fine', key });
      expect(await tick('c1', 'tick-1')).toMatchObject({ ok: false, refusal: { code: 'not-allowed' } });
      await tasks().moveOwn(zhao, id, { move: 'arrive', key: 'arrive-1' });
      expect(await tick('c9', 'tick-9')).toMatchObject({ ok: false, refusal: { code: 'not-found' } });
      expect(await tick('c1', 'tick-2')).toMatchObject({
        ok: true,
        value: { checks: [{ state: 'fine' }, { state: 'pending' }] },
      });
      expect(await tasks().moveOwn(zhao, id, { move: 'finish', key: 'finish-1' })).toMatchObject({
        ok: false,
        refusal: { code: 'reason-needed', message: { zh: '还有 1 个点位没有检查，请写明原因' } },
      });
      expect(await tasks().moveOwn(zhao, id, { move: 'finish', reason: '天台门锁着', key: 'finish-2' })).toMatchObject({
        ok: true,
        value: { state: 'done', checks: [{ state: 'fine' }, { state: 'missed' }] },
      });
      expect((await tasks().list(all, { open: true })).total).toBe(0);
    });

    it('of an incident writes on its timeline, and a dispatched person who does not answer is followed by the next', async () => {
      await both();
      await at(qian.id, near);
      await stage.raise();
      const { id, version } = await stage.onlyIncident();
      await stage.records.moveIncident(all, li, id, { move: 'dispatch', version, person: zhao.id, key: 'send' });
      stage.now = t0 + 61_000;
      const swept = await sweep(stage.desk(), stage.now);
      expect(swept.filter(({ due }) => due.kind === 'task')).toMatchObject([{ outcome: 'offered to the next' }]);
      const after = await stage.onlyIncident();
      expect(after.legs).toMatchObject([
        { person: zhao.id, state: 'expired' },
        { person: qian.id, state: 'offered' },
      ]);
      expect(after.timeline.slice(-2).map(({ text }) => text.zh)).toEqual(['赵网格 超时未接受', '钱网格 已派出（距离不明）']);
      expect(verifyTimeline(after.timeline, id)).toMatchObject({ ok: true });
      const [task] = await tasks().own(qian.id);
      await tasks().moveOwn(qian, task?.id ?? '', { move: 'decline', reason: '走不开', key: 'no' });
      expect((await tasks().task(all, task?.id ?? ''))?.state).toBe('offered');
      const now = await stage.onlyIncident();
      await stage.records.moveIncident(all, li, id, { move: 'false-alarm', version: now.version, reason: '演练', key: 'over' });
      expect((await tasks().list(all, { open: true })).items).toEqual([]);
      expect(await runUntil(t0 + 30 * minute)).toEqual([]);
    });
  });
}
