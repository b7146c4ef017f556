import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import { systemClock } from '../../../cloud/clock.ts';
import { areaRecords } from '../../../cloud/records/areas.ts';
import { movedPaths } from '../../../cloud/records/area-signs.ts';
import type { AreaRecords, AreaResult } from '../../../cloud/registry/areas-records.ts';
import { planAssign, planMerge, planSplit } from '../../../cloud/registry/grids.ts';
import type { Server } from '../records/servers.ts';
import { useStage } from '../records/stage.ts';
import { alarmRecord, community, leak502, site, smoke502, t0, transition } from '../records/workshop.ts';

const all = { areas: ['xingfu'] };
const doer = { id: 'u-admin' };

function value<T>(result: AreaResult<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
}

export function areasSuite(name: string, start: () => Promise<Server>): void {
  describe(`areas and grids on ${name}`, { timeout: 60_000 }, () => {
    const stage = useStage(start);
    const records = (): AreaRecords => areaRecords(stage.bench.database.db, { ...systemClock, now: () => stage.now });
    const area = (path: string, kind: Area['kind'], label = path): Area => ({
      path,
      parent: path.slice(0, path.lastIndexOf('/')),
      kind,
      name: label,
    });
    const make = async (...areas: Area[]): Promise<void> => {
      for (const one of areas) value(await records().create(all, one));
    };
    const paths = async () => {
      const { rows } = await sql<{
        path: string;
      }>`select path from area where path like ${`${community}/%`} order by path collate "C"`.execute(stage.bench.database.db);
      return rows.map(({ path }) => path);
    };
    const split = (grid: string, code: string, buildings: string[], key = 'key-split', version = 1) =>
      records().cut(all, doer, {
        what: 'split',
        grid,
        version,
        key,
        copyGrants: true,
        plan: (areas) => planSplit(areas, grid, { code, name: '新网格', buildings }),
      });

    it('makes areas once, each below one that is there, and a building once in its community', async () => {
      await make(area(`${community}/g1`, 'grid'), area(`${community}/g2`, 'grid'), area(`${community}/g1/8`, 'building'));
      const again = await records().create(all, area(`${community}/g1`, 'grid'));
      expect(again).toEqual({ ok: false, refusal: { code: 'already-there', path: `${community}/g1` } });
      const twin = await records().create(all, area(`${community}/g2/8`, 'building'));
      expect(twin).toEqual({ ok: false, refusal: { code: 'already-there', path: `${community}/g1/8` } });
      expect(await records().create({ areas: ['xingfu/dhy'] }, area(`${community}/g3`, 'grid'))).toMatchObject({ ok: false });
    });

    it('changes what was not changed meanwhile, and keeps order and outline', async () => {
      const shape = { kind: 'plan' as const, plan: 'site', ring: [[0, 0], [1, 0], [0, 1]] as [number, number][] }; // prettier-ignore
      const changed = value(await records().change(all, community, 1, { name: '幸福里小区', position: 3, shape }));
      expect(changed).toMatchObject({ name: '幸福里小区', position: 3, shape, version: 2 });
      expect(await records().change(all, community, 1, { name: '别的' })).toMatchObject({ refusal: { code: 'version' } });
      expect(value(await records().change(all, community, 2, { shape: null })).shape).toBeNull();
      expect(await records().change({ areas: ['xingfu/dhy'] }, community, 3, {})).toMatchObject({
        refusal: { code: 'not-found' },
      });
      const page = await records().page(all, 'xingfu');
      expect(page?.children.map(({ path, position }) => [path, position])).toEqual([
        ['xingfu/dhy', 0],
        [community, 3],
      ]);
      expect(page?.area).toMatchObject({ buildings: 1, rooms: 2, residents: 0 });
    });

    it('carries a house to its grid with its devices, alarms, incident, rights and everything below', async () => {
      await make(area(`${community}/g1`, 'grid'));
      await stage.raise();
      const assign = (key: string) =>
        records().cut(all, doer, {
          what: 'assign',
          grid: `${community}/g1`,
          version: 1,
          key,
          copyGrants: false,
          plan: (areas) => planAssign(areas, `${community}/g1`, [`${community}/3`]),
        });
      expect(value(await assign('key-1')).repeated).toBe(false);
      expect(await paths()).toEqual(['', '/3', '/3/1', '/3/1/101', '/3/2', '/3/2/502'].map((rest) => `${community}/g1${rest}`));
      expect((await stage.onlyIncident()).area).toBe(`${community}/g1/3/2/502`);
      expect((await stage.onlyAlarm()).area).toBe(`${community}/g1/3/2/502`);
      const device = await stage.records.deviceDetail({ areas: [`${community}/g1`] }, { gateway: 'gw-1', device: 'smoke-502' });
      expect(device?.area).toBe(`${community}/g1/3/2/502`);
      // The same key is the same effect; another key meets the version that has moved on.
      expect(value(await assign('key-1')).repeated).toBe(true);
      expect(await assign('key-2')).toMatchObject({ refusal: { code: 'version' } });
    });

    it('still brings an alarm of a moved house to the incident that is open there', async () => {
      await make(area(`${community}/g1`, 'grid'));
      await stage.raise();
      await records().cut(all, doer, {
        what: 'assign',
        grid: `${community}/g1`,
        version: 1,
        key: 'key-1',
        copyGrants: false,
        plan: (areas) => planAssign(areas, `${community}/g1`, [`${community}/3`]),
      });
      const second = alarmRecord(leak502, stage.now, transition('raised', 1, stage.now));
      await stage.commit(stage.log.batch('alarm', second));
      expect((await stage.onlyIncident()).alarms).toHaveLength(2);
    });

    it('leads an inventory that names the old path to where the house is now, through every move since', async () => {
      await make(area(`${community}/g1`, 'grid'), area(`${community}/g2`, 'grid'));
      const assign = (grid: string, from: string, key: string) =>
        records().cut(all, doer, {
          what: 'assign',
          grid,
          version: 1,
          key,
          copyGrants: false,
          plan: (areas) => planAssign(areas, grid, [from]),
        });
      value(await assign(`${community}/g1`, `${community}/3`, 'key-1'));
      value(await assign(`${community}/g2`, `${community}/g1/3`, 'key-2'));
      const later = { ...smoke502, id: 'smoke-601', place: { building: '3', unit: '2', room: '601' } };
      await stage.commit(stage.log.batch('alarm', site(t0 + 1, smoke502, later)));
      expect(await paths()).toContain(`${community}/g2/3/2/601`);
      expect((await paths()).filter((path) => path.startsWith(`${community}/3`))).toEqual([]);
      const { db } = stage.bench.database;
      expect(await movedPaths(db, [`${community}/3/2/502`, `${community}/4`])).toEqual(
        new Map([[`${community}/3/2/502`, `${community}/g2/3/2/502`]]),
      );
    });

    it('finds the grid of a house that a gateway of the community names for the first time', async () => {
      await make(area(`${community}/g1`, 'grid'), area(`${community}/g1/7`, 'building', '7栋'));
      const new7 = { ...smoke502, id: 'smoke-7', place: { building: '7', room: '101' } };
      await stage.commit(stage.log.batch('alarm', site(t0 + 1, smoke502, new7)));
      expect(await paths()).toContain(`${community}/g1/7/101`);
      expect(await paths()).not.toContain(`${community}/7`);
    });

    it('splits: the new grid has its houses, and whoever works in the old one works in both', async () => {
      await make(area(`${community}/g1`, 'grid'), area(`${community}/g1/8`, 'building'), area(`${community}/g1/9`, 'building'));
      await stage.addPerson('u-worker', '李强', 'grid-worker');
      const { db } = stage.bench.database;
      await sql`insert into app_grant (user_id, area, role) values ('u-worker', ${`${community}/g1`}, 'grid-worker')`.execute(db);
      value(await split(`${community}/g1`, 'g5', [`${community}/g1/9`]));
      expect((await paths()).filter((path) => path.includes('/g'))).toEqual(
        ['/g1', '/g1/8', '/g5', '/g5/9'].map((p) => community + p),
      );
      const grants = await sql<{ area: string }>`select area from app_grant where user_id = 'u-worker' order by area`.execute(db);
      expect(grants.rows.map((row) => row.area)).toEqual([community, `${community}/g1`, `${community}/g5`]);
      expect(await split(`${community}/g1`, 'g5', [`${community}/g1/8`], 'key-x', 2)).toMatchObject({
        refusal: { code: 'grid', problem: { code: 'path-taken' } },
      });
    });

    it('merges: what two grids both had becomes one, and the posts of the grid that is no more end', async () => {
      await make(area(`${community}/g1`, 'grid'), area(`${community}/g2`, 'grid'), area(`${community}/g2/9`, 'building'));
      const { db } = stage.bench.database;
      await stage.addPerson('u-worker', '李强', 'grid-worker');
      for (const grid of ['g1', 'g2'])
        await sql`insert into app_grant (user_id, area, role) values ('u-worker', ${`${community}/${grid}`}, 'grid-worker')`.execute(
          db,
        );
      const post = { name: '王建国', phone: '13900000000', photo: null, user: null, fromAt: t0 - 1, untilAt: null };
      const leader = { ...post, id: 'post-1', area: `${community}/g2`, post: 'grid-leader' as const };
      const head = { ...post, id: 'post-2', area: `${community}/g2/9`, post: 'building-head' as const };
      value(await records().addPost(all, doer, leader, 'key-p1'));
      value(await records().addPost(all, doer, head, 'key-p2'));
      stage.now += 1000;
      const plan = (areas: readonly Area[]) => planMerge(areas, `${community}/g2`, `${community}/g1`);
      value(
        await records().cut(all, doer, {
          what: 'merge',
          grid: `${community}/g2`,
          version: 1,
          key: 'key-m',
          copyGrants: false,
          plan,
        }),
      );
      expect((await paths()).filter((path) => path.includes('/g'))).toEqual(['/g1', '/g1/9'].map((p) => community + p));
      expect((await records().posts(all, community, false)).map(({ id, area: at }) => [id, at])).toEqual([
        ['post-2', `${community}/g1/9`],
      ]);
      const grants = await sql`select 1 from app_grant where user_id = 'u-worker' and area like '%/g%'`.execute(db);
      expect(grants.rows).toHaveLength(1);
    });

    it('does one cut at a time: of two that race the second sees what the first left', async () => {
      await make(
        area(`${community}/g1`, 'grid'),
        area(`${community}/g1/8`, 'building'),
        area(`${community}/g1/9`, 'building'),
        area(`${community}/g1/10`, 'building'),
      );
      const answers = await Promise.all([
        split(`${community}/g1`, 'g5', [`${community}/g1/9`], 'key-a'),
        split(`${community}/g1`, 'g6', [`${community}/g1/9`], 'key-b'),
      ]);
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      expect(answers.find(({ ok }) => !ok)).toMatchObject({ refusal: { code: 'version' } });
    });

    it('tells the screens of the grids that changed to begin again', async () => {
      await make(area(`${community}/g1`, 'grid'), area(`${community}/g1/8`, 'building'), area(`${community}/g1/9`, 'building'));
      const before = await stage.records.latestStreamId();
      value(await split(`${community}/g1`, 'g5', [`${community}/g1/9`]));
      const { events } = await stage.records.streamAfter({ areas: [`${community}/g1`] }, before, 100);
      expect(events.map(({ event }) => event.type)).toEqual(['resync']);
    });

    it('lists who holds a post and who did, and says on the notice who answers for the grid', async () => {
      await make(area(`${community}/g1`, 'grid', '第一网格'), area(`${community}/g1/8`, 'building', '8栋'));
      const base = { photo: null, user: null, untilAt: null, fromAt: t0 - 10 };
      const add = (
        id: string,
        more: { area: string; post: 'grid-leader' | 'party-household' | 'grid-police'; name: string; untilAt?: number },
      ) => records().addPost(all, doer, { ...base, id, phone: '13900000001', ...more }, `key-${id}`);
      value(await add('p1', { area: `${community}/g1`, post: 'grid-leader', name: '王建国' }));
      value(await add('p0', { area: `${community}/g1`, post: 'grid-leader', name: '前任', untilAt: t0 - 1 }));
      value(await add('p2', { area: `${community}/g1/8`, post: 'party-household', name: '赵大妈' }));
      value(await add('p3', { area: community, post: 'grid-police', name: '陈警官' }));
      const again = value(await add('p1', { area: `${community}/g1`, post: 'grid-leader', name: '第二次' }));
      expect(again.name).toBe('王建国');
      expect((await records().posts(all, `${community}/g1`, false)).map(({ id }) => id)).toEqual(['p1', 'p2']);
      expect((await records().posts(all, `${community}/g1`, true)).map(({ id }) => id)).toEqual(['p0', 'p1', 'p2']);
      const notice = await records().notice(all, `${community}/g1`, t0);
      expect(notice).toMatchObject({ name: '第一网格', community: '幸福里', street: '幸福街道', buildings: ['8栋'], rooms: 0 });
      expect(notice?.posts.map(({ name: who, places }) => [who, places])).toEqual([
        ['陈警官', ''],
        ['王建国', ''],
        ['赵大妈', '8栋'],
      ]);
      const ended = value(await records().changePost(all, 'p1', 1, { untilAt: t0, phone: null }));
      expect(ended).toMatchObject({ untilAt: t0, phone: null, version: 2 });
      expect(await records().changePost(all, 'p1', 1, {})).toMatchObject({ refusal: { code: 'version' } });
      expect(await records().notice(all, community, t0)).toBeNull();
    });

    it('has a path in every column named area, so that none is left behind by a move', async () => {
      const { rows } = await sql<{ name: string; type: string }>`select table_name as name, data_type as type
        from information_schema.columns where table_schema = 'public' and column_name = 'area'`.execute(stage.bench.database.db);
      expect(rows.filter(({ type }) => type !== 'text')).toEqual([]);
      expect(rows.map(({ name: table }) => table)).toEqual(
        expect.arrayContaining(['alarm', 'device', 'incident', 'gateway', 'app_grant']),
      );
    });
  });
}
