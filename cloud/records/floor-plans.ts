import { createHash } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { DevicePlan, FloorPlan, FloorPlanSummary, PlanItem } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import type { Clock } from '../clock.ts';
import type { PictureFacts } from '../registry/plan-picture.ts';
import { inTransaction } from './retry.ts';
import type { Scope } from './records.ts';
import { json, within } from './scope.ts';
import type { Tables } from './tables.ts';

export interface NewPlan {
  readonly id: string;
  readonly area: string;
  readonly floor: string;
  readonly name: string;
  /** Of the empty sheet, until there is a picture. */
  readonly width: number;
  readonly height: number;
}

/** Why a plan was not changed; `current` is what it is now. */
export type PlanResult =
  | { readonly ok: true; readonly plan: FloorPlan }
  | { readonly ok: false; readonly code: 'not-found' | 'already-there' | 'version'; readonly current?: FloorPlan };

/** 平面图 as the pages ask for them; each answer holds only plans of areas that the scope may see. */
export interface FloorPlanRecords {
  list(scope: Scope, area: string | undefined): Promise<FloorPlanSummary[]>;
  read(scope: Scope, id: string): Promise<FloorPlan | null>;
  picture(scope: Scope, id: string): Promise<{ readonly type: string; readonly bytes: Buffer } | null>;
  create(scope: Scope, plan: NewPlan, byName: string): Promise<PlanResult>;
  rename(scope: Scope, id: string, version: number, change: { name: string; floor: string }, byName: string): Promise<PlanResult>;
  /** Everything on it anew; areas and devices outside of the plan's own area are left out. */
  place(scope: Scope, id: string, version: number, items: readonly PlanItem[], byName: string): Promise<PlanResult>;
  putPicture(
    scope: Scope,
    id: string,
    picture: { readonly facts: PictureFacts; readonly bytes: Buffer },
    byName: string,
  ): Promise<PlanResult>;
  remove(scope: Scope, id: string): Promise<boolean>;
  ofDevice(scope: Scope, gateway: string, device: string): Promise<DevicePlan>;
}

export function floorPlanRecords(db: Kysely<Tables>, clock: Clock): FloorPlanRecords {
  const stamp = (byName: string) => sql`at = ${clock.now()}, by_name = ${byName}, version = version + 1`;
  return {
    list: (scope, area) =>
      select(
        db,
        sql`${within('p.area', scope)} and ${area === undefined ? sql`true` : sql`(p.area = ${area} or starts_with(p.area, ${`${area}/`}))`}`,
      ),
    read: (scope, id) => read(db, scope, id),
    picture: async (scope, id) => {
      const { rows } = await sql<{ type: string; bytes: Buffer }>`select f.type, f.picture as bytes from floor_plan p
        join floor_plan_picture f on f.plan = p.id where p.id = ${id} and ${within('p.area', scope)}`.execute(db);
      return rows[0] ?? null;
    },
    create: (scope, plan, byName) => inTransaction(db, (trx) => create(trx, scope, plan, { byName, at: clock.now() })),
    rename: (scope, id, version, { name, floor }, byName) =>
      inTransaction(db, (trx) =>
        change(trx, scope, { id, version }, async ({ area }) => {
          const taken = await sql`select 1 from floor_plan where area = ${area} and floor = ${floor} and id <> ${id}`.execute(
            trx,
          );
          if (taken.rows.length > 0) return 'already-there';
          await sql`update floor_plan set name = ${name}, floor = ${floor}, ${stamp(byName)} where id = ${id}`.execute(trx);
          return null;
        }),
      ),
    place: (scope, id, version, items, byName) =>
      inTransaction(db, (trx) =>
        change(trx, scope, { id, version }, async () => {
          await putItems(trx, id, items);
          await sql`update floor_plan set ${stamp(byName)} where id = ${id}`.execute(trx);
          return null;
        }),
      ),
    putPicture: (scope, id, { facts, bytes }, byName) =>
      inTransaction(db, (trx) =>
        change(trx, scope, { id }, async () => {
          await sql`insert into floor_plan_picture (plan, type, picture) values (${id}, ${facts.type}, ${bytes})
            on conflict (plan) do update set type = excluded.type, picture = excluded.picture`.execute(trx);
          const mark = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
          await sql`update floor_plan set width = ${facts.width}, height = ${facts.height}, picture = ${mark}, ${stamp(byName)}
            where id = ${id}`.execute(trx);
          return null;
        }),
      ),
    remove: async (scope, id) => {
      const { numAffectedRows } = await sql`delete from floor_plan p where p.id = ${id} and ${within('p.area', scope)}`.execute(
        db,
      );
      return Number(numAffectedRows ?? 0) > 0;
    },
    ofDevice: (scope, gateway, device) => ofDevice(db, scope, gateway, device),
  };
}

