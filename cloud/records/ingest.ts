import { type Kysely, sql } from 'kysely';
import type { Cursor, Hello } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { Ingest, ReceivedBatch } from '../accept/ingest.ts';
import type { Database } from './database.ts';
import { gatewayReturned } from './gateway-watch.ts';
import { type Accepted, type IngestGateway, sortAccepted } from './ingest-accepted.ts';
import { keepActs } from './ingest-acts.ts';
import { keepInventory, knowDevices } from './ingest-devices.ts';
import { respond } from './ingest-response.ts';
import { keepAvailability, keepEvents, keepGaps, keepReadings } from './ingest-telemetry.ts';
import { keepClock, placeInTime, settleTime } from './ingest-time.ts';
import { lockResponse } from './response-work.ts';
import { inTransaction } from './retry.ts';
import type { Rules } from './rules.ts';
import { json } from './scope.ts';
import { keepSiteChange } from './site-pushes.ts';
import { keepSnapshots } from './snapshots.ts';
import type { Tables } from './tables.ts';

/** `Ingest` in PostgreSQL: everything of a commit, and the cursor, in one transaction. */
export function createIngest(database: Database, rules: Rules): Ingest {
  const { db } = database;
  return {
    cursor: (gateway, epoch) => readCursor(db, gateway, epoch),
    hello: (gateway, hello, receivedAt) => inTransaction(db, (trx) => noteHello(trx, rules, gateway, hello, receivedAt)),
    seen: (gateway, receivedAt) => inTransaction(db, (trx) => noteSeen(trx, rules, gateway, receivedAt)),
    commit: (gateway, batches, receivedAt) => inTransaction(db, (trx) => commit(trx, rules, gateway, batches, receivedAt)),
  };
}

async function readCursor(db: Kysely<Tables>, gateway: string, epoch: string): Promise<Cursor> {
  const { rows } = await sql<Cursor>`select epoch, alarm, telemetry from ingest_cursor
    where gateway = ${gateway} and epoch = ${epoch}`.execute(db);
  return rows[0] ?? { epoch, alarm: 0, telemetry: 0 };
}

/** Last seen only ever moves forward: of two racing messages the later one counts, whichever is written first (rule 6). */
async function noteSeen(trx: Kysely<Tables>, rules: Rules, gateway: string, at: number): Promise<void> {
  const { rows } = await sql<{ state: string }>`select state from gateway where id = ${gateway}`.execute(trx);
  if (rows[0]?.state === 'online') {
    const moved =
      await sql`update gateway set last_seen = greatest(last_seen, ${at}) where id = ${gateway} and state = 'online'`.execute(
        trx,
      );
    if (Number(moved.numAffectedRows) > 0) return;
  }
  await gatewayReturned(trx, rules, gateway, at);
}

async function noteHello(trx: Kysely<Tables>, rules: Rules, gateway: string, hello: Hello, at: number): Promise<void> {
  await noteSeen(trx, rules, gateway, at);
  await sql`update gateway set epoch = ${hello.epoch}, skew_ms = ${hello.at - at}, version = ${hello.version}
    where id = ${gateway} and last_seen = ${at}`.execute(trx);
  await sql`insert into ingest_cursor (gateway, epoch, last_alarm, last_telemetry)
    values (${gateway}, ${hello.epoch}, ${hello.last.alarm}, ${hello.last.telemetry})
    on conflict (gateway, epoch) do update set last_alarm = greatest(ingest_cursor.last_alarm, excluded.last_alarm),
      last_telemetry = greatest(ingest_cursor.last_telemetry, excluded.last_telemetry)`.execute(trx);
}

interface LockedCursor extends Cursor {
  readonly log: number;
}

async function commit(
  trx: Kysely<Tables>,
  rules: Rules,
  id: string,
  batches: readonly ReceivedBatch[],
  receivedAt: number,
): Promise<Cursor> {
  const gateway = await knownGateway(trx, id);
  const cursors = await lockCursors(trx, id, batches);
  const accepted: Accepted[] = [];
  for (const { header, entries } of batches) {
    const cursor = cursors.get(header.epoch);
    if (!cursor) throw new Error(`no cursor for epoch ${header.epoch}`);
    const { log, ...plain } = cursor;
    const decision = rules.decide(plain, header, entries);
    if (!('apply' in decision)) continue;
    cursors.set(header.epoch, { ...decision.next, log });
    for (const entry of decision.apply) accepted.push({ log, epoch: header.epoch, lane: header.lane, entry });
  }
  if (accepted.length > 0) await apply(trx, rules, gateway, accepted, receivedAt, cursors);
  const last = cursors.get(batches.at(-1)?.header.epoch ?? '');
  if (!last) throw new Error('a commit of no batches has no cursor to return');
  return { epoch: last.epoch, alarm: last.alarm, telemetry: last.telemetry };
}

