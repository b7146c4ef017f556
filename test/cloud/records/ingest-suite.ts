import { sql } from 'kysely';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Entry, Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Database } from '../../../cloud/records/database.ts';
import { ingestSuite } from '../accept/ingest.suite.ts';
import type { Server } from './servers.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

/** The contract every `Ingest` must hold, over one kind of server. */
export function databaseIngestSuite(name: string, start: () => Promise<Server>): void {
  describe(name, () => {
    let workshop: Workshop;
    beforeAll(async () => {
      workshop = await openWorkshop(start);
    });
    afterAll(() => workshop.stop());

    ingestSuite(name, async () => {
      const { database, ingest, close } = await workshop.fresh();
      return { ingest, gateway: 'gw-1', stored: (gateway, epoch, lane) => storedEntries(database, gateway, epoch, lane), close };
    });
  });
}

interface Row {
  readonly seq: number;
  readonly through: number;
  readonly record: LogRecord;
}

/** The log as the tables remember it, put back into entries. */
async function storedEntries({ db }: Database, gateway: string, epoch: string, lane: Lane): Promise<Entry[]> {
  const gaps =
    await sql<Row>`select seq, through, jsonb_build_object('kind', 'gap', 'at', 0, 'reason', reason, 'count', count) as record
    from gap where gateway = ${gateway} and epoch = ${epoch} and lane = ${lane}`.execute(db);
  const records = lane === 'telemetry' ? await storedReadings(db, gateway, epoch) : await storedEvents(db, gateway, epoch);
  return [...gaps.rows, ...records].sort((a, b) => a.seq - b.seq);
}

async function storedReadings(db: Database['db'], gateway: string, epoch: string): Promise<Row[]> {
  type Stored = { seq: number; at: number; device: string; profile: string; readings: Record<string, Reading['value']> };
  const { rows } = await sql<Stored>`select t.seq, t.at, d.id as device, d.profile, t.readings from telemetry t
    join device d on d.key = t.device join ingest_cursor c on c.log = t.log
    where c.gateway = ${gateway} and c.epoch = ${epoch}`.execute(db);
  return rows.map(({ seq, at, device, profile, readings }) => {
    const list = Object.entries(readings).map(([point, value]): Reading => ({ point, value, quality: 'good', at }));
    return { seq, through: seq, record: { kind: 'readings', device, profile, at, readings: list } };
  });
}

async function storedEvents(db: Database['db'], gateway: string, epoch: string): Promise<Row[]> {
  type Stored = { seq: number; at: number; device: string; profile: string; type: string; serial: string };
  const { rows } = await sql<Stored>`select e.seq, e.at, d.id as device, d.profile, e.type, e.serial from device_event e
    join device d on d.key = e.device join ingest_cursor c on c.log = e.log
    where c.gateway = ${gateway} and c.epoch = ${epoch}`.execute(db);
  return rows.map(({ seq, at, device, profile, type, serial }) => {
    const event: DeviceEvent = { type, at, serial };
    return { seq, through: seq, record: { kind: 'alarm', device, profile, at, events: [event], transitions: [] } };
  });
}
