import { type Kysely, sql } from 'kysely';
import type { AreaBranch, AreaDetail, AreaPage } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Clock } from '../clock.ts';
import type { AreaChange, AreaRecords, AreaRefusal, AreaResult, Doer, GridCut, Within } from '../registry/areas-records.ts';
import { codeOf } from '../registry/grids.ts';
import { moveAreas } from './area-moves.ts';
import { noticeData } from './area-notice.ts';
import { refuse } from './area-refusal.ts';
import { addPost, changePost, listPosts } from './area-posts.ts';
import { inside, isOrBelow } from './inside.ts';
import { once } from './once.ts';
import { lockResponse } from './response-work.ts';
import { inTransaction } from './retry.ts';
import { json } from './scope.ts';
import { emit } from './stream.ts';
import type { Tables } from './tables.ts';

const columns = sql`a.path, a.parent, a.kind, a.name, a.position, a.shape, a.version`;

export function areaRecords(db: Kysely<Tables>, clock: Clock): AreaRecords {
  return {
    page: (scope, path) => readPage(db, scope, path),
    community: (scope, path) => readCommunity(db, scope, path),
    create: (scope, area) => inTransaction(db, (trx) => create(trx, scope, area)),
    change: (scope, path, version, change) => inTransaction(db, (trx) => changeArea(trx, scope, path, version, change)),
    cut: (scope, doer, cut) => inTransaction(db, (trx) => carryOut(trx, scope, doer, cut, clock.now())),
    posts: (scope, path, all) => listPosts(db, scope, path, all ? null : clock.now()),
    addPost: (scope, doer, post, key) => inTransaction(db, (trx) => addPost(trx, scope, { doer, post, key, at: clock.now() })),
    changePost: (scope, id, version, change) => inTransaction(db, (trx) => changePost(trx, scope, id, version, change)),
    notice: (scope, path, at) => noticeData(db, scope, path, at),
  };
}

/** One pass over what lies below, counted by the next step of the path. People count once for each home they have there. */
async function readPage(db: Kysely<Tables>, scope: Within, path: string): Promise<AreaPage | null> {
  const step = (column: string) => sql`split_part(${sql.ref(column)}, '/', ${path.split('/').length + 1}::integer)`;
  const { rows } = await sql<AreaBranch>`with shown as (
      select ${columns}, case when a.path = ${path} then '' else ${step('a.path')} end as step
      from area a where (a.path = ${path} or a.parent = ${path}) and ${inside('a.path', scope)}
    ), below as (
      select ${step('a.path')} as step, count(*) filter (where a.kind = 'building')::int as buildings, count(*) filter (where a.kind = 'room')::int as rooms
      from area a where ${isOrBelow('a.path', path)} and ${inside('a.path', scope)} group by 1
    ), seated as (
      select ${step('p.area')} as step, count(*)::int as residents
      from person_seat p where p.current and ${isOrBelow('p.area', path)} and ${inside('p.area', scope)} group by 1
    )
    select s.path, s.parent, s.kind, s.name, s.position, s.shape, s.version,
      (select coalesce(sum(b.buildings), 0)::int from below b where s.step in ('', b.step)) as buildings,
      (select coalesce(sum(b.rooms), 0)::int from below b where s.step in ('', b.step)) as rooms,
      (select coalesce(sum(r.residents), 0)::int from seated r where s.step in ('', r.step)) as residents
    from shown s order by s.position, s.path`.execute(db);
  const area = rows.find((row) => row.path === path);
  return area ? { area, children: rows.filter((row) => row !== area) } : null;
}

async function readCommunity(db: Kysely<Tables>, scope: Within, path: string) {
  const { rows } = await sql<Area>`select c.path, c.parent, c.kind, c.name from area c
    where c.kind = 'community' and (c.path = ${path} or starts_with(${path}, c.path || '/')) and ${inside('c.path', scope)}`.execute(
    db,
  );
  const [community] = rows;
  return community ? { community, areas: await downToBuildings(db, community.path) } : null;
}

async function downToBuildings(db: Kysely<Tables>, path: string): Promise<Area[]> {
  const { rows } = await sql<Area>`select a.path, a.parent, a.kind, a.name from area a
    where a.kind in ('community', 'grid', 'building') and ${isOrBelow('a.path', path)} order by a.path`.execute(db);
  return rows;
}

export async function readArea(db: Kysely<Tables>, scope: Within, path: string): Promise<AreaDetail | null> {
  const { rows } =
    await sql<AreaDetail>`select ${columns} from area a where a.path = ${path} and ${inside('a.path', scope)}`.execute(db);
  return rows[0] ?? null;
}

