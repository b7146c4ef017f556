import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { derivedId } from '../../../cloud/records/derived-id.ts';
import type { PersonDetail } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { auditRecords } from '../../../cloud/records/audit.ts';
import type { MergeRequest } from '../../../cloud/registry/merges.ts';
import { copyTables } from '../../../cloud/registry/subject-rights.ts';
import type { Server } from '../records/servers.ts';
import { dispatcher, house, keeper, newKey, reader, t0, typed, usePeople, value, worker, xfl } from './people-stage.ts';

const provenance = { source: 'self', basis: 'consent' } as const;

export function mergeSuite(name: string, start: () => Promise<Server>): void {
  describe(`doubles on ${name}`, { timeout: 60_000 }, () => {
    const stage = usePeople(start);
    const make = async (...words: Parameters<typeof typed>): Promise<PersonDetail> =>
      value(await stage.registry.people.create(worker, typed(...words)));
    const pairs = async () =>
      (await stage.registry.merges.pairs(keeper, undefined)).map(({ a, b, reasons }) => ({ ids: [a.id, b.id].sort(), reasons }));
    const merge = (kept: PersonDetail, gone: PersonDetail, more: Partial<MergeRequest> = {}) =>
      stage.registry.merges.merge(keeper, kept.id, {
        other: gone.id,
        version: kept.version,
        otherVersion: gone.version,
        take: [],
        key: newKey(),
        ...more,
      });
    const seen = (person: PersonDetail) => stage.registry.people.detail(worker, person.id);

    it('are found by number, by telephone and like name, by house and name, and by nothing else', async () => {
      const one = await make('李雷', house.a501, { idNumber: '11010519491231002X', phone: '13800000001' });
      const number = await make('李磊', house.b101, { idNumber: '11010519491231002X' });
      const phone = await make('李小雷', house.b101, { phone: '13800000001' });
      const phoneLike = await make('李雷', house.b101, { phone: '13800000001' });
      const flat = await make('李雷', house.a501);
      await make('韩梅梅', house.a501, { phone: '13800000001' });
      value(
        await stage.registry.people.create(
          reader('grid-worker', 'xingfu/dhy'),
          typed('李雷', house.far, { idNumber: '11010519491231002X' }),
        ),
      );
      const found = await pairs();
      const pair = (a: PersonDetail, b: PersonDetail) =>
        found.find(({ ids }) => ids.includes(a.id) && ids.includes(b.id))?.reasons;
      expect(pair(one, number)).toEqual(['id-number']);
      expect(pair(one, phoneLike)).toEqual(['phone']);
      expect(pair(one, flat)).toEqual(['house']);
      expect(pair(phone, flat)).toBeUndefined();
      expect(found).toHaveLength(3);
      expect(await stage.registry.merges.pairs(reader('admin', 'xingfu'), 'xingfu/dhy')).toEqual([]);
      expect(value(await stage.registry.merges.dismiss(keeper, number.id, one.id))).toBeNull();
      expect(await pairs()).toHaveLength(2);
      expect(await stage.registry.merges.dismiss(keeper, one.id, 'p-none')).toMatchObject({ code: 'not-found' });
    });

    it('become one with the fields of both, and two again as if nothing had been', async () => {
      const contact = { name: '王强', phone: '13700001111', relation: '儿子' };
      const kept = await make('王合并', house.a501, { phone: '13800000010', needs: ['alone'] }, { tags: ['driver'] });
      const gone = await make(
        '王合并',
        house.b101,
        { phone: '13800000011', idNumber: '34052419800101001X', contact, needs: ['deaf'] },
        { tags: ['medical'] },
      );
      const [before, beforeGone] = [await seen(kept), await seen(gone)];
      const key = newKey();
      const merged = value(await merge(kept, gone, { take: ['phone'], key }));
      expect(merged.person).toMatchObject({
        phone: '138****0011',
        sex: 'm',
        needs: null,
        tags: ['driver', 'medical'],
        contact: { name: '王*' },
      });
      expect(merged.person.places.map(({ area }) => area).sort()).toEqual([house.a501, house.b101]);
      expect(merged.person.origins.length).toBeGreaterThan(0);
      expect((await seen(kept))?.needs).toEqual(['alone', 'deaf']);
      expect(await seen(gone)).toBeNull();
      expect((await stage.registry.houses.search(worker, '王合并', undefined)).people.map(({ id }) => id)).toEqual([kept.id]);
      expect(value(await merge(kept, gone, { take: ['phone'], key })).merge).toBe(merged.merge);
      const apart = value(await stage.registry.merges.unmerge(keeper, merged.merge));
      expect(apart.kept).toEqual([]);
      const bare = (person: PersonDetail | null) => ({ ...person, version: 0, changes: [], origins: [] });
      expect(bare(await seen(kept))).toEqual(bare(before));
      expect(bare(await seen(gone))).toEqual(bare(beforeGone));
      expect(await stage.registry.merges.unmerge(keeper, merged.merge)).toMatchObject({ code: 'wrong-state' });
      expect((await seen(kept))?.changes.map(({ kind }) => kind)).toEqual(['unmerge', 'merge', 'made']);
    });

    it('come apart with what was changed since staying where it was changed', async () => {
      const kept = await make('张后改', house.a501, { phone: '13800000020' });
      const gone = await make('张后改', house.a502, { phone: '13800000021', birth: '1980-01-01' });
      const { merge: id, person } = value(await merge(kept, gone, { take: ['phone'] }));
      const edit = { version: person.version, change: { phone: '13800000099' }, tags: undefined, provenance };
      value(await stage.registry.people.change(worker, kept.id, edit));
      const apart = value(await stage.registry.merges.unmerge(keeper, id));
      expect(apart.kept).toEqual(['phone']);
      expect(apart.person).toMatchObject({ phone: '138****0099', age: null });
      expect(apart.other).toMatchObject({ phone: '138****0021', age: 46 });
    });

    it('come apart one by one where three had become one', async () => {
      const [a, b, c] = [await make('陈甲', house.a501), await make('陈甲', house.a502), await make('陈甲', house.a602)];
      const first = value(await merge(b, c));
      const second = value(await merge(a, { ...b, version: first.person.version }));
      expect(second.person.places).toHaveLength(3);
      const apart = value(await stage.registry.merges.unmerge(keeper, second.merge));
      expect(apart.person.places.map(({ area }) => area)).toEqual([house.a501]);
      expect(apart.other.places.map(({ area }) => area).sort()).toEqual([house.a502, house.a602]);
      value(await stage.registry.merges.unmerge(keeper, first.merge));
      expect((await seen(c))?.places.map(({ area }) => area)).toEqual([house.a602]);
    });

    it('are merged by one of two who try, never with themselves, and never by a version that has moved on', async () => {
      const [a, b] = [await make('冯抢', house.a501), await make('冯抢', house.a502)];
      expect(await merge(a, a)).toMatchObject({ code: 'not-found' });
      expect(await merge(a, b, { otherVersion: 7 })).toMatchObject({ code: 'version' });
      const answers = await Promise.all([merge(a, b), merge(b, a)]);
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      expect(answers.find(({ ok }) => !ok)).toMatchObject({ code: 'not-found' });
    });

    it('hand out all that is known of somebody, those who looked among it', async () => {
      const person = await make(
        '许可权',
        house.a501,
        { idNumber: '440524188001010014', phone: '13800000030', needs: ['frail'] },
        { tags: ['lifting'] },
      );
      value(
        await stage.registry.reveals.reveal(worker, person.id, {
          fields: ['phone'],
          why: 'visit',
          note: '问情况',
          incident: null,
        }),
      );
      const copy = value(await stage.registry.rights.copy(keeper, person.id, 'own-request'));
      expect(copy).toMatchObject({
        schema: 'yihu.person/1',
        person: { name: '许可权', idNumber: '440524188001010014', phone: '13800000030', birth: '1880-01-01', needs: ['frail'] },
        tags: ['lifting'],
        occupancies: [{ label: '幸福里 3栋2单元501' }],
      });
      expect(copy.reveals.map(({ why, by }) => [why, by])).toEqual(expect.arrayContaining([['visit', worker.id], ['own-request', keeper.id]])); // prettier-ignore
      const [own, , collected] = copyTables(copy, 'Asia/Shanghai');
      expect(own?.rows).toContainEqual(['证件号码', '440524188001010014']);
      expect(collected?.rows[0]).toEqual(expect.arrayContaining(['入户走访', '法定职责']));
      expect(await stage.registry.rights.copy(reader('property', 'xingfu/dhy'), person.id, 'own-request')).toMatchObject({
        code: 'not-found',
      });
    });

    it('forget somebody for good: nothing that names them is left, the audit still holds, and it is said what stays and why', async () => {
      const { db } = stage.database;
      const kept = await make('施遗忘', house.a501, { idNumber: '360426199101010071', phone: '13800000040', needs: ['blind'] });
      const gone = await make('施遗忘', house.a502, { phone: '13800000041' });
      const { person } = value(await merge(kept, gone));
      value(
        await stage.registry.reveals.reveal(worker, kept.id, {
          fields: ['phone'],
          why: 'visit',
          note: '施遗忘的邻居',
          incident: null,
        }),
      );
      const audit = auditRecords(db);
      const line = {
        at: t0,
        actor: 'u',
        account: 'u',
        role: 'property',
        area: xfl,
        action: 'GET /api/people/:id',
        result: '200',
        ip: '-',
        detail: {},
      };
      await audit.append({ ...line, object: `/api/people/${kept.id}` });
      await sql`insert into delivery (id, source, subject, who_kind, who, who_name, area, channel, occasion, state, life_safety, priority, message, created_at, due_at, expires_at)
        values ('d-1', 'call', 'c-1', 'person', ${kept.id}, '施遗忘', ${xfl}, 'sms', 'o', 'sent', false, 1, '{}', 0, 0, 0)`.execute(
        db,
      );
      await sql`insert into call_answer (call, person, answer, via, by_kind, by_name, note, key, at)
        values ('c-1', ${kept.id}, 'help', 'link', 'family', '施遗忘的女儿', '施遗忘腿脚不便', 'k', 0)`.execute(db);
      // Their words for help went into a task, to a dispatcher's telephone, and came back by SMS before.
      await sql`insert into call (id, number, kind, life_safety, title, text, audience, waits, area, state, author, author_name, count, delivery, created_at, updated_at, version)
        values ('c-1', 'H-1', 'actual', true, '', '', '{}', '{}', ${xfl}, 'sent', 'u', '', '{}', '{}', 0, 0, 1)`.execute(db);
      await sql`insert into call_need (id, call, area, person, note, at) values ('n-1', 'c-1', ${xfl}, ${kept.id}, '施遗忘腿脚不便', 0)`.execute(
        db,
      );
      const task = derivedId('task', 'call', 'c-1', `need ${kept.id}`);
      await sql`insert into task (id, kind, state, title, note, area, place, source, life_safety, roles, created_at, created_by_name, updated_at, checked, version)
        values (${task}, 'visit', 'created', '{"zh":"求助"}', '施遗忘腿脚不便', ${xfl}, '', '{"kind":"call","id":"c-1"}', true, '{}', 0, '', 0, false, 1)`.execute(
        db,
      );
      await sql`insert into delivery (id, source, subject, who_kind, who, who_name, area, channel, occasion, state, life_safety, priority, message, created_at, due_at, expires_at)
        values ('d-2', 'call', 'c-1', 'user', 'u-1', '王芳', ${xfl}, 'sms', ${`need ${kept.id} k`}, 'sent', true, 0, '{"title":"求助","text":"施遗忘腿脚不便"}', 0, 0, 0)`.execute(
        db,
      );
      await sql`insert into channel_reply (channel, provider_id, who_kind, who, text, at) values ('sms', 'r-1', 'person', ${kept.id}, '我是施遗忘', 0)`.execute(
        db,
      );
      expect(await stage.registry.rights.erase(keeper, kept.id, 1)).toMatchObject({ code: 'version' });
      const erased = value(await stage.registry.rights.erase(keeper, kept.id, person.version));
      expect(erased.removed.find(({ what }) => what.en === 'the person’s own fields')?.count).toBe(2);
      expect(erased.remains.map(({ count }) => count)).toEqual([1, 1, 1, 1, 0, 0]);
      for (const { why } of erased.remains) expect(why.en).toBeDefined();
      expect(await stage.registry.rights.erase(keeper, kept.id, person.version)).toMatchObject({ code: 'not-found' });
      for (const word of ['施遗忘', '360426199101010071', '13800000040', '13800000041']) {
        const found = await stage.registry.houses.search(dispatcher, word, undefined);
        expect(found.people, word).toEqual([]);
      }
      const { rows } = await sql<{
        table: string;
        row: string;
      }>`select 'reveal' as table, r::text as row from reveal r where person = ${kept.id}
        union all select 'delivery', d::text from delivery d where who = ${kept.id}
        union all select 'answer', a::text from call_answer a where person = ${kept.id}
        union all select 'need', n::text from call_need n where person = ${kept.id}
        union all select 'task', t::text from task t where id = ${task}
        union all select 'told', d::text from delivery d where id = 'd-2'
        union all select 'reply', c::text from channel_reply c where who = ${kept.id}`.execute(db);
      expect(rows).toHaveLength(7);
      expect(rows.map(({ row }) => row).join()).not.toContain('施');
      const left = await sql<{ n: number }>`select (select count(*) from person where id = any(${[kept.id, gone.id]}))::int
        + (select count(*) from occupancy where person = any(${[kept.id, gone.id]}))::int + (select count(*) from person_change where person = any(${[kept.id, gone.id]}))::int as n`.execute(
        db,
      );
      expect(left.rows[0]?.n).toBe(0);
      expect(await audit.verify()).toMatchObject({ ok: true });
    });
  });
}
