import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Server } from '../records/servers.ts';
import { house, keeper, newKey, reader, t0, typed, usePeople, value, worker, xfl } from './people-stage.ts';

const chief = reader('admin', 'xingfu', 'u-chief');
const provenance = { source: 'department', basis: 'duty' } as const;
const day = 24 * 3_600_000;

export function shareSuite(name: string, start: () => Promise<Server>): void {
  describe(`shared and asked once on ${name}`, { timeout: 60_000 }, () => {
    const stage = usePeople(start);
    const sharing = () => stage.registry.sharing;
    const forms = () => stage.registry.forms;
    const make = async (...words: Parameters<typeof typed>) => value(await stage.registry.people.create(worker, typed(...words)));

    it('goes from an offer over a request and somebody else’s yes to rows, each use written down', async () => {
      await make('共享甲', house.a501, { phone: '13800000001', needs: ['frail'] }, { tags: ['driver'] });
      const offer = {
        area: `${xfl}/g1`,
        name: '网格居民',
        fields: ['place', 'name', 'phone', 'tags'] as const,
        basis: 'duty' as const,
      };
      const key = newKey();
      const set = value(await sharing().offer(chief, offer, key));
      expect(value(await sharing().offer(chief, offer, key)).id).toBe(set.id);
      expect(await sharing().offer(reader('admin', 'xingfu/dhy'), offer, newKey())).toMatchObject({ code: 'not-found' });
      const wish = { dataSet: set.id, consumer: '街道民政科', purpose: '高龄津贴核对', basis: 'duty' as const };
      // What is not on offer cannot be asked for.
      expect(await sharing().ask(keeper, { ...wish, fields: ['name', 'needs'] }, newKey())).toMatchObject({ code: 'not-found' });
      const asked = value(await sharing().ask(keeper, { ...wish, fields: ['name', 'phone'] }, newKey()));
      expect(await sharing().rows(keeper, asked.id, undefined)).toMatchObject({ code: 'wrong-state' });
      const yes = { to: 'approved' as const, reason: null, untilAt: t0 + day };
      expect(await sharing().decide({ ...chief, id: keeper.id }, asked.id, 1, yes)).toMatchObject({ code: 'not-yours' });
      expect(await sharing().decide(chief, asked.id, 1, { ...yes, untilAt: t0 - 1 })).toMatchObject({ code: 'wrong-state' });
      expect(value(await sharing().decide(chief, asked.id, 1, yes))).toMatchObject({ state: 'approved', decidedBy: 'u-chief' });
      expect(await sharing().decide(chief, asked.id, 1, yes)).toMatchObject({ code: 'version' });
      const page = value(await sharing().rows(keeper, asked.id, undefined));
      expect(page).toEqual({ fields: ['name', 'phone'], rows: [['共享甲', '13800000001']], next: null });
      expect(await sharing().uses(keeper, asked.id)).toEqual([{ by: keeper.id, fields: ['name', 'phone'], people: 1, at: t0 }]);
      expect((await sharing().requests(chief))[0]).toMatchObject({ uses: 1, state: 'approved' });
      stage.now = t0 + 2 * day;
      expect(await sharing().rows(keeper, asked.id, undefined)).toMatchObject({ code: 'wrong-state' });
      stage.now = t0;
      value(await sharing().retire(chief, set.id, 1));
      expect(await sharing().rows(keeper, asked.id, undefined)).toMatchObject({ code: 'wrong-state' });
      expect(await sharing().uses(reader('property', 'xingfu/dhy'), asked.id)).toBeNull();
    });

    it('fills a form in with what is known, asks only for the rest, and counts what was asked though it was known', async () => {
      const person = await make('填表人', house.a502, { phone: '13800000011', birth: '1950-05-05' });
      const fields = ['name', 'phone', 'birth', 'contact', 'tags'] as const;
      const form = value(
        await forms().add(chief, { area: xfl, name: '老年人登记表', owner: '民政', fields: [...fields] }, newKey()),
      );
      const before = value(await forms().prefill(worker, form.id, person.id));
      expect(before.known.map(({ field, shown }) => [field, shown])).toEqual([['name', '填表人'], ['phone', '138****0011'], ['birth', '76 岁']]); // prettier-ignore
      expect(before.known[1]?.origin).toMatchObject({ source: 'door', at: t0 });
      expect(before.ask).toEqual(['contact', 'tags']);
      const contact = { name: '填表儿', phone: '13800000012', relation: '儿子' };
      const edit = { version: 1, change: { phone: '13800000011', contact }, tags: undefined, provenance };
      const after = value(await forms().answer(worker, form.id, person.id, edit));
      expect(after.origins.find(({ field }) => field === 'contact')).toMatchObject({ form: form.id, source: 'department' });
      expect(after.changes[0]).toMatchObject({ kind: 'form', fields: ['contact'] });
      expect(await forms().answer(worker, form.id, person.id, { ...edit, version: 2, change: { sex: 'm' } })).toMatchObject({
        code: 'invalid',
        issues: [{ path: 'change/sex' }],
      });
      expect(await forms().askedTwice(keeper, 0)).toEqual([
        { field: 'phone', source: 'department', form: form.id, formName: '老年人登记表', times: 1, people: 1, lastAt: t0 },
      ]);
      expect(await forms().askedTwice(keeper, t0 + 1)).toEqual([]);
      expect(await forms().askedTwice(reader('property', 'xingfu/dhy'), 0)).toEqual([]);
      expect(await forms().prefill(reader('grid-worker', 'xingfu/dhy'), form.id, person.id)).toMatchObject({ code: 'not-found' });
      expect(JSON.stringify(before)).not.toContain('13800000011');
    });

    it('says how good the data of each grid is', async () => {
      const { db } = stage.database;
      await sql`insert into room (area, use) values (${house.a602}, 'empty')`.execute(db);
      await make('质量甲', house.b101, { idNumber: '11010519491231002X' });
      const quality = await forms().quality(keeper, xfl);
      expect(quality.map(({ area }) => area)).toEqual([`${xfl}/g1`, `${xfl}/g2`]);
      const [first, second] = quality;
      // Four houses: three lived in, one known to be empty. Three people: two telephones, one number.
      expect(first).toMatchObject({ rooms: 4, people: 3, housesKnown: 1, withPhone: 2 / 3, withIdNumber: 1 / 3, fresh: 1 });
      expect(first?.score).toBeCloseTo((1 + 2 / 3 + 1 / 3 + 1) / 4);
      expect(second).toMatchObject({ rooms: 1, people: 0, housesKnown: 0, withPhone: 1 });
      stage.now = t0 + 400 * day;
      expect((await forms().quality(keeper, `${xfl}/g1`))[0]?.fresh).toBe(0);
      stage.now = t0;
    });

    it('opens names and telephones for those who must tell people, and for nobody who is gone', async () => {
      const person = await make('通知人', house.a501, { phone: '13800000021' });
      const reached = await stage.registry.reach([person.id, 'p-none']);
      expect([...reached]).toEqual([[person.id, { name: '通知人', phone: '13800000021' }]]);
      value(await stage.registry.rights.erase(keeper, person.id, 1));
      expect((await stage.registry.reach([person.id])).size).toBe(0);
    });
  });
}
