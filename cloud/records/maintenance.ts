import type { MaintenanceWindow } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { selectAlarms } from './alarm-rows.ts';
import { type Desk, notFound } from './commands.ts';
import { derivedId } from './derived-id.ts';
import { cancel, type Due, plan } from './due.ts';
import { olderThan, pageOf, pageSize } from './paging.ts';
import type { Actor, Outcome, Page, Scope, WindowFilter, WindowPlan } from './records.ts';
import { lockResponse, ResponseWork } from './response-work.ts';
import { inTransaction } from './retry.ts';
import type { Decided, Rules } from './rules.ts';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { Tables } from './tables.ts';

/** A window is seen by whoever sees one of its areas, or lies inside of one. */
function seenBy(scope: Scope): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from unnest(w.areas) as mine(path), unnest(${[...scope.areas]}::text[]) as granted(area)
    where granted.area = '' or mine.path = granted.area or starts_with(mine.path, granted.area || '/')
      or starts_with(granted.area, mine.path || '/'))`;
}

async function select(db: Kysely<Tables>, where: RawBuilder<unknown>, tail = sql``): Promise<MaintenanceWindow[]> {
  const { rows } =
    await sql<MaintenanceWindow>`select w.id, w.name, w.reason, w.starts_at as "startsAt", w.ends_at as "endsAt", w.areas,
      w.devices, w.hazards, w.state, w.planned_by as "plannedBy", w.planned_at as "plannedAt", w.ended_at as "endedAt",
      w.ended_by as "endedBy", (select count(*)::int from alarm a where a.open and ${sql`'maintenance:' || w.id`} = any(a.suppressed_by)) as "alarmCount"
    from maintenance_window w where ${where} ${tail}`.execute(db);
  return rows;
}

export async function listWindows(
  { database: { db } }: Desk,
  scope: Scope,
  filter: WindowFilter,
): Promise<Page<MaintenanceWindow>> {
  const limit = pageSize(filter.limit);
  const open = filter.open === undefined ? sql`true` : sql`(w.state in ('planned', 'running')) = ${filter.open}`;
  const where = sql`${seenBy(scope)} and ${open}`;
  const found = await select(
    db,
    sql`${where} and ${olderThan('w.starts_at', 'w.id', filter.after)}`,
    sql`order by w.starts_at desc, w.id limit ${limit + 1}`,
  );
  const counted = await sql<{ total: number }>`select count(*)::int as total from maintenance_window w where ${where}`.execute(
    db,
  );
  return pageOf(found, limit, counted.rows[0]?.total ?? 0, (window) => `${window.startsAt}~${window.id}`);
}

/** The same key by the same person is one window, however often it is sent. The areas are within the person's own. */
export function planWindow(desk: Desk, actor: Actor, asked: WindowPlan): Promise<Outcome<MaintenanceWindow>> {
  const { rules, database } = desk;
  const id = derivedId('mw', actor.id, asked.key);
  return inTransaction<Outcome<MaintenanceWindow>>(database.db, async (trx) => {
    await lockResponse(trx);
    const at = desk.clock.now();
    const [known] = await select(trx, sql`w.id = ${id}`);
    if (known) return { ok: true, value: known, repeated: true };
    const refused = rules.alarm.refuseWindow(asked, at);
    if (refused) return { ok: false, refusal: { code: 'until-needed', message: refused }, current: null };
    const { name, reason, areas, devices = [], hazards = [], startsAt, endsAt } = asked;
    await sql`insert into maintenance_window (id, name, reason, starts_at, ends_at, areas, devices, hazards, planned_by, planned_at)
      values (${id}, ${name}, ${reason}, ${startsAt}, ${endsAt}, ${[...areas]}, ${[...devices]}, ${[...hazards]}, ${actor.name}, ${at})`.execute(
      trx,
    );
    if (startsAt <= at) await begin(trx, rules, id, at);
    else await plan(trx, [{ kind: 'window-start', subject: id, step: 0, dueAt: startsAt }]);
    await plan(trx, [{ kind: 'window-end', subject: id, step: 0, dueAt: endsAt }]);
    const [value] = await select(trx, sql`w.id = ${id}`);
    if (!value) throw new Error(`window ${id} was written and cannot be read`);
    return { ok: true, value, repeated: false };
  });
}

/** Ends it now, or calls it off before it began. Done twice, it only answers again. */
export function endWindow(desk: Desk, scope: Scope, actor: Actor, id: string): Promise<Outcome<MaintenanceWindow>> {
  return inTransaction<Outcome<MaintenanceWindow>>(desk.database.db, async (trx) => {
    await lockResponse(trx);
    const [window] = await select(trx, sql`w.id = ${id} and ${seenBy(scope)}`);
    if (!window) return notFound();
    const repeated = window.state === 'over' || window.state === 'cancelled';
    if (!repeated) {
      await cancel(trx, 'window-start', [id]);
      await cancel(trx, 'window-end', [id]);
      await finish(trx, desk.rules, id, 'cancelled', desk.clock.now(), actor.name);
    }
    const [value = window] = await select(trx, sql`w.id = ${id}`);
    return { ok: true, value, repeated };
  });
}

/** Its time has come: what is open already is covered too, and an active life-safety alarm only marked. */
async function begin(trx: Kysely<Tables>, rules: Rules, id: string, at: number): Promise<void> {
  await sql`update maintenance_window set state = 'running' where id = ${id}`.execute(trx);
  const [window] = await select(trx, sql`w.id = ${id}`);
  if (!window) return;
  const open = await selectAlarms(
    trx,
    rules.alarm,
    sql`a.open and exists (select 1 from unnest(${window.areas}::text[]) as w(area)
    where a.area = w.area or starts_with(a.area, w.area || '/'))`,
  );
  const covered = open.filter(({ alarm }) => rules.alarm.covers(window, alarm));
  await change(trx, rules, covered, at, (alarm) => rules.alarm.suppress(alarm, rules.alarm.causeOf(window)));
}

async function finish(trx: Kysely<Tables>, rules: Rules, id: string, state: 'over' | 'cancelled', at: number, by: string | null) {
  await sql`update maintenance_window set state = ${state}, ended_at = ${at}, ended_by = ${by} where id = ${id}`.execute(trx);
  const cause = rules.alarm.causeOf({ id, areas: [], devices: [], hazards: [] });
  const held = await selectAlarms(trx, rules.alarm, sql`${cause} = any(a.suppressed_by)`);
  await change(trx, rules, held, at, (alarm) => rules.alarm.unsuppress(alarm, cause, at));
}

async function change(
  trx: Kysely<Tables>,
  rules: Rules,
  rows: readonly { alarm: Alarm; epoch: string }[],
  at: number,
  how: (alarm: Alarm) => Decided,
): Promise<void> {
  const work = new ResponseWork(trx, rules, at);
  for (const { alarm, epoch } of rows) {
    const decided = how(alarm);
    if (decided.alarm !== alarm) await work.follow(decided.alarm, epoch, decided.effects, {});
  }
  await work.flush();
}

/** What the sweep does when a window's time has come. */
export async function moveWindow(trx: Kysely<Tables>, rules: Rules, due: Due, now: number): Promise<string> {
  const [window] = await select(trx, sql`w.id = ${due.subject}`);
  if (!window || window.state === 'over' || window.state === 'cancelled') return 'moved on';
  if (due.kind === 'window-start') await begin(trx, rules, window.id, now);
  else await finish(trx, rules, window.id, 'over', now, null);
  return due.kind === 'window-start' ? 'begun' : 'over';
}
