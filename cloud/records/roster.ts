import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { DutyGap, DutyNeed, DutyRole, OnDuty, Shift } from '@yihu/device-profiles/vocabulary/duty.ts';
import { type Kysely, sql } from 'kysely';
import { gapsOf, rosterLimits } from '../task/roster.ts';
import { type Desk, notFound } from './commands.ts';
import { order } from './delivery-rows.ts';
import { derivedId } from './derived-id.ts';
import { plan } from './due.ts';
import type { Actor, Outcome, Refusal, Scope } from './records.ts';
import { inTransaction } from './retry.ts';
import type { Rules } from './rules.ts';
import { above, within } from './scope.ts';
import type { Tables } from './tables.ts';

export interface NewShift {
  readonly area: string;
  readonly role: DutyRole;
  readonly person: string;
  readonly from: number;
  readonly to: number;
  readonly key: string;
}

const columns = sql.raw(`s.id, s.area, s.role, s.person, s.person_name as "personName", s.from_at as "from", s.to_at as "to",
  s.by_name as "byName"`);

function refused<T>(code: Refusal['code'], zh: string, en: string): Outcome<T> {
  return { ok: false, refusal: { code, message: { zh, en } }, current: null };
}

/** Shifts that touch the span, the earliest first. */
export async function listShifts(db: Kysely<Tables>, scope: Scope, span: { from: number; to: number }): Promise<Shift[]> {
  const { rows } = await sql<Shift>`select ${columns} from shift s where s.cancelled_at is null and s.from_at < ${span.to}
    and s.to_at > ${span.from} and ${within('s.area', scope)} order by s.from_at, s.id limit 2000`.execute(db);
  return rows;
}

/** The same key by the same person is one shift. The area was found to be the actor's; the person must hold the role there. */
export function addShift(desk: Desk, actor: Actor, asked: NewShift): Promise<Outcome<Shift>> {
  const { area, role, person, from, to, key } = asked;
  const id = derivedId('shift', actor.id, key);
  return inTransaction(desk.database.db, async (trx): Promise<Outcome<Shift>> => {
    const known = await readShift(trx, id);
    if (known) return { ok: true, value: known, repeated: true };
    if (to <= from || to - from > rosterLimits.longestShiftMs)
      return refused('invalid', '班次要有先后，且不超过 24 小时', 'A shift ends after it begins, and within 24 hours');
    const { rows } = await sql<{ name: string }>`select u.name from app_user u where u.id = ${person} and u.disabled_at is null
      and exists (select 1 from app_grant g where g.user_id = u.id and g.role = ${role}
        and (g.area = '' or ${area} = g.area or starts_with(${area}, g.area || '/')))`.execute(trx);
    const [found] = rows;
    if (!found) return refused('invalid', '此人在这个区域没有这个角色', 'This person does not hold this role here');
    const twice = await sql`select 1 from shift where person = ${person} and cancelled_at is null and from_at < ${to}
      and to_at > ${from}`.execute(trx);
    if (twice.rows.length > 0) return refused('not-allowed', '此人这段时间已有班次', 'This person has a shift then already');
    const at = desk.clock.now();
    await sql`insert into shift (id, area, role, person, person_name, from_at, to_at, by_name, at)
      values (${id}, ${area}, ${role}, ${person}, ${found.name}, ${from}, ${to}, ${actor.name}, ${at})`.execute(trx);
    await lookSoon(trx, area, at);
    const value = await readShift(trx, id);
    if (!value) throw new Error(`shift ${id} was written and cannot be read`);
    return { ok: true, value, repeated: false };
  });
}

async function readShift(trx: Kysely<Tables>, id: string): Promise<Shift | null> {
  return (await sql<Shift>`select ${columns} from shift s where s.id = ${id}`.execute(trx)).rows[0] ?? null;
}

/** Cancelled twice, it only answers again. */
export function cancelShift(desk: Desk, scope: Scope, id: string): Promise<Outcome<Shift>> {
  return inTransaction(desk.database.db, async (trx): Promise<Outcome<Shift>> => {
    const at = desk.clock.now();
    const { rows } = await sql<Shift>`select ${columns} from shift s where s.id = ${id} and ${within('s.area', scope)}
      for update`.execute(trx);
    const [shift] = rows;
    if (!shift) return notFound();
    await sql`update shift set cancelled_at = coalesce(cancelled_at, ${at}) where id = ${id}`.execute(trx);
    await lookSoon(trx, shift.area, at);
    return { ok: true, value: shift, repeated: false };
  });
}

/** How many of a role must be there at every hour; 0: none. */
export async function putDutyNeed(desk: Desk, { area, role, least }: DutyNeed): Promise<DutyNeed> {
  await inTransaction(desk.database.db, async (trx) => {
    await sql`insert into duty_need (area, role, least) values (${area}, ${role}, ${least})
      on conflict (area, role) do update set least = excluded.least`.execute(trx);
    await lookSoon(trx, area, desk.clock.now());
  });
  return { area, role, least };
}

