import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyTimeline } from '../../../cloud/incident/timeline.ts';
import { figuresOf } from '../../../cloud/records/call-audience.ts';
import { listTemplates, putTemplate } from '../../../cloud/records/call-templates.ts';
import { listCalls } from '../../../cloud/records/call-questions.ts';
import { beginCalls, sendWaves } from '../../../cloud/records/call-waves.ts';
import { listDeliveries, retryDelivery } from '../../../cloud/records/delivery-lists.ts';
import { inTransaction } from '../../../cloud/records/retry.ts';
import { house, keeper, newKey, reader, typed, usePeople, value, xfl } from '../registry/people-stage.ts';
import type { Server } from '../records/servers.ts';
import { type CallStage, here, li, openCallStage, wang } from './call-stage.ts';

/** Whom a call is for, who must say yes, and what is taken back: against a real database. */
export function callsSuite(name: string, start: () => Promise<Server>): void {
  describe(`calls on ${name}`, () => {
    const stage = usePeople(start);
    let calls: CallStage;
    const ids: Record<string, string> = {};

    beforeAll(async () => {
      calls = openCallStage(stage);
      const far = reader('property', 'xingfu');
      const add = async (who: string, area: string, phone: string | null, tags: 'volunteer'[] = [], needs: 'oxygen'[] = []) => {
        ids[who] = value(await stage.registry.people.create(far, typed(who, area, { phone, needs }, { tags }))).id;
      };
      await add('王一', house.a501, '13800000001');
      await add('王二', house.a501, null);
      await add('李老', house.a502, null, [], ['oxygen']);
      await add('赵四', house.b101, '13800000004', ['volunteer']);
      await add('钱五', house.c301, '13800000005');
      await add('孙六', house.far, '13800000006');
    });

    it('an audience is counted exactly: people, households, who can be reached by no channel', async () => {
      const figures = await figuresOf(calls.db, calls.draft({ areas: [`${xfl}/g1`] }).audience, 10);
      expect(figures).toMatchObject({ people: 4, households: 3, grids: 1, vulnerable: 1, area: `${xfl}/g1` });
      expect(figures.phones).toEqual({ people: 2, households: 2 });
      expect(new Set(figures.without.map(({ person }) => person))).toEqual(new Set([ids['王二'], ids['李老']]));
      const ask = async (audience: Parameters<CallStage['draft']>[0]) =>
        (await figuresOf(calls.db, calls.draft(audience).audience, 0)).people;
      expect(await ask({ areas: [xfl] })).toBe(5);
      expect(await ask({ areas: [xfl], tags: ['volunteer'] })).toBe(1);
      expect(await ask({ areas: [xfl], roles: ['tenant'] })).toBe(0);
      expect(await ask({ areas: [xfl], except: { areas: [`${xfl}/g1/3`], people: [ids['钱五'] ?? ''] } })).toBe(1);
      expect(await ask({ areas: [`${xfl}/g1/3`, `${xfl}/g1`] })).toBe(4);
    });

    it('an outline drawn on the map takes the buildings that lie in it', async () => {
      const square = (x: number): [number, number][] => [
        [x, 0],
        [x + 1, 0],
        [x + 1, 1],
        [x, 1],
      ];
      const shape = (x: number) => ({ kind: 'plan' as const, plan: 'site', ring: square(x) });
      for (const [path, x] of [
        [`${xfl}/g1/3`, 0],
        [`${xfl}/g1/4`, 5],
      ] as const) {
        await calls.db
          .updateTable('area')
          .set({ shape: JSON.stringify(shape(x)) } as never)
          .where('path', '=', path)
          .execute();
      }
      const outline = {
        within: xfl,
        shape: { ...shape(0), ring: square(0).map(([x, y]): [number, number] => [x * 3 - 1, y * 3 - 1]) },
      };
      expect((await figuresOf(calls.db, calls.draft({ outline }).audience, 0)).people).toBe(3);
    });

    it('what is not its author’s cannot be called, and the same press twice is one call', async () => {
      const scope = { areas: [xfl] };
      expect(await calls.create(wang, calls.draft({ areas: ['xingfu/dhy'] }), newKey(), scope)).toMatchObject({
        refused: { code: 'invalid' },
      });
      expect(await calls.create(wang, calls.draft({}))).toMatchObject({ refused: { code: 'no-audience' } });
      // A call writes on the chain of its incident, so that must be its author's to see as well.
      for (const [area, code] of [
        ['xingfu/dhy', 'invalid'],
        [xfl, undefined],
      ] as const) {
        const incident = `inc-${area}`;
        await sql`insert into incident (id, number, group_key, title, hazard, severity, state, area, place, opened_at, edge_at, updated_at,
            last_alarm_at, child_count, disposition, version)
          values (${incident}, ${area}, ${area}, '{"zh":"火"}', 'fire', 'critical', 'confirmed', ${area}, '', 0, 0, 0, 0, 0, 'unknown', 1)`.execute(
          calls.db,
        );
        const done = await calls.create(wang, calls.draft({ areas: [house.a501] }, { incident }), newKey(), scope);
        expect('refused' in done ? done.refused.code : undefined, area).toBe(code);
      }
      const key = newKey();
      const first = await calls.create(wang, calls.draft({ areas: [house.a501] }), key);
      expect(await calls.create(wang, calls.draft({ areas: [house.a501] }), key)).toEqual({
        id: calls.idOf(first),
        repeated: true,
      });
      expect(await calls.press(wang, calls.idOf(first), 'cancel', { key })).toMatchObject({ refused: { code: 'key-reused' } });
      // One key is one thing: a cancel under the key of the submit is not taken for done.
      const other = calls.idOf(await calls.create(wang, calls.draft({ areas: [xfl] })));
      const submit = newKey();
      expect(await calls.press(wang, other, 'submit', { key: submit })).toMatchObject({ repeated: false });
      expect(await calls.press(wang, other, 'cancel', { key: submit })).toMatchObject({ refused: { code: 'key-reused' } });
      expect(await calls.read(other)).toMatchObject({ state: 'waiting' });
    });

    it('beyond one grid a second person approves; then it goes out by itself, each with a link of their own', async () => {
      const id = calls.idOf(await calls.create(wang, calls.draft({ areas: [xfl] })));
      expect(await calls.press(wang, id, 'submit')).toEqual({ id, repeated: false });
      expect(await calls.read(id)).toMatchObject({ state: 'waiting', count: { people: 5, silent: 5, households: 4 } });
      expect(await calls.press(wang, id, 'approve')).toMatchObject({ refused: { code: 'second-person' } });
      expect((await calls.read(id)).moves.find(({ move }) => move === 'approve')?.allowed).toBe(false);
      expect(await beginCalls(calls.desk, calls.clock.now())).toBe(0);
      await calls.press(li, id, 'approve');
      expect(await beginCalls(calls.desk, calls.clock.now())).toBe(1);
      expect(await sendWaves(calls.desk, calls.clock.now())).toBe(5);
      expect(await calls.read(id)).toMatchObject({ state: 'sent', approverName: '李雷' });
      await calls.deliver();
      const heard = calls.heard.splice(0);
      expect(new Set(heard.map(({ link }) => link)).size).toBe(3);
      expect(new Set(heard.map(({ to }) => to))).toEqual(new Set([ids['王一'], ids['赵四'], ids['钱五']]));
      expect(await sendWaves(calls.desk, calls.clock.now())).toBe(0);
      const { timeline } = await calls.read(id);
      expect(verifyTimeline(timeline, id)).toMatchObject({ ok: true });
      expect(timeline.map(({ text }) => text.zh)).toEqual([
        expect.stringMatching(/^拟定呼叫 H\d{8}-\d\d$/),
        '提交',
        '批准',
        '开始发送',
        '全部交给渠道',
      ]);
      expect((await listCalls(calls.db, { areas: [`${xfl}/g2`] }, {})).items.map((call) => call.id)).toContain(id);
      expect((await listCalls(calls.db, { areas: ['xingfu/dhy'] }, {})).items).toEqual([]);
      await calls.press(wang, id, 'stand-down', { reason: '演示完' });
      await sendWaves(calls.desk, calls.clock.now());
      await calls.deliver();
      calls.heard.splice(0);
    });

    it('sent to the wrong grid and recalled in the middle: the rest is never sent, who got it is told so', async () => {
      const id = calls.idOf(await calls.create(wang, calls.draft({ areas: [`${xfl}/g1`] })));
      await calls.press(wang, id, 'submit');
      await beginCalls(calls.desk, calls.clock.now());
      await sendWaves(calls.desk, calls.clock.now());
      const [one] = await calls.deliveries.lease('sms', 1, calls.clock.now());
      // The provider has it in its hands while somebody presses "recall", and says afterwards that it should be tried again.
      expect(await calls.press(wang, id, 'recall')).toMatchObject({ refused: { code: 'reason-needed' } });
      await calls.press(wang, id, 'recall', { reason: '发错网格' });
      const again = { state: 'queued', code: 'busy', reason: { zh: '忙', en: 'busy' } } as const;
      await calls.deliveries.settle([{ id: one?.id ?? '', dueAt: calls.clock.now(), ...again }], calls.clock.now());
      await calls.deliver();
      await calls.deliveries.tidy(calls.clock.now());
      await calls.deliver();
      expect(calls.heard).toEqual([]);
      const failed = (await listDeliveries(calls.db, here, { subject: id, state: 'failed' })).items.map((one) => one.id);
      expect(failed.length).toBeGreaterThan(0);
      for (const each of failed) expect(await retryDelivery(calls.db, here, each, calls.clock.now())).toBe('over');
      await sendWaves(calls.desk, calls.clock.now());
      await calls.deliver();
      expect(calls.heard.splice(0)).toMatchObject([
        { to: one?.who.id, text: expect.stringContaining('不要照做') as unknown, link: undefined },
      ]);
      expect(await calls.read(id)).toMatchObject({ state: 'recalled', reason: '发错网格' });
    });

    it('a call that takes another’s place ends it; who is not in the new one hears that the old one is void', async () => {
      const old = calls.idOf(await calls.create(wang, calls.draft({ areas: [`${xfl}/g1`] })));
      await calls.press(wang, old, 'submit');
      await beginCalls(calls.desk, calls.clock.now());
      await sendWaves(calls.desk, calls.clock.now());
      await calls.deliver();
      calls.heard.splice(0);
      const next = calls.idOf(await calls.create(wang, calls.draft({ areas: [house.b101] }, { supersedes: old, kind: 'drill' })));
      await calls.press(wang, next, 'submit');
      await beginCalls(calls.desk, calls.clock.now());
      while ((await sendWaves(calls.desk, calls.clock.now())) > 0);
      await calls.deliver();
      const heard = calls.heard.splice(0);
      expect(heard.find(({ to }) => to === ids['王一'])?.text).toContain('不要再照先前的做');
      expect(heard.filter(({ to }) => to === ids['赵四']).map(({ text }) => text)).toEqual([expect.stringMatching(/^【演练】/)]);
      expect(await calls.read(old)).toMatchObject({ state: 'superseded', supersededBy: next });
    });

    it('a call for later waits for its time', async () => {
      const startsAt = calls.clock.now() + 60_000;
      const id = calls.idOf(await calls.create(wang, calls.draft({ areas: [house.c301] }, { startsAt })));
      await calls.press(wang, id, 'submit');
      await beginCalls(calls.desk, startsAt - 1);
      expect((await calls.read(id)).state).toBe('scheduled');
      await beginCalls(calls.desk, startsAt);
      expect((await calls.read(id)).state).toBe('sending');
      await calls.press(wang, id, 'recall', { reason: '试' });
    });

    it('templates have versions: the second writer over the same one is told, and calls keep what they used', async () => {
      const listed = await listTemplates(calls.db);
      expect(listed.find(({ id }) => id === 'roll-call')).toMatchObject({ version: 1, placeholders: ['事由'] });
      const put = (version: number, text: string) =>
        inTransaction(calls.db, (trx) =>
          putTemplate(
            trx,
            { id: 'roll-call', version, name: '报平安', title: '请报平安', text, lifeSafety: true, retired: false },
            wang.id,
            1,
          ),
        );
      expect(await put(1, '{事由}，请应答。')).toMatchObject({ version: 2 });
      expect(await put(1, '另一个人的改动')).toBeNull();
      expect((await listTemplates(calls.db)).filter(({ id }) => id === 'roll-call')).toMatchObject([{ version: 2 }]);
    });

    it('nothing of all this is seen from elsewhere', async () => {
      expect((await listCalls(calls.db, { areas: [] }, {})).total).toBe(0);
      expect((await listCalls(calls.db, here, { states: ['recalled'] })).items.length).toBeGreaterThan(0);
      expect(keeper.scope.areas).toEqual([xfl]);
    });
  });
}
