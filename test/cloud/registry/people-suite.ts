import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Server } from '../records/servers.ts';
import { dispatcher, house, keeper, newKey, reader, t0, typed, usePeople, value, worker, xfl } from './people-stage.ts';

const provenance = { source: 'self', basis: 'consent' } as const;

export function peopleSuite(name: string, start: () => Promise<Server>): void {
  describe(`people on ${name}`, { timeout: 60_000 }, () => {
    const stage = usePeople(start);
    const make = async (...words: Parameters<typeof typed>) => value(await stage.registry.people.create(worker, typed(...words)));

    it('writes somebody down once, with what a number says by itself and where every field came from', async () => {
      const wanted = typed('王建国', house.a502, {
        idNumber: '11010519491231002x',
        phone: '+86 138-1234-5678',
        needs: ['oxygen', 'alone'],
      });
      const made = value(await stage.registry.people.create(worker, wanted));
      expect(made).toMatchObject({
        name: '王建国',
        sex: 'f',
        age: 77,
        phone: '138****5678',
        idNumber: '110*************2X',
        needs: ['alone', 'oxygen'],
        places: [{ area: house.a502, label: '幸福里 3栋2单元502', role: 'owner', current: true }],
        version: 1,
      });
      expect(made.origins.map(({ field }) => field).sort()).toEqual([
        'birth',
        'idNumber',
        'name',
        'needs',
        'occupancy',
        'phone',
        'sex',
      ]);
      expect(made.origins[0]).toMatchObject({ source: 'door', basis: 'duty', by: 'u-grid-worker', at: t0 });
      expect(value(await stage.registry.people.create(worker, wanted)).id).toBe(made.id);
      expect(await stage.registry.people.create(worker, { ...typed('别人', house.a501), key: wanted.key })).toMatchObject({
        ok: true,
      });
    });

    it('says everything that is wrong at once, and keeps nothing of it', async () => {
      const answer = await stage.registry.people.create(
        worker,
        typed('错误', house.a502, { idNumber: '110105194912310021', phone: '1381234567', birth: '2026-02-30' }),
      );
      expect(answer).toMatchObject({ ok: false, code: 'invalid' });
      if (!answer.ok) expect(answer.issues?.map(({ path }) => path)).toEqual(['phone', 'birth', 'idNumber']);
      const other = await stage.registry.people.create(
        worker,
        typed('错误', house.a502, { idNumber: '11010519491231002X', birth: '1950-01-01', sex: 'm' }),
      );
      if (!other.ok) expect(other.issues?.map(({ path }) => path)).toEqual(['birth', 'sex']);
      for (const area of [house.c301, house.far, 'xingfu/none', `${xfl}/g1`]) {
        expect(await stage.registry.people.create(worker, typed('错误', area)), area).toMatchObject({ code: 'invalid' });
      }
      expect((await stage.registry.houses.search(keeper, '错误', undefined)).people).toEqual([]);
    });

    it('keeps no plain word of anybody in the database', async () => {
      const made = await make('欧阳文静', house.b101, {
        idNumber: '440524188001010014',
        phone: '13987654321',
        contact: { name: '欧阳修远', phone: '13700001111', relation: '儿子' },
        needs: ['dementia'],
      });
      const { db } = stage.database;
      const { rows: tables } = await sql<{ name: string }>`select table_name as name from information_schema.tables
        where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(db);
      let text = '';
      for (const { name: table } of tables) {
        const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(table)} t`.execute(db);
        text += rows.map(({ row }) => row).join('\n');
      }
      expect(text).toContain(made.id);
      const hex = (word: string) => Buffer.from(word).toString('hex');
      for (const word of [
        '欧阳',
        '文静',
        'ouyang',
        '440524',
        '18800101',
        '1880-01-01',
        '13987654321',
        '13700001111',
        '儿子',
        'dementia',
      ]) {
        expect(text, word).not.toContain(word);
        expect(text, word).not.toContain(hex(word));
      }
    });

    it('finds anybody by name, pinyin, initials, number, telephone or house, and nobody outside of the scope', async () => {
      const li = await make('李卫东', house.a602, { idNumber: '34052419800101001X', phone: '13611112222' });
      value(await stage.registry.people.create(reader('grid-worker', 'xingfu/dhy'), typed('李卫东', house.far)));
      const { houses } = stage.registry;
      for (const word of [
        '李卫东',
        '卫东',
        'liweidong',
        'lwd',
        '34052419800101001x',
        '136 1111 2222',
        'xfl lwd',
        '幸福里 李卫东',
        '幸福里李卫东',
      ]) {
        expect(
          (await houses.search(worker, word, undefined)).people.map(({ id }) => id),
          word,
        ).toEqual([li.id]);
      }
      expect((await houses.search(dispatcher, 'lwd', undefined)).people).toHaveLength(2);
      expect((await houses.search(dispatcher, 'lwd', 'xingfu/dhy')).people).toHaveLength(1);
      expect((await houses.search(reader('dispatcher', `${xfl}/g2`), 'lwd', undefined)).people).toEqual([]);
      for (const word of ['3-2-602', '3栋2单元602室', '3号楼602', 'xfl 3-602', '幸福里3栋2单元602', '602']) {
        expect(
          (await houses.search(worker, word, undefined)).rooms.map(({ area }) => area),
          word,
        ).toEqual([house.a602]);
      }
      expect((await houses.search(worker, '7-1-301', undefined)).rooms).toEqual([]);
      expect((await houses.search(dispatcher, '101', undefined)).rooms.map(({ area }) => area)).toEqual([house.far, house.b101]);
      expect((await houses.search(dispatcher, "'; drop table person; --", undefined)).people).toEqual([]);
    });

    it('shows names whole to those who work there, masked to everybody else, and needs to the grid’s workers alone', async () => {
      const made = await make('赵淑芬', house.a501, {
        phone: '13500001111',
        needs: ['wheelchair'],
        contact: { name: '赵刚', phone: '13500002222', relation: '儿子' },
      });
      const seen = async (who: typeof worker) => stage.registry.people.detail(who, made.id);
      expect(await seen(worker)).toMatchObject({
        name: '赵淑芬',
        needs: ['wheelchair'],
        contact: { name: '赵*', phone: '135****2222' },
      });
      expect(await seen(keeper)).toMatchObject({ name: '赵淑芬', needs: null, phone: '135****1111' });
      expect(await seen(dispatcher)).toMatchObject({ name: '赵*', needs: null });
      expect(await seen(reader('admin', ''))).toMatchObject({ name: '赵*', needs: null });
      expect(await seen(reader('grid-worker', `${xfl}/g2`))).toBeNull();
      // Not even that there is something to hide.
      expect(JSON.stringify(await seen(keeper))).not.toContain('needs":[');
      expect((await seen(keeper))?.origins.map(({ field }) => field)).not.toContain('needs');
      expect((await seen(keeper))?.changes.flatMap(({ fields }) => fields)).not.toContain('needs');
      const list = await stage.registry.people.list(dispatcher, { area: house.a501, current: true, limit: 50 });
      expect(JSON.stringify(list)).not.toMatch(/needs|wheelchair|淑芬|13500001111/);
    });

    it('changes what was given, against the version that was seen, and remembers what was only confirmed', async () => {
      const made = await make('钱多多', house.b101, { phone: '13811110000' });
      const edit = {
        version: 1,
        change: { phone: '138-1111-0000', sex: 'f' as const },
        tags: ['first-aid' as const],
        provenance,
      };
      stage.now = t0 + 60_000;
      const changed = value(await stage.registry.people.change(worker, made.id, edit));
      expect(changed).toMatchObject({ version: 2, sex: 'f', tags: ['first-aid'], phone: '138****0000' });
      expect(changed.origins.find(({ field }) => field === 'phone')).toMatchObject({ source: 'self', at: t0 + 60_000 });
      expect(changed.changes[0]).toMatchObject({ kind: 'edit', fields: ['sex', 'tags'], by: 'u-grid-worker' });
      const late = await stage.registry.people.change(worker, made.id, edit);
      expect(late).toMatchObject({ ok: false, code: 'version', current: { version: 2 } });
      const nothing = value(await stage.registry.people.change(worker, made.id, { ...edit, version: 2 }));
      expect(nothing.version).toBe(2);
      expect(await stage.registry.people.change(worker, made.id, { ...edit, version: 2, change: { phone: '12' } })).toMatchObject(
        { code: 'invalid' },
      );
      // One who may not see the needs would wipe them out.
      expect(await stage.registry.people.change(keeper, made.id, { ...edit, version: 2, change: { needs: [] } })).toMatchObject({
        code: 'not-yours',
      });
      const cleared = value(
        await stage.registry.people.change(worker, made.id, { ...edit, version: 2, change: { phone: null, name: '钱多' } }),
      );
      expect(cleared).toMatchObject({ phone: null, name: '钱多' });
      expect((await stage.registry.houses.search(worker, '钱多多', undefined)).people).toEqual([]);
      stage.now = t0;
    });

    it('lets a corrected identity number bring its own birthday, and no birthday against the number', async () => {
      const made = await make('孙一', house.b101, { idNumber: '11010519491231002X' });
      const { people } = stage.registry;
      const wrong = await people.change(worker, made.id, {
        version: 1,
        change: { birth: '1950-01-01' },
        tags: undefined,
        provenance,
      });
      expect(wrong).toMatchObject({ code: 'invalid', issues: [{ path: 'birth' }] });
      const right = value(
        await people.change(worker, made.id, {
          version: 1,
          change: { idNumber: '34052419800101001X' },
          tags: undefined,
          provenance,
        }),
      );
      expect(right).toMatchObject({ age: 46, sex: 'm' });
      expect(right.changes[0]?.fields.toSorted()).toEqual(['birth', 'idNumber', 'sex']);
    });

    it('moves people in and out with history, and finds those who moved away where they last lived', async () => {
      const made = await make('周游', house.a501);
      const { people, houses } = stage.registry;
      const home = { area: house.c301, role: 'tenant' as const, organisation: null, fromAt: t0 };
      expect(await people.moveIn(worker, made.id, { home, provenance, key: newKey() })).toMatchObject({ code: 'invalid' });
      const key = newKey();
      const both = value(await people.moveIn(keeper, made.id, { home, provenance, key }));
      expect(both.places.map(({ area }) => area).sort()).toEqual([house.a501, house.c301]);
      expect(value(await people.moveIn(keeper, made.id, { home, provenance, key })).occupancies).toHaveLength(2);
      expect(value(await people.moveIn(keeper, made.id, { home, provenance, key: newKey() })).occupancies).toHaveLength(2);
      const first = both.occupancies.find(({ area }) => area === house.a501)?.id ?? '';
      const out = { occupancy: first, untilAt: t0, provenance, key: newKey() };
      // The old grid loses sight of who lives elsewhere now.
      expect(value(await people.moveOut(worker, made.id, out))).toBeNull();
      expect(await people.moveOut(worker, made.id, out)).toMatchObject({ code: 'not-found' });
      const left = await people.detail(keeper, made.id);
      expect(left?.occupancies.map(({ area, untilAt }) => [area, untilAt])).toEqual([
        [house.c301, null],
        [house.a501, t0],
      ]);
      expect((await houses.room(worker, house.a501))?.past).toBe(1);
      expect(await people.moveOut(keeper, made.id, { ...out, key: newKey() })).toMatchObject({ code: 'wrong-state' });
      const second = left?.occupancies[0]?.id ?? '';
      expect(
        await people.moveOut(keeper, made.id, { ...out, occupancy: second, untilAt: t0 + 1e9, key: newKey() }),
      ).toMatchObject({ code: 'wrong-state' });
      value(await people.moveOut(keeper, made.id, { ...out, occupancy: second, key: newKey() }));
      const gone = await people.detail(keeper, made.id);
      expect(gone?.places).toMatchObject([{ area: house.c301, current: false }]);
      const listed = async (current: boolean) =>
        (await people.list(keeper, { area: house.c301, current, limit: 50 })).items.map(({ id }) => id);
      expect(await listed(true)).not.toContain(made.id);
      expect(await listed(false)).toContain(made.id);
    });

    it('makes one person of a form sent twice at once, and lets one of two changes win', async () => {
      const wanted = typed('郑双击', house.a602);
      const made = await Promise.all([1, 2, 3].map(() => stage.registry.people.create(worker, wanted)));
      const ids = new Set(made.map((answer) => value(answer).id));
      expect(ids.size).toBe(1);
      const [id = ''] = ids;
      const change = (phone: string) =>
        stage.registry.people.change(worker, id, { version: 1, change: { phone }, tags: undefined, provenance });
      const answers = await Promise.all([change('13800000001'), change('13800000002')]);
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    });

    it('pages through the people of an area in the order of the houses, each once', async () => {
      const far = reader('grid-worker', 'xingfu/dhy', 'u-far');
      for (let nth = 0; nth < 7; nth += 1)
        value(await stage.registry.people.create(far, typed(`分页${'甲乙丙丁戊己庚'[nth]}`, house.far)));
      const seen: string[] = [];
      let after: string | undefined;
      for (;;) {
        const page = await stage.registry.people.list(far, { area: 'xingfu/dhy', current: true, after, limit: 3 });
        seen.push(...page.items.map(({ id }) => id));
        expect(page.total).toBeGreaterThanOrEqual(7);
        if (page.next === null) break;
        after = page.next;
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.length).toBeGreaterThanOrEqual(7);
    });
  });
}