/** 缺岗 of the span, found anew each time. */
export async function dutyGaps(db: Kysely<Tables>, scope: Scope, span: { from: number; to: number }): Promise<DutyGap[]> {
  const { rows } = await sql<DutyNeed>`select n.area, n.role, n.least from duty_need n where ${within('n.area', scope)}
    order by n.area, n.role`.execute(db);
  return gapsOf(rows, await listShifts(db, scope, span), span.from, span.to);
}

/** 在岗: by the roster and by who has signed in. */
export async function onDuty({ database: { db }, clock }: Desk, scope: Scope): Promise<OnDuty[]> {
  const now = clock.now();
  const { rows } = await sql<OnDuty>`
    select s.person, u.name, s.role, s.area, case when u.on_duty then 'here' else 'absent' end as state, s.to_at as until
      from shift s join app_user u on u.id = s.person
      where s.cancelled_at is null and s.from_at <= ${now} and s.to_at > ${now} and (${within('s.area', scope)} or ${above('s.area', scope)})
    union all
    select u.id, u.name, g.role, g.area, 'extra', null from app_user u join app_grant g on g.user_id = u.id
      where u.on_duty and u.disabled_at is null and g.role in ('dispatcher', 'property', 'grid-worker') and (${within('g.area', scope)} or ${above('g.area', scope)})
        and not exists (select 1 from shift s where s.person = u.id and s.cancelled_at is null and s.from_at <= ${now} and s.to_at > ${now})
    order by 3, 5, 2, 1`.execute(db);
  return rows;
}

/** The roster of an area changed: its gaps are looked for at once. */
async function lookSoon(trx: Kysely<Tables>, area: string, at: number): Promise<void> {
  await plan(trx, [{ kind: 'roster-look', subject: area, step: 0, dueAt: at }]);
}

/** Gaps of the day ahead that nobody was told of are told to who plans and who dispatches; those that are filled are closed. */
export async function lookAtRoster(trx: Kysely<Tables>, rules: Rules, area: string, now: number): Promise<string> {
  const needed = await sql`select 1 from duty_need where area = ${area} and least > 0`.execute(trx);
  const scope = { areas: [area] };
  const gaps = (await dutyGaps(trx, scope, { from: now, to: now + rosterLimits.aheadMs })).filter((gap) => gap.area === area);
  const { rows: known } = await sql<DutyGap & { id: string }>`select id, area, role, from_at as "from", to_at as "to", missing
    from duty_gap where area = ${area} and closed_at is null`.execute(trx);
  const same = (gap: DutyGap, other: DutyGap) => gap.role === other.role && gap.from < other.to && gap.to > other.from;
  const over = known.filter((gap) => !gaps.some((one) => same(gap, one))).map(({ id }) => id);
  await sql`update duty_gap set closed_at = ${now} where id = any(${over})`.execute(trx);
  for (const gap of gaps.filter((one) => !known.some((other) => same(one, other)))) await tellGap(trx, rules, gap, now);
  if (needed.rows.length > 0) {
    await plan(trx, [{ kind: 'roster-look', subject: area, step: 0, dueAt: now + rosterLimits.lookMs }]);
  }
  return `${gaps.length} gaps`;
}

/** As the screens call them. */
export const dutyRoleNames = {
  dispatcher: { zh: '值班员', en: 'dispatcher' },
  property: { zh: '物业', en: 'property' },
  'grid-worker': { zh: '网格员', en: 'grid worker' },
} as const satisfies Record<DutyGap['role'], Text>;

async function tellGap(trx: Kysely<Tables>, { telling, timeZone }: Rules, gap: DutyGap, now: number): Promise<void> {
  const { area, role, from, to, missing } = gap;
  const id = derivedId('gap', area, role, from, now);
  await sql`insert into duty_gap (id, area, role, from_at, to_at, missing, seen_at)
    values (${id}, ${area}, ${role}, ${from}, ${to}, ${missing}, ${now}) on conflict do nothing`.execute(trx);
  if (telling.ladders.other.length === 0) return;
  const clock = new Intl.DateTimeFormat('zh-CN', {
    timeZone,
    month: 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const text = `【一呼】缺岗：${clock.format(from)}–${clock.format(to)} ${dutyRoleNames[role].zh}缺 ${missing} 人，请安排。`;
  const { rows } = await sql<{
    id: string;
    name: string;
  }>`select distinct u.id, u.name from app_user u join app_grant g on g.user_id = u.id
    where u.disabled_at is null and g.role in ('property', 'dispatcher')
      and (g.area = '' or ${area} = g.area or starts_with(${area}, g.area || '/')) order by u.id`.execute(trx);
  await order(
    trx,
    rows.map(({ id: user, name }) => ({
      source: 'roster' as const,
      subject: id,
      who: { kind: 'user' as const, id: user, name },
      area,
      ladder: telling.ladders.other,
      occasion: 'gap',
      lifeSafety: false,
      priority: 5,
      message: { language: 'zh' as const, title: '【一呼】缺岗', text },
      at: now,
      expiresAt: to,
    })),
  );
}
