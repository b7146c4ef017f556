import { type Kysely, sql } from 'kysely';
import { movedBy, untimedBoot } from '@yihu/device-profiles/vocabulary/record-time.ts';
import type { Accepted, Of } from './ingest-accepted.ts';
import { only } from './ingest-accepted.ts';
import { selectAlarms } from './alarm-rows.ts';
import type { Rules } from './rules.ts';
import { json } from './scope.ts';
import { emit } from './stream.ts';
import type { Tables } from './tables.ts';

/** Records as they go into the tables, and those of them that carry the time of their arrival in place of their own. */
export interface InTime {
  readonly accepted: readonly Accepted[];
  readonly untimed: readonly Accepted[];
}

/**
 * Alarms leave a gateway at once, also while it does not know the time. Where its word on that boot is there already,
 * they get their time; until then they stand under the time of their arrival.
 */
export async function placeInTime(
  trx: Kysely<Tables>,
  gateway: string,
  accepted: readonly Accepted[],
  receivedAt: number,
): Promise<InTime> {
  const boots = new Set(accepted.flatMap(({ entry }) => untimedBoot(entry.record) ?? []));
  if (boots.size === 0) return { accepted, untimed: [] };
  const shifts = await knownShifts(trx, gateway, [...boots]);
  for (const { record } of only(accepted, 'clock')) if (record.what === 'trusted') shifts.set(record.boot, record.shiftMs);
  const untimed: Accepted[] = [];
  const placed = accepted.map((one): Accepted => {
    const boot = untimedBoot(one.entry.record);
    if (boot === undefined) return one;
    const shift = shifts.get(boot);
    if (shift === undefined) untimed.push(one);
    const ms = shift ?? receivedAt - one.entry.record.at;
    return { ...one, entry: { ...one.entry, record: movedBy(one.entry.record, ms) } };
  });
  return { accepted: placed, untimed };
}

async function knownShifts(trx: Kysely<Tables>, gateway: string, boots: string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ boot: string; shiftMs: number }>`select boot, shift_ms as "shiftMs" from clock_change
    where gateway = ${gateway} and what = 'trusted' and boot = any(${boots}) order by received_at`.execute(trx);
  return new Map(rows.map(({ boot, shiftMs }) => [boot, shiftMs]));
}

/** Remembers what stands under the time of its arrival, and what the gateway said of its clock. */
export async function keepClock(
  trx: Kysely<Tables>,
  gateway: string,
  untimed: readonly Accepted[],
  clocks: readonly Of<'clock'>[],
  receivedAt: number,
): Promise<void> {
  const waiting = untimed.flatMap(({ log, entry: { seq, record } }) => {
    if (record.kind !== 'alarm' && record.kind !== 'act') return [];
    const transitions = record.kind === 'alarm' ? record.transitions : [];
    const alarms = transitions.map(({ alarm, at }) => ({ alarm, shown: receivedAt + at - record.at }));
    return [{ boot: record.untimed, log, seq, device: record.device, at: record.at, alarms }];
  });
  if (waiting.length > 0)
    await sql`insert into untimed (gateway, boot, log, seq, device, at, shown, alarms)
      select ${gateway}, boot, log, seq, device, at, ${receivedAt}, alarms
      from jsonb_to_recordset(${json(waiting)}) as r(boot text, log integer, seq bigint, device text, at bigint, alarms jsonb)`.execute(
      trx,
    );
  if (clocks.length === 0) return;
  const rows = clocks.map(({ epoch, entry, record }) => ({
    ...record,
    epoch,
    seq: entry.seq,
    estimated: record.estimated ?? false,
  }));
  await sql`insert into clock_change (gateway, epoch, seq, at, what, boot, shift_ms, said_by, estimated, received_at)
    select ${gateway}, epoch, seq, at, what, boot, "shiftMs", "by", estimated, ${receivedAt}
    from jsonb_to_recordset(${json(rows)}) as r(epoch text, seq bigint, at bigint, what text, boot text, "shiftMs" bigint, "by" text,
      estimated boolean)`.execute(trx);
}

/**
 * 校时: the gateway knows the time now, and what it sent before gets its own. The timeline is not touched: its lines say
 * when we heard, and the alarms beside them when it was.
 */
export async function settleTime(
  trx: Kysely<Tables>,
  rules: Rules,
  gateway: string,
  clocks: readonly Of<'clock'>[],
  receivedAt: number,
): Promise<void> {
  for (const { record } of clocks) {
    if (record.what !== 'trusted') continue;
    const corrected = await correct(trx, gateway, record.boot, record.shiftMs);
    if (corrected.length === 0) continue;
    const rows = await selectAlarms(trx, rules.alarm, sql`a.id = any(${corrected})`);
    await emit(
      trx,
      rows.map(({ alarm }) => ({ area: alarm.area, event: { type: 'alarm', at: receivedAt, alarm } })),
    );
  }
}

/** Ids of the alarms whose times moved. */
async function correct(trx: Kysely<Tables>, gateway: string, boot: string, shiftMs: number): Promise<string[]> {
  await sql`create temporary table settling on commit drop as
    with gone as (delete from untimed where gateway = ${gateway} and boot = ${boot} returning *)
    select *, at + ${shiftMs} - shown as by_ms from gone`.execute(trx);
  await sql`update device_event e set at = e.at + s.by_ms from settling s where e.log = s.log and e.seq = s.seq`.execute(trx);
  await sql`update device_act a set at = a.at + s.by_ms from settling s where a.log = s.log and a.seq = s.seq`.execute(trx);
  const moved = sql`select s.device, s.by_ms, (x ->> 'shown')::bigint as shown, x ->> 'alarm' as alarm
    from settling s, jsonb_array_elements(s.alarms) x`;
  const { rows } = await sql<{
    id: string;
  }>`with m as (${moved}), first as (select device, alarm, shown, max(by_ms) as by_ms from m group by 1, 2, 3)
    update alarm a set
      raised_at = a.raised_at + coalesce((select by_ms from first f where f.device = a.device and f.alarm = a.alarm and f.shown = a.raised_at), 0),
      last_at = a.last_at + coalesce((select by_ms from first f where f.device = a.device and f.alarm = a.alarm and f.shown = a.last_at), 0),
      cleared_at = a.cleared_at + coalesce((select by_ms from first f where f.device = a.device and f.alarm = a.alarm and f.shown = a.cleared_at), 0),
      version = a.version + 1
    where a.gateway = ${gateway} and exists (select 1 from first f where f.device = a.device and f.alarm = a.alarm
      and f.shown in (a.raised_at, a.last_at, a.cleared_at))
    returning a.id`.execute(trx);
  const ids = rows.map(({ id }) => id);
  await sql`update incident i set edge_at = (select min(a.raised_at) from alarm a where a.incident = i.id)
    where i.id in (select incident from alarm where id = any(${ids}))`.execute(trx);
  await sql`drop table settling`.execute(trx);
  return ids;
}