async function select(db: Kysely<Tables>, condition: RawBuilder<unknown>): Promise<FloorPlanSummary[]> {
  const { rows } = await sql<FloorPlanSummary>`select p.id, p.area, coalesce(a.name, p.area) as "areaName",
      coalesce(a.kind, 'building') as "areaKind", p.floor, p.name, p.width, p.height, p.picture, p.at, p.by_name as "byName", p.version,
      (select count(*)::int from floor_plan_item i where i.plan = p.id and i.kind = 'device') as devices,
      (select count(*)::int from floor_plan_item i where i.plan = p.id and i.kind = 'area') as areas
    from floor_plan p left join area a on a.path = p.area where ${condition} order by p.area, p.floor, p.id`.execute(db);
  return rows;
}

async function read(db: Kysely<Tables>, scope: Scope, id: string): Promise<FloorPlan | null> {
  const [plan] = await select(db, sql`p.id = ${id} and ${within('p.area', scope)}`);
  if (plan === undefined) return null;
  // The path is the column's: that one follows when grids are cut anew.
  const { rows } = await sql<{ item: PlanItem; area: string | null }>`select item, area from floor_plan_item
    where plan = ${id} order by nth`.execute(db);
  return { ...plan, items: rows.map(({ item, area }) => (item.kind === 'area' && area !== null ? { ...item, area } : item)) };
}

async function create(
  trx: Kysely<Tables>,
  scope: Scope,
  plan: NewPlan,
  { byName, at }: { byName: string; at: number },
): Promise<PlanResult> {
  const { rows } = await sql`select 1 from area where path = ${plan.area} and ${within('area.path', scope)}`.execute(trx);
  if (rows.length === 0) return { ok: false, code: 'not-found' };
  const { numAffectedRows } = await sql`insert into floor_plan (id, area, floor, name, width, height, at, by_name)
    values (${plan.id}, ${plan.area}, ${plan.floor}, ${plan.name}, ${plan.width}, ${plan.height}, ${at}, ${byName})
    on conflict (area, floor) do nothing`.execute(trx);
  if (Number(numAffectedRows ?? 0) === 0) return { ok: false, code: 'already-there' };
  return done(trx, scope, plan.id);
}

async function done(trx: Kysely<Tables>, scope: Scope, id: string): Promise<PlanResult> {
  const plan = await read(trx, scope, id);
  return plan === null ? { ok: false, code: 'not-found' } : { ok: true, plan };
}

/** Holds the row, and refuses where somebody else was first. */
async function change(
  trx: Kysely<Tables>,
  scope: Scope,
  { id, version }: { id: string; version?: number },
  run: (plan: { area: string }) => Promise<'already-there' | null>,
): Promise<PlanResult> {
  const { rows } = await sql<{ area: string; version: number }>`select p.area, p.version from floor_plan p
    where p.id = ${id} and ${within('p.area', scope)} for update`.execute(trx);
  const [held] = rows;
  if (held === undefined) return { ok: false, code: 'not-found' };
  if (version !== undefined && held.version !== version) {
    const current = await read(trx, scope, id);
    return { ok: false, code: 'version', ...(current === null ? {} : { current }) };
  }
  const refused = await run(held);
  return refused === null ? done(trx, scope, id) : { ok: false, code: refused };
}

async function putItems(trx: Kysely<Tables>, plan: string, items: readonly PlanItem[]): Promise<void> {
  await sql`delete from floor_plan_item where plan = ${plan}`.execute(trx);
  if (items.length === 0) return;
  const rows = items.map((item, nth) => ({
    nth,
    kind: item.kind,
    area: item.kind === 'area' ? item.area : null,
    gateway: item.kind === 'device' ? item.gateway : null,
    device: item.kind === 'device' ? item.device : null,
    item,
  }));
  await sql`insert into floor_plan_item (plan, nth, kind, area, gateway, device, item)
    select ${plan}, r.nth, r.kind, r.area, r.gateway, r.device, r.item
    from jsonb_to_recordset(${json(rows)}) as r(nth integer, kind text, area text, gateway text, device text, item jsonb)
    join floor_plan p on p.id = ${plan}
    where (r.area is null or r.area = p.area or starts_with(r.area, p.area || '/'))
      and (r.device is null or exists (select 1 from device d where d.gateway = r.gateway and d.id = r.device
        and (d.area = p.area or starts_with(d.area, p.area || '/'))))`.execute(trx);
}

/** Placed itself goes before its flat, its stairwell, its building; and the plan of the smaller area before that of the larger. */
async function ofDevice(db: Kysely<Tables>, scope: Scope, gateway: string, device: string): Promise<DevicePlan> {
  const { rows } = await sql<{ plan: string; kind: 'device' | 'area' }>`select p.id as plan, i.kind
    from device d
    join floor_plan_item i on (i.gateway = d.gateway and i.device = d.id)
      or (i.area is not null and (i.area = d.area or starts_with(d.area, i.area || '/')))
    join floor_plan p on p.id = i.plan
    where d.gateway = ${gateway} and d.id = ${device} and ${within('d.area', scope)} and ${within('p.area', scope)}
    order by (i.kind = 'device') desc, length(p.area) desc, length(i.area) desc, p.id limit 1`.execute(db);
  const [found] = rows;
  if (found === undefined) return { plan: null, marked: null };
  return { plan: await read(db, scope, found.plan), marked: found.kind };
}