/** @throws where the gateway was never registered or is revoked: whoever let its batch in made a mistake. */
async function knownGateway(trx: Kysely<Tables>, id: string): Promise<IngestGateway> {
  const { rows } = await sql<
    IngestGateway & { state: string }
  >`select g.id, g.area, g.name, g.state, coalesce(area.name, '') as "areaName"
    from gateway g left join area on area.path = g.area where g.id = ${id}`.execute(trx);
  const gateway = rows[0];
  if (!gateway || gateway.state === 'revoked') throw new Error(`gateway ${id} is ${gateway ? 'revoked' : 'not registered'}`);
  return gateway;
}

async function lockCursors(
  trx: Kysely<Tables>,
  gateway: string,
  batches: readonly ReceivedBatch[],
): Promise<Map<string, LockedCursor>> {
  const epochs = [...new Set(batches.map((batch) => batch.header.epoch))].sort();
  await sql`insert into ingest_cursor (gateway, epoch) select ${gateway}, unnest(${epochs}::text[]) on conflict do nothing`.execute(
    trx,
  );
  const { rows } = await sql<LockedCursor>`select epoch, alarm, telemetry, log from ingest_cursor
    where gateway = ${gateway} and epoch = any(${epochs}) order by epoch for update`.execute(trx);
  return new Map(rows.map((row) => [row.epoch, row]));
}

async function apply(
  trx: Kysely<Tables>,
  rules: Rules,
  gateway: IngestGateway,
  accepted: readonly Accepted[],
  receivedAt: number,
  cursors: ReadonlyMap<string, LockedCursor>,
): Promise<void> {
  const inTime = await placeInTime(trx, gateway.id, accepted, receivedAt);
  const sorted = sortAccepted(inTime.accepted);
  const { alarms, acts, clocks } = sorted;
  if (alarms.length + acts.length + clocks.length + sorted.sites.length > 0) await lockResponse(trx);
  // The last whole inventory, and what was told beside it since.
  const whole = sorted.sites.findLastIndex(({ record }) => !record.partial);
  for (const { record } of sorted.sites.slice(Math.max(0, whole))) await keepInventory(trx, rules, gateway, record, receivedAt);
  for (const { record } of sorted.changes) await keepSiteChange(trx, gateway.id, record);
  const devices = await knowDevices(trx, rules, gateway, [...sorted.readings, ...alarms, ...acts]);
  await keepReadings(trx, devices, sorted.readings);
  await keepEvents(trx, devices, alarms, receivedAt);
  await keepActs(trx, devices, acts, receivedAt);
  await keepClock(trx, gateway.id, inTime.untimed, clocks, receivedAt);
  await keepGaps(trx, gateway.id, sorted.gaps, receivedAt);
  await moveCursors(trx, gateway.id, cursors, sorted.counts);
  const changed = await keepAvailability(trx, devices, alarms);
  await respond(trx, rules, gateway, { devices, alarms, acts, changed, inventory: sorted.sites.length > 0, receivedAt });
  // Behind the alarms they are of: a picture is never in front of what it shows.
  await keepSnapshots(trx, rules, gateway.id, sorted.snapshots, receivedAt);
  await settleTime(trx, rules, gateway.id, clocks, receivedAt);
}

async function moveCursors(
  trx: Kysely<Tables>,
  gateway: string,
  cursors: ReadonlyMap<string, LockedCursor>,
  counts: ReadonlyMap<string, Record<string, number>>,
): Promise<void> {
  const none = { delivered_alarm: 0, delivered_telemetry: 0, gaps_alarm: 0, gaps_telemetry: 0 };
  const rows = [...cursors.values()].map(({ epoch, alarm, telemetry }) => ({
    epoch,
    alarm,
    telemetry,
    ...none,
    ...counts.get(epoch),
  }));
  await sql`update ingest_cursor c set alarm = r.alarm, telemetry = r.telemetry,
      last_alarm = greatest(c.last_alarm, r.alarm), last_telemetry = greatest(c.last_telemetry, r.telemetry),
      delivered_alarm = c.delivered_alarm + r.delivered_alarm, delivered_telemetry = c.delivered_telemetry + r.delivered_telemetry,
      gaps_alarm = c.gaps_alarm + r.gaps_alarm, gaps_telemetry = c.gaps_telemetry + r.gaps_telemetry
    from jsonb_to_recordset(${json(rows)}) as r(epoch text, alarm bigint, telemetry bigint, delivered_alarm bigint, delivered_telemetry bigint,
      gaps_alarm bigint, gaps_telemetry bigint)
    where c.gateway = ${gateway} and c.epoch = r.epoch`.execute(trx);
}