/** A new area; a building's code is one in its whole community, so that no house is counted twice. */
async function create(trx: Kysely<Tables>, scope: Within, area: Area): Promise<AreaResult<AreaDetail>> {
  await lockResponse(trx);
  if (area.parent !== null && (await readArea(trx, scope, area.parent)) === null) return refuse('not-found', area.parent);
  const twin = area.kind === 'building' ? await sameBuilding(trx, area) : null;
  if (twin !== null) return refuse('already-there', twin);
  const { rows } =
    await sql`insert into area (path, parent, kind, name) values (${area.path}, ${area.parent}, ${area.kind}, ${area.name})
    on conflict (path) do nothing returning path`.execute(trx);
  if (rows.length === 0) return refuse('already-there', area.path);
  await sql`delete from area_moved where was = ${area.path}`.execute(trx);
  const made = await readArea(trx, scope, area.path);
  return made ? { ok: true, value: made } : refuse('not-found', area.path);
}

async function sameBuilding(trx: Kysely<Tables>, { path }: Area): Promise<string | null> {
  const { rows } = await sql<{ path: string }>`select b.path from area c
    join area b on b.path ~>=~ (c.path || '/') and b.path ~<~ (c.path || '0') and b.kind = 'building'
    where c.kind = 'community' and starts_with(${path}, c.path || '/') and right(b.path, ${codeOf(path).length + 1}) = ${`/${codeOf(path)}`}`.execute(
    trx,
  );
  return rows[0]?.path ?? null;
}

async function changeArea(
  trx: Kysely<Tables>,
  scope: Within,
  path: string,
  version: number,
  { name, position, shape }: AreaChange,
): Promise<AreaResult<AreaDetail>> {
  if ((await readArea(trx, scope, path)) === null) return refuse('not-found', path);
  const { rows } = await sql`update area set version = version + 1, name = coalesce(${name ?? null}, name),
      position = coalesce(${position ?? null}::integer, position),
      shape = case when ${shape === undefined} then shape else ${shape === null || shape === undefined ? null : json(shape)}::jsonb end
    where path = ${path} and version = ${version} returning path`.execute(trx);
  if (rows.length === 0) return refuse('version', path);
  const changed = await readArea(trx, scope, path);
  return changed ? { ok: true, value: changed } : refuse('not-found', path);
}

/** Split, merge or assign: planned on the tree as it is now, and carried out with everything kept under the moved areas. */
async function carryOut(
  trx: Kysely<Tables>,
  scope: Within,
  doer: Doer,
  cut: GridCut,
  at: number,
): Promise<AreaResult<{ areas: readonly Area[]; repeated: boolean }>> {
  await lockResponse(trx);
  let refusal: AreaRefusal = { code: 'not-found', path: cut.grid };
  const done = await once(trx, { actor: doer.id, key: cut.key, about: `${cut.what} ${cut.grid}`, at }, async () => {
    const answer = await cutNow(trx, scope, cut, at);
    if (typeof answer === 'string') return answer;
    refusal = answer;
    return null;
  });
  if (done === 'key-reused') return refuse('key-reused', cut.grid);
  if (done === 'refused') return { ok: false, refusal };
  return { ok: true, value: { areas: await downToBuildings(trx, done.subject), repeated: done.repeated } };
}

/** The path of the community it was done in, or why it was not. */
async function cutNow(trx: Kysely<Tables>, scope: Within, cut: GridCut, at: number): Promise<string | AreaRefusal> {
  const found = await readCommunity(trx, scope, cut.grid);
  const grid = await readArea(trx, scope, cut.grid);
  if (found === null || grid === null) return { code: 'not-found', path: cut.grid };
  if (grid.version !== cut.version) return { code: 'version', path: cut.grid };
  const plan = cut.plan(found.areas);
  if (!plan.ok) return { code: 'grid', problem: plan.problem };
  for (const { path, parent, kind, name } of plan.create) {
    await sql`insert into area (path, parent, kind, name) values (${path}, ${parent}, ${kind}, ${name})`.execute(trx);
    await sql`delete from area_moved where was = ${path}`.execute(trx);
    if (cut.copyGrants) await copyGrants(trx, cut.grid, path);
  }
  await endPosts(trx, plan.moves, at);
  await moveAreas(trx, plan.moves, at);
  await sql`update area set version = version + 1 where path = ${cut.grid}`.execute(trx);
  const touched = [...new Set([cut.grid, ...plan.create.map(({ path }) => path), ...plan.moves.map(({ to }) => to)])];
  await emit(
    trx,
    touched.map((area) => ({ area, event: { type: 'resync', at } })),
  );
  return found.community.path;
}

async function copyGrants(trx: Kysely<Tables>, from: string, to: string): Promise<void> {
  await sql`insert into app_grant (user_id, area, role) select user_id, ${to}, role from app_grant where area = ${from}
    on conflict do nothing`.execute(trx);
}

/** A grid that is no more has no leader: its own posts end; those of its buildings go with them. */
async function endPosts(trx: Kysely<Tables>, moves: readonly { from: string }[], at: number): Promise<void> {
  const grids = sql`select path from area where kind = 'grid' and path = any(${moves.map(({ from }) => from)})`;
  await sql`update area_post set until_at = ${at}, version = version + 1
    where area in (${grids}) and (until_at is null or until_at > ${at})`.execute(trx);
}
