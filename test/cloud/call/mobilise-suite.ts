import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CallAnswer } from '@yihu/device-profiles/vocabulary/call.ts';
import { verifyTimeline } from '../../../cloud/incident/timeline.ts';
import { type GivenAnswer, takeAnswers } from '../../../cloud/records/call-answers.ts';
import { callDoors, callNeeds, callPeople } from '../../../cloud/records/call-people.ts';
import { takeReply } from '../../../cloud/records/call-replies.ts';
import { callReport } from '../../../cloud/records/call-report.ts';
import { stepSilent } from '../../../cloud/records/call-silent.ts';
import { moveNeed, staffAnswers, type StaffResult } from '../../../cloud/records/call-staff.ts';
import { areaCounts, tallyCalls } from '../../../cloud/records/call-tally.ts';
import { deliveryOf, tallyDeliveries } from '../../../cloud/records/call-told.ts';
import { beginCalls, sendWaves } from '../../../cloud/records/call-waves.ts';
import type { Settlement } from '../../../cloud/records/deliveries.ts';
import { type DeliveryOrder, order } from '../../../cloud/records/delivery-rows.ts';
import { inTransaction } from '../../../cloud/records/retry.ts';
import { createReach } from '../../../cloud/registry/reach.ts';
import { house, newKey, reader, typed, usePeople, value, xfl } from '../registry/people-stage.ts';
import type { Server } from '../records/servers.ts';
import { type CallStage, here, openCallStage, wang } from './call-stage.ts';

