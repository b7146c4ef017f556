import { type Kysely, sql } from 'kysely';
import { callFigures } from './call-report.ts';
import { dropOldDeliveries } from './delivery-rows.ts';
import { dropOldTelemetry } from './history.ts';
import { dropOldHomeRecords } from './households.ts';
import { dropOldPhotos } from './photos.ts';
import { dropOldSnapshots } from './snapshot-pictures.ts';
import { dropOldEvents } from './stream.ts';
import { dropOldSweeps } from './sweeper.ts';
import type { Tables } from './tables.ts';

export type RetentionKind =
  | 'telemetry'
  | 'events'
  | 'stream'
  | 'calls'
  | 'deliveries'
  | 'stories'
  | 'warnings'
  | 'snapshots'
  | 'photos'
  | 'homes'
  | 'sweeps';

/** Deletes at most about `most` rows older than `before`, in the caller's transaction; returns how many. */
type Forget = (trx: Kysely<Tables>, before: number, most: number, now: number) => Promise<number>;

const forget: Record<RetentionKind, Forget> = {
  telemetry: dropOldTelemetry,
  events: async (trx, before, most) => {
    const gone = await sql`delete from device_event where id in
      (select id from device_event where received_at < ${before} limit ${most})`.execute(trx);
    return Number(gone.numAffectedRows ?? 0);
  },
  stream: dropOldEvents,
  calls: forgetCall,
  deliveries: dropOldDeliveries,
  stories: forgetStories,
  warnings: async (trx, before, most) => {
    const gone =
      await sql`delete from cap_message where id in (select m.id from cap_message m left join incident i on i.id = m.incident
      where m.at < ${before} and not coalesce(i.open, false) order by m.at limit ${most})`.execute(trx);
    return Number(gone.numAffectedRows ?? 0);
  },
  snapshots: dropOldSnapshots,
  photos: dropOldPhotos,
  homes: dropOldHomeRecords,
  sweeps: async (trx, before, most) => dropOldSweeps(trx, before, most),
};

/** Rows of one transaction: short enough to hold up nobody. */
const batches: Readonly<Record<RetentionKind, number>> = {
  telemetry: 20_000,
  events: 5_000,
  stream: 5_000,
  calls: 1_000,
  deliveries: 2_000,
  stories: 20,
  warnings: 200,
  snapshots: 100,
  photos: 100,
  homes: 500,
  sweeps: 5_000,
};

/** Kinds whose loss is a fact about people or about what was done: each turn that forgets some of it stands in the audit. */
export const auditedKinds: readonly RetentionKind[] = [
  'calls',
  'deliveries',
  'stories',
  'warnings',
  'snapshots',
  'photos',
  'homes',
  'events',
];

/** Two sweepers do not forget the same thing at once. Any fixed numbers will do. */
const retentionLock = 7_204_030;

export interface Forgotten {
  readonly kind: RetentionKind;
  readonly rows: number;
  /** What was older than this is gone, ms since 1970 UTC. */
  readonly before: number;
  /** False where the turn ended before it had caught up. */
  readonly caughtUp: boolean;
}

/**
 * One turn of one kind: batch after batch, each a transaction of its own, until nothing is older than `before` or the turn is
 * over. What is gone is counted in the same transaction.
 */
export async function forgetOld(
  db: Kysely<Tables>,
  kind: RetentionKind,
  { before, now, turns }: { before: number; now: number; turns: number },
): Promise<Forgotten> {
  let rows = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    const gone = await db.transaction().execute(async (trx) => {
      const lock = await sql<{
        mine: boolean;
      }>`select pg_try_advisory_xact_lock(${retentionLock}, ${kinds.indexOf(kind)}) as mine`.execute(trx);
      if (lock.rows[0]?.mine !== true) return 0;
      const count = await forget[kind](trx, before, batches[kind], now);
      if (count > 0) await account(trx, kind, count, before, now);
      return count;
    });
    rows += gone;
    if (gone === 0) return { kind, rows, before, caughtUp: true };
  }
  return { kind, rows, before, caughtUp: false };
}

export const kinds = Object.keys(forget) as RetentionKind[];

async function account(trx: Kysely<Tables>, kind: RetentionKind, rows: number, before: number, now: number): Promise<void> {
  const day = new Date(now).toISOString().slice(0, 10);
  await sql`insert into retention_day (kind, day, rows, before_at, last_at) values (${kind}, ${day}, ${rows}, ${before}, ${now})
    on conflict (kind, day) do update set rows = retention_day.rows + excluded.rows, before_at = excluded.before_at,
      last_at = excluded.last_at`.execute(trx);
}

/**
 * What each of its people said is forgotten, oldest call first; the call, its figures, its counts by area and its own line-by-line
 * account stay. The figures are kept with the first rows that go.
 */
async function forgetCall(trx: Kysely<Tables>, before: number, most: number, now: number): Promise<number> {
  const { rows } = await sql<{
    id: string;
    begunAt: number | null;
    people: number;
  }>`select c.id, c.begun_at as "begunAt", c.people from call c
    where c.ended_at < ${before} and (exists (select 1 from call_recipient r where r.call = c.id)
      or exists (select 1 from call_answer a where a.call = c.id) or exists (select 1 from call_home h where h.call = c.id))
    order by c.ended_at, c.id limit 1 for update`.execute(trx);
  const [call] = rows;
  if (!call) return 0;
  const known = await sql`select 1 from call_thinned where call = ${call.id}`.execute(trx);
  if (known.rows.length === 0) {
    const figures = await callFigures(trx, call);
    await sql`insert into call_thinned (call, figures, at) values (${call.id}, ${JSON.stringify(figures)}::jsonb, ${now})`.execute(
      trx,
    );
  }
  let gone = 0;
  for (const table of ['call_answer', 'call_need', 'call_door', 'call_home', 'call_told', 'call_recipient']) {
    if (gone >= most) break;
    const of = sql.table(table);
    const done =
      await sql`delete from ${of} where ctid in (select ctid from ${of} where call = ${call.id} limit ${most - gone})`.execute(
        trx,
      );
    gone += Number(done.numAffectedRows ?? 0);
  }
  return gone;
}

/** The lines of incidents that are long over, each story whole: where its chain stood is kept, so that an export made before can still be held against it. */
async function forgetStories(trx: Kysely<Tables>, before: number, most: number, now: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`select i.id from incident i where not i.open and i.updated_at < ${before}
    and exists (select 1 from timeline t where t.incident = i.id) order by i.updated_at, i.id limit ${most} for update`.execute(
    trx,
  );
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return 0;
  await sql`insert into timeline_seal (incident, lines, hash, first_at, last_at, sealed_at)
    select distinct on (t.incident) t.incident, t.seq, t.hash, (select min(f.at) from timeline f where f.incident = t.incident), t.at, ${now}
    from timeline t where t.incident = any(${ids}) order by t.incident, t.seq desc
    on conflict (incident) do update set lines = excluded.lines, hash = excluded.hash, last_at = excluded.last_at, sealed_at = excluded.sealed_at`.execute(
    trx,
  );
  const gone = await sql`delete from timeline where incident = any(${ids})`.execute(trx);
  return Number(gone.numAffectedRows ?? 0);
}
