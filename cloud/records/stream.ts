import { type Kysely, sql } from 'kysely';
import type { StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Scope, StreamPage } from './records.ts';
import { json, within } from './scope.ts';
import type { Tables } from './tables.ts';

/** The channel a commit speaks on when it wrote stream events. */
export const streamChannel = 'yihu_stream';

export interface StreamDraft {
  readonly area: string;
  readonly event: StreamEvent;
}

/**
 * Writes events of this transaction to the durable stream. The head row is locked until the commit, so ids become visible
 * in their order and a reader never steps over one that commits late. Call it last: it is the lock everybody shares.
 */
export async function emit(trx: Kysely<Tables>, drafts: readonly StreamDraft[]): Promise<void> {
  if (drafts.length === 0) return;
  const rows = drafts.map((draft, index) => ({ nth: index + 1, area: draft.area, event: draft.event }));
  await sql`with head as (update stream_head set last = last + ${drafts.length} returning last - ${drafts.length} as before)
    insert into stream_event (id, area, type, at, event)
    select head.before + r.nth, r.area, r.event ->> 'type', (r.event ->> 'at')::bigint, r.event
    from head, jsonb_to_recordset(${json(rows)}) as r(nth bigint, area text, event jsonb)`.execute(trx);
  await sql`select pg_notify(${streamChannel}, '')`.execute(trx);
}

export async function latestStreamId(db: Kysely<Tables>): Promise<string> {
  const { rows } = await sql<{ last: number }>`select last from stream_head`.execute(db);
  return String(rows[0]?.last ?? 0);
}

interface StreamRow {
  readonly head: number;
  readonly id: number | null;
  readonly event: StreamEvent | null;
}

/**
 * Events after `id`. The scope is applied to a fixed run of rows, so that `last` moves on also where nothing is to be seen;
 * run and head are read in one statement, so that an event committed meanwhile is not taken for a lost one.
 */
export async function streamAfter(db: Kysely<Tables>, scope: Scope, id: string, limit: number): Promise<StreamPage> {
  const from = /^\d{1,15}$/.test(id) ? Number(id) : -1;
  const { rows } = await sql<StreamRow>`
    select head.last as head, run.id, case when ${within('run.area', scope)} then run.event end as event
    from stream_head head
    left join (select id, area, event from stream_event where id > ${from} order by id limit ${limit}) run on true
    order by run.id`.execute(db);
  const events = rows.flatMap((row) => (row.id !== null && row.event ? [{ id: String(row.id), event: row.event }] : []));
  const [first] = rows;
  const head = first?.head ?? 0;
  const isNext = first?.id === from + 1;
  return { events, last: String(rows.at(-1)?.id ?? head), resync: !isNext && from !== head };
}

/** Forgets events older than `before`; the newest stays, so that ids go on from it. Returns how many. */
export async function dropOldEvents(db: Kysely<Tables>, before: number, most: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from stream_event where id in (select id from stream_event
    where at < ${before} and id < (select last from stream_head) order by id limit ${most})`.execute(db);
  return Number(numAffectedRows ?? 0);
}
