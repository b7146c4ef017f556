import type { Flood } from '@yihu/device-profiles/vocabulary/flood.ts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { derivedId } from './derived-id.ts';
import { type Due, plan } from './due.ts';
import type { FloodCount, Load, Rules } from './rules.ts';
import { json } from './scope.ts';
import { emit } from './stream.ts';
import type { Tables } from './tables.ts';

const bucketMs = 10_000;
/** How often groups are put on the stream while something changes, and how often it is looked at while nothing does. */
const lookMs = 1000;
const idleLookMs = 10_000;

const columns = sql`f.id, f.area, f.started_at as "startedAt", f.ended_at as "endedAt", f.alarms, f.operators,
  f.per_operator as "perOperator", f.groups`;

export async function selectFloods(db: Kysely<Tables>, where: RawBuilder<unknown>): Promise<Flood[]> {
  const { rows } = await sql<Flood>`select ${columns} from flood f where ${where} order by f.started_at desc, f.id`.execute(db);
  return rows;
}

/** New alarms of a community up to now, and how many are there to deal with them. */
export async function readLoad(
  db: Kysely<Tables>,
  area: string,
  at: number,
  spans: { spanMs: number; burstMs: number },
): Promise<Load> {
  const { rows } = await sql<Load>`select
      coalesce((select sum(raised) from alarm_load where area = ${area} and bucket > ${bucketOf(at - spans.spanMs)}), 0)::int as "inSpan",
      coalesce((select sum(raised) from alarm_load where area = ${area} and bucket > ${bucketOf(at - spans.burstMs)}), 0)::int as "inBurst",
      (select count(distinct u.id)::int from app_user u join app_grant g on g.user_id = u.id
        where u.on_duty and u.disabled_at is null and g.role = 'dispatcher'
          and (g.area = '' or g.area = ${area} or starts_with(${area}, g.area || '/'))) as operators`.execute(db);
  return rows[0] ?? { inSpan: 0, inBurst: 0, operators: 0 };
}

const bucketOf = (at: number) => Math.floor(at / bucketMs);

/** Counts new alarms by community, and begins the floods that were found. */
export async function writeLoad(
  trx: Kysely<Tables>,
  at: number,
  raised: ReadonlyMap<string, number>,
  begun: readonly string[],
): Promise<void> {
  if (raised.size === 0) return;
  const rows = [...raised].map(([area, count]) => ({ area, count }));
  await sql`insert into alarm_load (area, bucket, raised)
    select area, ${bucketOf(at)}, count from jsonb_to_recordset(${json(rows)}) as r(area text, count integer)
    on conflict (area, bucket) do update set raised = alarm_load.raised + excluded.raised`.execute(trx);
  for (const area of begun) {
    await sql`insert into flood (id, area, started_at) values (${derivedId('fl', area, at)}, ${area}, ${at})
      on conflict do nothing`.execute(trx);
  }
  await sql`update flood f set alarms = f.alarms + r.count
    from jsonb_to_recordset(${json(rows)}) as r(area text, count integer) where f.area = r.area and f.ended_at is null`.execute(
    trx,
  );
  await plan(
    trx,
    begun.map((area) => ({ kind: 'flood-look', subject: area, step: 0, dueAt: at })),
  );
}

/** What the sweep does every second while a flood lasts: groups on the stream where they changed, and the end. */
export async function lookAtFlood(trx: Kysely<Tables>, rules: Rules, { subject: area }: Due, now: number): Promise<string> {
  const [flood] = await selectFloods(trx, sql`f.area = ${area} and f.ended_at is null`);
  if (!flood) return 'over already';
  const load = await readLoad(trx, area, now, rules.flood.limits);
  const lasts = rules.flood.isFlood(true, load);
  const groups = rules.flood.groups(await countOpen(trx, area));
  const operators = Math.max(1, load.operators);
  const next: Flood = { ...flood, endedAt: lasts ? null : now, operators, perOperator: load.inSpan / operators, groups };
  const changed = !lasts || said(next) !== said(flood);
  if (changed) {
    await sql`update flood set ended_at = ${next.endedAt}, operators = ${operators}, per_operator = ${next.perOperator},
      groups = ${json(groups)} where id = ${flood.id}`.execute(trx);
  }
  if (lasts) await plan(trx, [{ kind: 'flood-look', subject: area, step: 0, dueAt: now + (changed ? lookMs : idleLookMs) }]);
  if (changed) await emit(trx, [{ area, event: { type: 'flood', at: now, flood: next } }]);
  return lasts ? 'lasts' : 'over';
}

/** What a screen would show of it. */
function said({ alarms, operators, perOperator, groups }: Flood): string {
  const lines = groups.map((group) => [group.key, group.alarms, group.active, group.unacked, group.worst].join(' '));
  return [alarms, operators, perOperator, ...lines].join('\n');
}

async function countOpen(trx: Kysely<Tables>, area: string): Promise<FloodCount[]> {
  const { rows } =
    await sql<FloodCount>`select a.hazard, a.area, count(*)::int as alarms, count(*) filter (where a.active)::int as active,
      count(*) filter (where a.ack is null)::int as unacked, (array_agg(a.severity order by a.level))[1] as worst
    from alarm a where a.open and (a.area = ${area} or starts_with(a.area, ${`${area}/`})) and a.hazard not in ('fire', 'gas', 'person')
    group by a.hazard, a.area`.execute(trx);
  return rows;
}

export async function dropOldLoad(db: Kysely<Tables>, before: number): Promise<void> {
  await sql`delete from alarm_load where bucket < ${bucketOf(before)}`.execute(db);
}
