import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { ImportPlan, ImportView } from '@yihu/device-profiles/vocabulary/registry-import.ts';
import { checkCharacter } from '../../../cloud/registry/id-number.ts';
import { writeXlsx } from '../../../cloud/registry/sheets/write.ts';
import type { Server } from '../records/servers.ts';
import { house, keeper, reader, typed, usePeople, value, worker, xfl } from './people-stage.ts';

const plan: ImportPlan = { mapping: {}, source: 'property', basis: 'duty', role: 'owner', makeHouses: true };
const header = ['姓名*', '身份证号码', '联系电话', '楼栋', '单元', '房号', '人房关系', '特殊需要', '出生日期'];

/** Identity numbers that differ in their order number, all of one region and day. */
function idNumber(order: number): string {
  const seventeen = `11010519700101${String(order).padStart(3, '0')}`;
  return seventeen + checkCharacter(seventeen);
}

const csv = (...rows: readonly string[][]): Buffer => Buffer.from([header, ...rows].map((cells) => cells.join(',')).join('\n'));

export function importSuite(name: string, start: () => Promise<Server>): void {
  describe(`imports on ${name}`, { timeout: 120_000 }, () => {
    const stage = usePeople(start);
    const imports = () => stage.registry.imports;
    const stageFile = async (bytes: Buffer, area = xfl): Promise<ImportView> => value(await imports().stage(keeper, area, bytes));
    const planned = ({ columns }: ImportView, more: Partial<ImportPlan> = {}): ImportPlan => ({
      ...plan,
      mapping: Object.fromEntries(columns.flatMap(({ guess, index }) => (guess === null ? [] : [[guess, index]]))),
      ...more,
    });
    const checked = async (view: ImportView, more: Partial<ImportPlan> = {}) =>
      value(await imports().check(keeper, view.id, planned(view, more)));
    const taken = async (bytes: Buffer, more: Partial<ImportPlan> = {}, skip = false) => {
      const view = await checked(await stageFile(bytes), more);
      return value(await imports().run(keeper, view.id, skip));
    };
    const countPeople = async () => {
      const { rows } = await sql<{
        n: number;
      }>`select (select count(*) from person)::int + (select count(*) from occupancy)::int * 1000 as n`.execute(
        stage.database.db,
      );
      return rows[0]?.n;
    };

    it('reads what the columns are, tries the table out without a trace, and then takes it in whole', async () => {
      const file = csv(
        ['张一', idNumber(1), '13810000001', '3栋', '2单元', '501', '业主', '独居、吸氧', ''],
        ['张二', '', '138-1000-0002', '3', '2', '501室', '家属', '', '1975/3/4'],
        ['张三', idNumber(3), '', '4号楼', '', '101', '租户', '无', '19700101'],
        ['张四', idNumber(4), '', '7', '1', '999', '', '', ''],
      );
      const staged = await stageFile(file);
      expect(staged).toMatchObject({ state: 'staged', rows: 4, sameAs: null, areaName: '幸福里' });
      expect(staged.columns.map(({ guess }) => guess)).toEqual([
        'name',
        'idNumber',
        'phone',
        'building',
        'unit',
        'room',
        'role',
        'needs',
        'birth',
      ]);
      const before = await countPeople();
      const trial = await checked(staged);
      expect(trial).toMatchObject({ state: 'checked', counts: { create: 4, update: 0, same: 0, error: 0, houses: 1 } });
      expect(await countPeople()).toBe(before);
      const done = value(await imports().run(keeper, staged.id, false));
      expect(done).toMatchObject({ state: 'done', counts: trial.counts });
      const [first] = (await stage.registry.houses.search(worker, '张一', undefined)).people;
      expect(first).toMatchObject({ phone: '138****0001', places: [{ area: house.a501, role: 'owner' }], sex: 'm' });
      expect((await stage.registry.people.detail(worker, first?.id ?? ''))?.needs).toEqual(['alone', 'oxygen']);
      expect((await stage.registry.people.detail(keeper, first?.id ?? ''))?.origins[0]).toMatchObject({
        source: 'property',
        import: done.id,
      });
      expect((await stage.registry.houses.room(keeper, `${xfl}/g2/7/1/999`))?.people).toHaveLength(1);
      // A second press is no second effect.
      expect(value(await imports().run(keeper, staged.id, false)).counts).toEqual(done.counts);
      const { rows } = await sql`select 1 from import_row where import = ${done.id} and cells is not null`.execute(
        stage.database.db,
      );
      expect(rows).toEqual([]);
    });

    it('is idempotent: the same table again changes nobody, a changed cell changes that one', async () => {
      const file = csv(
        ['李一', idNumber(11), '13810000011', '3', '2', '602', '业主', '', ''],
        ['李二', '', '', '3', '2', '602', '家属', '', ''],
      );
      await taken(file);
      const before = await countPeople();
      const again = await stageFile(file);
      expect(again.sameAs).not.toBeNull();
      expect((await checked(again)).counts).toEqual({ create: 0, update: 0, same: 2, error: 0, houses: 0 });
      value(await imports().run(keeper, again.id, false));
      expect(await countPeople()).toBe(before);
      const asked = await sql`select 1 from collected where import = ${again.id}`.execute(stage.database.db);
      expect(asked.rows).toEqual([]);
      const changed = await taken(
        csv(
          ['李一', idNumber(11), '13810009999', '3', '2', '602', '', '', ''],
          ['李二', idNumber(12), '', '3', '2', '602', '', '', ''],
        ),
      );
      expect(changed.counts).toMatchObject({ create: 0, update: 2, same: 0 });
      // What was confirmed and not new is on the list of what was asked twice.
      const twice = await sql<{
        again: string[];
      }>`select again from collected where import = ${changed.id} and again <> '{}'`.execute(stage.database.db);
      expect(twice.rows.flatMap((row) => row.again).sort()).toEqual(['idNumber', 'name', 'name']);
    });

    it('says per row what is wrong, with the column and a sentence, and takes in nothing unless told to skip', async () => {
      const file = csv(
        ['', '', '', '3', '2', '501', '', '', ''],
        ['王错', '110105197001010012', '12345', '3', '2', '501', '房客', '高个', '1970-02-30'],
        ['王远', '', '', '99', '1', '101', '', '', ''],
        ['王对', idNumber(23), '', '3', '2', '501', '', '', ''],
        ['王科学', '1.10105E+17', '', '3', '2', '501', '', '', ''],
        ['王无单元', '', '', '3', '', '888', '', '', ''],
      );
      const view = await checked(await stageFile(file));
      expect(view.counts).toMatchObject({ create: 1, error: 5 });
      const page = await imports().rows(keeper, view.id, { outcome: 'error', after: 0, limit: 50 });
      const said = page?.items.map(({ number, issues }) => [number, issues.map(({ column }) => column)]);
      expect(said).toEqual([
        [2, ['姓名*']],
        [3, ['特殊需要', '人房关系', '联系电话', '出生日期', '身份证号码']],
        [4, ['楼栋']],
        [6, ['身份证号码']],
        [7, ['单元']],
      ]);
      expect(page?.items[3]?.issues[0]?.message.zh).toContain('设为文本');
      // Nothing of what stands in the cells is repeated, or kept in the open.
      const { rows } = await sql<{ row: string }>`select r::text as row from import_row r where import = ${view.id}`.execute(
        stage.database.db,
      );
      for (const secret of ['王错', '12345', '1970-02-30', idNumber(23)])
        expect(rows.map(({ row }) => row).join(), secret).not.toContain(secret);
      const before = await countPeople();
      expect(await imports().run(keeper, view.id, false)).toMatchObject({ ok: false, code: 'wrong-state' });
      expect(await countPeople()).toBe(before);
      expect(value(await imports().run(keeper, view.id, true)).counts).toMatchObject({ create: 1, error: 5 });
    });

    it('knows the same person in two rows, and refuses a number that belongs to another name', async () => {
      const view = await taken(
        csv(
          ['赵两户', idNumber(31), '', '3', '2', '501', '业主', '', ''],
          ['赵两户', idNumber(31), '13810000031', '4', '', '101', '业主', '', ''],
          ['赵冒名', idNumber(31), '', '4', '', '101', '业主', '', ''],
          ['赵同名', idNumber(32), '', '3', '2', '501', '', '', ''],
          ['赵同名', idNumber(33), '', '3', '2', '501', '', '', ''],
        ),
        {},
        true,
      );
      expect(view.counts).toMatchObject({ create: 3, update: 1, error: 1 });
      const [person] = (await stage.registry.houses.search(keeper, '赵两户', undefined)).people;
      expect(person?.places.map(({ area }) => area).sort()).toEqual([house.a501, house.b101]);
      expect(person?.phone).toBe('138****0031');
    });

    it('is taken back as a whole: whom it made is gone, what it changed is as it was, and what somebody did since stays', async () => {
      const old = value(
        await stage.registry.people.create(worker, typed('钱旧', house.a501, { phone: '13810000041' }, { tags: ['driver'] })),
      );
      const view = await taken(
        csv(
          ['钱旧', idNumber(41), '13810000041', '3', '2', '501', '', '', ''],
          ['钱新', idNumber(42), '', '3', '2', '777', '', '轮椅', ''],
          ['钱改', idNumber(43), '', '3', '2', '778', '', '', ''],
        ),
      );
      expect(view.counts).toMatchObject({ create: 2, update: 1, houses: 2 });
      const [edited] = (await stage.registry.houses.search(keeper, '钱改', undefined)).people;
      value(
        await stage.registry.people.change(keeper, edited?.id ?? '', {
          version: 1,
          change: { phone: '13810000043' },
          tags: undefined,
          provenance: { source: 'self', basis: 'consent' },
        }),
      );
      const undone = value(await imports().undo(keeper, view.id));
      expect(undone).toMatchObject({ state: 'undone', undone: { people: 2, kept: 1, houses: 1 } });
      expect((await stage.registry.houses.search(keeper, '钱新', undefined)).people).toEqual([]);
      expect((await stage.registry.houses.search(keeper, '钱改', undefined)).people).toHaveLength(1);
      const now = await stage.registry.people.detail(keeper, old.id);
      expect(now).toMatchObject({ idNumber: null, sex: null, tags: ['driver'], phone: '138****0041' });
      expect(now?.changes[0]?.kind).toBe('undo');
      expect(await stage.registry.houses.room(keeper, `${xfl}/g1/3/2/777`)).toBeNull();
      expect(await stage.registry.houses.room(keeper, `${xfl}/g1/3/2/778`)).not.toBeNull();
      expect(value(await imports().undo(keeper, view.id)).undone).toEqual(undone.undone);
      expect(await imports().run(keeper, view.id, false)).toMatchObject({ code: 'wrong-state' });
    });

    it('is carried out once by two who press at once', async () => {
      const view = await checked(await stageFile(csv(['孙同时', idNumber(51), '', '3', '2', '501', '', '', ''])));
      const answers = await Promise.all([1, 2].map(() => imports().run(keeper, view.id, false)));
      for (const answer of answers) expect(value(answer).counts).toMatchObject({ create: 1 });
      expect((await stage.registry.houses.search(keeper, '孙同时', undefined)).people).toHaveLength(1);
    });

    it('reads one column that holds the whole address, and a workbook', async () => {
      const rows = [['周一', '幸福里3栋2单元502'], ['周二', '3-2-502'], ['周三', '4栋101室'], ['周四', '某处']]; // prettier-ignore
      const bytes = await writeXlsx([{ name: '人', columns: ['居民姓名', '房屋地址'], rows }]);
      const view = await checked(await stageFile(bytes));
      expect(view.counts).toMatchObject({ create: 3, error: 1 });
    });

    it('is refused with the row and a sentence where the file is no table, and leaves nothing behind', async () => {
      const many = Buffer.from('甲,乙\n'.repeat(50_002));
      expect(await imports().stage(keeper, xfl, many)).toMatchObject({
        code: 'invalid',
        issues: [{ path: 'file', message: { zh: expect.stringContaining('50,000') } }],
      });
      expect(await imports().stage(keeper, xfl, Buffer.from('只有列名'))).toMatchObject({ code: 'invalid' });
      const { rows } = await sql`select 1 from import where state = 'reading'`.execute(stage.database.db);
      expect(rows).toEqual([]);
      expect(
        await imports().check(keeper, (await stageFile(csv(['a', '', '', '3', '2', '501', '', '', '']))).id, plan),
      ).toMatchObject({ code: 'invalid' });
    });

    it('is seen by nobody outside of its area, and forgotten after a week if nobody took it in', async () => {
      const view = await stageFile(csv(['吴一', '', '', '3', '2', '501', '', '', '']));
      const other = reader('property', 'xingfu/dhy');
      expect(await imports().view(other, view.id)).toBeNull();
      expect(await imports().run(other, view.id, false)).toMatchObject({ code: 'not-found' });
      expect(
        value(await imports().drop(keeper, (await stageFile(csv(['吴二', '', '', '3', '2', '501', '', '', '']))).id)),
      ).toBeNull();
      stage.now += 8 * 24 * 3_600_000;
      await stageFile(csv(['吴三', '', '', '3', '2', '501', '', '', '']));
      expect(await imports().view(keeper, view.id)).toBeNull();
    });
  });
}