/** From the first message until everybody is accounted for, with a clock turned by hand. */
export function mobiliseSuite(name: string, start: () => Promise<Server>): void {
  describe(`everybody is accounted for, on ${name}`, () => {
    const stage = usePeople(start);
    let calls: CallStage;
    const ids: Record<string, string> = {};
    const worker = { id: 'u-grid', name: '网格员小赵' };

    beforeAll(async () => {
      calls = openCallStage(stage);
      const far = reader('property', 'xingfu');
      const add = async (who: string, area: string, phone: string | null, needs: 'oxygen'[] = []) => {
        ids[who] = value(await stage.registry.people.create(far, typed(who, area, { phone, needs }))).id;
      };
      await add('王一', house.a501, '13800000001');
      await add('王二', house.a501, '13800000001');
      await add('李老', house.a502, null, ['oxygen']);
      await add('赵四', house.b101, '13800000004');
      await add('钱五', house.c301, '13800000005');
      await sql`insert into app_user (id, account, name, phone, password_hash, on_duty, created_at) values
        ('u-grid', 'grid', '网格员小赵', '13900000001', '', true, 0), ('u-desk', 'desk', '值班', '13900000002', '', true, 0)`.execute(
        calls.db,
      );
      await sql`insert into app_grant (user_id, area, role) values ('u-grid', ${xfl}, 'grid-worker'), ('u-desk', ${xfl}, 'dispatcher')`.execute(
        calls.db,
      );
      await sql`insert into area_post (id, area, post, name, phone, from_at) values
        ('post-3', ${`${xfl}/g1/3`}, 'building-head', '楼栋长老孙', '13900000003', 0)`.execute(calls.db);
    });

    const nthOf = async (call: string, who: string) => {
      const { rows } = await sql<{
        nth: number;
      }>`select nth from call_recipient where call = ${call} and person = ${ids[who]}`.execute(calls.db);
      return rows[0]?.nth ?? 0;
    };
    const answer = async (call: string, who: string, said: CallAnswer, more: Partial<GivenAnswer> = {}) => {
      const usual = { household: false, via: 'link', by: 'self', byId: null, byName: null, people: null, note: null } as const;
      const given = { ...usual, nth: await nthOf(call, who), answer: said, key: newKey(), ...more };
      return (await inTransaction(calls.db, (trx) => takeAnswers(trx, calls.desk.ways, [given], calls.clock.now())))[0];
    };
    const begin = async (areas: string[], more: Parameters<CallStage['draft']>[1] = {}) => {
      const id = calls.idOf(await calls.create(wang, calls.draft({ areas }, more)));
      await calls.press(wang, id, 'submit');
      await beginCalls(calls.desk, calls.clock.now());
      while ((await sendWaves(calls.desk, calls.clock.now())) > 0);
      await calls.deliver();
      return id;
    };
    const stand = async (id: string) => {
      await tallyCalls(calls.desk);
      return (await calls.read(id)).count;
    };
    const one = async (id: string, who: string) =>
      (await callPeople(calls.db, here, id, { show: 'all', person: ids[who], limit: 5 })).items[0];
    const end = async (id: string) => {
      await calls.press(wang, id, 'stand-down', { reason: '结束' });
      while ((await sendWaves(calls.desk, calls.clock.now())) > 0);
      await calls.deliver();
      calls.heard.splice(0);
    };

    it('a drill from beginning to end: link, family, next channel, building head, door, until nobody is missing', async () => {
      const id = await begin([`${xfl}/g1`], { kind: 'drill' });
      expect(await stand(id)).toMatchObject({ people: 4, silent: 4, households: 3, householdsDone: 0, vulnerableSilent: 1 });
      calls.heard.splice(0);
      // One answers for the home; the old man without a telephone is looked for at once, by the building head.
      expect(await answer(id, '王一', 'safe', { household: true })).toBe('taken');
      expect(await stand(id)).toMatchObject({ safe: 2, silent: 2, householdsDone: 1 });
      expect(await one(id, '王二')).toMatchObject({ account: 'answered-for', answer: 'safe' });
      await stepSilent(calls.desk, calls.clock.now());
      await calls.deliver('sms');
      expect(calls.heard.splice(0)).toMatchObject([
        { to: 'post-3', text: expect.stringMatching(/^【演练】.*2单元502/) as unknown },
      ]);
      // Two minutes: the next channel, once, however often the sweep runs.
      await calls.clock.advance(120_000);
      await stepSilent(calls.desk, calls.clock.now());
      await stepSilent(calls.desk, calls.clock.now());
      await calls.deliver();
      expect(calls.heard.splice(0)).toMatchObject([
        { channel: 'voice', to: ids['赵四'], title: expect.stringMatching(/^【演练】请应答/) as unknown },
      ]);
      // No head in building 4: the door, and the door of the old man when his head had his time.
      await calls.clock.advance(180_000);
      await stepSilent(calls.desk, calls.clock.now());
      await calls.clock.advance(300_000);
      await stepSilent(calls.desk, calls.clock.now());
      await calls.deliver('sms');
      const told = calls.heard.splice(0);
      expect(new Set(told.map(({ to }) => to))).toEqual(new Set(['u-grid']));
      expect(told.map(({ text }) => text).join()).toMatch(/502.*4栋101/s);
      expect((await callDoors(calls.db, here, id)).map(({ state, area }) => [area, state])).toEqual([
        [house.a502, 'open'],
        [house.b101, 'open'],
      ]);
      const found = (results: StaffResult[], key = newKey()) =>
        inTransaction(calls.db, (trx) =>
          staffAnswers(
            trx,
            calls.desk.ways,
            { scope: here, actor: worker, key, at: calls.clock.now() },
            { call: id, where: 'door', results },
          ),
        );
      const key = newKey();
      const old = [{ person: ids['李老'] ?? '', result: 'safe' as const, note: null }];
      expect(await found(old, key)).toEqual({ id, repeated: false });
      expect(await found(old, key)).toEqual({ id, repeated: true });
      const nobody = { person: ids['赵四'] ?? '', result: 'unreachable' as const };
      expect(await found([{ ...nobody, note: null }])).toMatchObject({ refused: { code: 'reason-needed' } });
      await found([{ ...nobody, note: '敲门无人，邻居说回老家' }]);
      expect(await stand(id)).toMatchObject({ silent: 0, unreachable: 1, householdsDone: 3 });
      expect((await callDoors(calls.db, here, id)).every(({ state }) => state === 'done')).toBe(true);
      // Whoever could not be reached answers after all.
      await answer(id, '赵四', 'away');
      expect(await stand(id)).toMatchObject({ unreachable: 0, away: 1, silent: 0 });
      const call = await calls.read(id);
      const report = await callReport(calls.db, here, call, calls.clock.now());
      expect(report).toMatchObject({ steps: { head: 1, door: 2 }, unreachable: [], needs: { all: 0, done: 0 } });
      expect(report.ways).toContainEqual({ via: 'door', by: 'door', people: 1 });
      expect(verifyTimeline(call.timeline, id)).toMatchObject({ ok: true });
      await calls.press(wang, id, 'stand-down');
      await sendWaves(calls.desk, calls.clock.now());
      await calls.deliver();
      expect(calls.heard.splice(0).every(({ title }) => title.startsWith('【演练】解除'))).toBe(true);
    });

    it('who answers twice: the last one counts and both are kept; a button pressed twice is one', async () => {
      const id = await begin([house.b101]);
      const key = newKey();
      expect(await answer(id, '赵四', 'safe', { key })).toBe('taken');
      expect(await answer(id, '赵四', 'safe', { key })).toBe('repeated');
      await calls.clock.advance(1000);
      expect(await answer(id, '赵四', 'refused')).toBe('taken');
      expect(await stand(id)).toMatchObject({ safe: 0, refused: 1, silent: 0 });
      expect((await one(id, '赵四'))?.history.map((each) => each.answer)).toEqual(['refused', 'safe']);
      await end(id);
      expect(await answer(id, '赵四', 'help')).toBe('over');
      expect(await callNeeds(calls.db, here, id)).toEqual([]);
    });

    it('who takes their word back as somebody else is silent again, and looked for to the end', async () => {
      const id = await begin([house.b101]);
      const step = async () => {
        await stepSilent(calls.desk, calls.clock.now());
        return (await callDoors(calls.db, here, id)).map(({ state }) => state);
      };
      await answer(id, '赵四', 'safe');
      await calls.clock.advance(1000);
      expect(await answer(id, '赵四', 'wrong-person')).toBe('taken');
      expect(await stand(id)).toMatchObject({ safe: 0, silent: 1 });
      calls.heard.splice(0);
      await step();
      await calls.deliver();
      expect(calls.heard.splice(0)).toMatchObject([{ channel: 'voice', to: ids['赵四'] }]);
      await calls.clock.advance(600_000);
      expect(await step()).toEqual(['open']);
      // Found at the door, and then it was somebody else: the door is open again.
      await answer(id, '赵四', 'safe', { by: 'door', via: 'door' });
      expect(await step()).toEqual(['done']);
      await answer(id, '赵四', 'wrong-person');
      expect(await step()).toEqual(['open']);
      await end(id);
    });

    it('a family that needs help is in front of the dispatcher at once, and nobody’s “all safe” hides it', async () => {
      const id = await begin([house.a501]);
      calls.heard.splice(0);
      await answer(id, '王二', 'help', { note: '腿压住了', people: 2 });
      await answer(id, '王一', 'safe', { household: true });
      expect(await stand(id)).toMatchObject({ help: 1, safe: 1, householdsHelp: 1, silent: 0 });
      await calls.deliver('sms');
      expect(calls.heard.splice(0)).toMatchObject([{ to: 'u-desk', text: expect.stringContaining('腿压住了') as unknown }]);
      const [need] = await callNeeds(calls.db, here, id);
      expect(need).toMatchObject({ state: 'open', people: 2, label: expect.stringContaining('501') as unknown });
      const act = (move: 'take' | 'done') =>
        inTransaction(calls.db, (trx) =>
          moveNeed(
            trx,
            { scope: here, actor: worker, key: newKey(), at: calls.clock.now() },
            { call: id, need: need?.id ?? '', move, outcome: '已送医' },
          ),
        );
      await act('take');
      await act('done');
      expect(await act('done')).toMatchObject({ refused: { code: 'not-allowed' } });
      expect((await callNeeds(calls.db, here, id))[0]).toMatchObject({ state: 'done', byName: '网格员小赵' });
      await end(id);
    });

    it('who can help is safe and counted beside, stands beside whoever waits near them, and is none any more who needs help', async () => {
      const id = await begin([`${xfl}/g1`]);
      expect(await answer(id, '王一', 'volunteer', { household: true, note: '会抬担架' })).toBe('taken');
      expect(await one(id, '王一')).toMatchObject({ account: 'answered', answer: 'volunteer' });
      expect(await one(id, '王二')).toMatchObject({ account: 'answered-for', answer: 'safe' });
      expect(await stand(id)).toMatchObject({ safe: 2, volunteers: 1, silent: 2, householdsDone: 1 });
      expect((await areaCounts(calls.db, id, here)).map(({ count }) => count.volunteers)).toContain(1);
      await answer(id, '李老', 'volunteer');
      await answer(id, '李老', 'help', { by: 'staff', via: 'desk' });
      await answer(id, '赵四', 'volunteer');
      const beside = async (scope = here) => (await callNeeds(calls.db, scope, id))[0]?.volunteers;
      expect(await beside()).toMatchObject([
        { person: ids['王一'], area: house.a501, near: 'unit', note: '会抬担架' },
        { person: ids['赵四'], area: house.b101, near: 'grid', note: null },
      ]);
      expect(await beside({ areas: [`${xfl}/g1/3`] })).toMatchObject([{ person: ids['王一'] }]);
      expect(await stand(id)).toMatchObject({ safe: 3, volunteers: 2, help: 1 });
      await answer(id, '王一', 'wrong-person');
      await answer(id, '赵四', 'safe');
      expect(await beside()).toEqual([]);
      expect(await stand(id)).toMatchObject({ safe: 2, volunteers: 0, silent: 1 });
      await end(id);
    });

    it('a digit sent back is the answer of whoever has the number, once; what nobody understands is kept to be read', async () => {
      const id = await begin([`${xfl}/g1`]);
      const reach = createReach(stage.desk);
      const reply = (from: string, text: string, providerId: string) =>
        inTransaction(calls.db, (trx) =>
          takeReply(
            trx,
            calls.desk.ways,
            { channel: 'sms', via: 'sms', phone: reach.phoneIndexOf(from), providerId, text },
            calls.clock.now(),
          ),
        );
      await reply('+8613800000004', '什么事？', 'r-1');
      expect(await one(id, '赵四')).toMatchObject({ account: 'open', words: '什么事？' });
      await reply('+8613800000004', '1', 'r-2');
      await reply('+8613800000004', '2', 'r-2');
      expect(await one(id, '赵四')).toMatchObject({ account: 'answered', answer: 'safe', via: 'sms' });
      // One telephone for two people: a family's word.
      await reply('+8613800000001', '１', 'r-3');
      expect(await one(id, '王二')).toMatchObject({ account: 'answered-for', answer: 'safe' });
      await reply('+8613800000004', '5', 'r-5');
      expect(await one(id, '赵四')).toMatchObject({ account: 'answered', answer: 'volunteer', via: 'sms' });
      await reply('+8613811111111', '1', 'r-4');
      expect(await stand(id)).toMatchObject({ safe: 3, silent: 1 });
      await end(id);
    });

    it('the SMS provider is down: it is seen, and the next channel reaches them all the same', async () => {
      calls.say['sms'] = () => ({ state: 'never', code: 'http-500', reason: { zh: '服务商故障', en: 'down' } });
      const id = await begin([house.c301]);
      await calls.deliver('sms');
      await calls.deliver('voice');
      expect(calls.heard.splice(0)).toMatchObject([{ channel: 'voice', to: ids['钱五'] }]);
      await tallyDeliveries(calls.desk);
      expect((await calls.read(id)).delivery).toMatchObject({ sent: 1, failed: 0 });
      calls.say['voice'] = calls.say['sms'];
      const other = await begin([house.b101]);
      await calls.deliver();
      await tallyDeliveries(calls.desk);
      expect((await calls.read(other)).delivery).toMatchObject({ failed: 1 });
      expect(await one(other, '赵四')).toMatchObject({ delivery: 'failed', account: 'open' });
      calls.say = {};
      await end(id);
      await end(other);
    });

    it('counts messages by what changed, and never otherwise than all of them counted, while senders, receipts and answers race', async () => {
      const id = await begin([house.c301]);
      const people = Array.from({ length: 200 }, (_, nth) => `race-${nth}`);
      await sql`insert into call_recipient (call, person, area, vulnerable, phone) select ${id}, person, ${house.c301}, false, person not like '%7'
        from unnest(${people}::text[]) as p(person)`.execute(calls.db);
      const now = calls.clock.now();
      const said = { language: 'zh' as const, title: '请报平安', text: '请回复' };
      const orderOf = (person: string): DeliveryOrder => ({
        source: 'call',
        subject: id,
        who: { kind: 'person', id: person, name: '' },
        area: house.c301,
        ladder: [['race-a'], ['race-b']],
        occasion: 'call',
        lifeSafety: true,
        priority: 0,
        message: said,
        at: now,
        expiresAt: now + 600_000,
      });
      const race = { isOver: false };
      const tallies = [1, 2].map(async () => {
        while (!race.isOver) await tallyDeliveries(calls.desk);
      });
      const send = async (channel: string, nth: number): Promise<void> => {
        for (;;) {
          const leased = await calls.deliveries.lease(channel, 7, now);
          if (leased.length === 0) return;
          const settled = leased.map((each, index): Settlement => {
            const reason = { zh: '停机' };
            if ((index + nth) % 3 === 0) return { id: each.id, state: 'failed', code: 'off', reason };
            return { id: each.id, state: 'sent', providerId: `p-${each.id}`, receiptDueAt: now + 60_000 };
          });
          await calls.deliveries.settle(settled, now);
          const state = nth % 2 === 0 ? 'delivered' : 'failed';
          await calls.deliveries.receipt(channel, { providerId: `p-${leased[0]?.id}`, state }, now);
        }
      };
      for (let from = 0; from < people.length; from += 50)
        await inTransaction(calls.db, (trx) => order(trx, people.slice(from, from + 50).map(orderOf)));
      const cancelled = sql`update delivery set state = 'cancelled' where subject = ${id} and state = 'queued' and who like 'race-1%'`;
      await Promise.all([...[0, 1, 2].map((nth) => send('race-a', nth)), send('race-b', 3), cancelled.execute(calls.db)]);
      await send('race-b', 4);
      race.isOver = true;
      await Promise.all(tallies);
      await tallyDeliveries(calls.desk);
      const counted = await deliveryOf(calls.db, id);
      expect((await calls.read(id)).delivery).toEqual(counted);
      expect(Object.values(counted).reduce((sum, each) => sum + each, 0)).toBe(201);
      expect(counted).toMatchObject({ nobody: 20, queued: 0 });
      expect(counted.sent + counted.delivered).toBeGreaterThan(0);
      // A turn without news reads and writes nothing of the call; a hand in the database is found within ten minutes.
      await sql`update call set delivery = delivery || '{"sent": 999}' where id = ${id}`.execute(calls.db);
      await tallyDeliveries(calls.desk);
      expect((await calls.read(id)).delivery.sent).toBe(999);
      await sql`update call set told_at = told_at - 600000 where id = ${id}`.execute(calls.db);
      await tallyDeliveries(calls.desk);
      expect((await calls.read(id)).delivery).toEqual(counted);
      expect((await sql`select 1 from call_news where call = ${id}`.execute(calls.db)).rows).toEqual([]);
      await end(id);
    }, 60_000);

    it('the roll-up of a grid is its own; a stranger’s scope sees nothing of it', async () => {
      const id = await begin([house.a501]);
      await stand(id);
      expect((await areaCounts(calls.db, id, here)).map(({ area }) => area)).toEqual([xfl, `${xfl}/g1`, `${xfl}/g1/3`]);
      expect(await areaCounts(calls.db, id, { areas: ['xingfu/dhy'] })).toEqual([]);
      expect((await callPeople(calls.db, { areas: ['xingfu/dhy'] }, id, { show: 'all', limit: 5 })).total).toBe(0);
      await end(id);
    });
  });
}
