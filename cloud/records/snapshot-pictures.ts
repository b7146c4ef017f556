import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { BlobHeader } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { PictureIngest } from '../accept/ingest.ts';
import type { Database } from './database.ts';
import { inTransaction } from './retry.ts';
import type { Rules } from './rules.ts';
import type { Scope, SnapshotPicture } from './records.ts';
import { within } from './scope.ts';
import { tellOf } from './snapshots.ts';
import type { Tables } from './tables.ts';

type Answer = Awaited<ReturnType<PictureIngest['part']>>;

/** Pictures of one gateway are kept up to so many bytes; its oldest go first. */
const gatewayBytes = 1024 * 1024 * 1024;

/** `PictureIngest` in PostgreSQL: each part, and in the end the picture, in a transaction of its own. */
export function createPictures(database: Database, rules: Rules): PictureIngest {
  return {
    part: (gateway, header, part, receivedAt) =>
      inTransaction(database.db, (trx) => takePart(trx, rules, { gateway, header, part, receivedAt })),
  };
}

interface Given {
  readonly gateway: string;
  readonly header: BlobHeader;
  readonly part: Buffer;
  readonly receivedAt: number;
}

interface Spoken {
  readonly id: string;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly done: boolean;
}

async function takePart(trx: Kysely<Tables>, rules: Rules, given: Given): Promise<Answer> {
  const { gateway, header } = given;
  const { rows } = await sql<Spoken>`select id, bytes, sha256, (here_at is not null or missing is not null) as done
    from snapshot where gateway = ${gateway} and blob = ${header.id} for update`.execute(trx);
  const [spoken] = rows;
  if (!spoken) return { have: 0, state: 'unknown' };
  if (spoken.done) return { have: header.bytes, state: 'kept' };
  if (spoken.bytes !== header.bytes || spoken.sha256 !== header.sha256) return { have: 0, state: 'refused' };
  const before = await lengthOf(trx, gateway, header.id);
  if (header.offset !== before) return { have: before, state: 'more' };
  await writePart(trx, given);
  const have = before + given.part.length;
  return have < header.bytes ? { have, state: 'more' } : finish(trx, rules, given, spoken.id);
}

async function lengthOf(trx: Kysely<Tables>, gateway: string, blob: string): Promise<number> {
  const { rows } = await sql<{ have: number }>`select coalesce(sum(length(part)), 0)::int as have from snapshot_part
    where gateway = ${gateway} and blob = ${blob}`.execute(trx);
  return rows[0]?.have ?? 0;
}

/** A gateway sends one picture at a time: where it begins another, the one before was given up. */
async function writePart(trx: Kysely<Tables>, { gateway, header, part }: Given): Promise<void> {
  if (header.offset === 0) await sql`delete from snapshot_part where gateway = ${gateway}`.execute(trx);
  await sql`insert into snapshot_part (gateway, blob, at_byte, part) values (${gateway}, ${header.id}, ${header.offset}, ${part})`.execute(
    trx,
  );
}

async function finish(trx: Kysely<Tables>, rules: Rules, { gateway, header, receivedAt }: Given, id: string): Promise<Answer> {
  const { rows } = await sql<{
    picture: Buffer;
  }>`select string_agg(part, ''::bytea order by at_byte) as picture from snapshot_part
    where gateway = ${gateway} and blob = ${header.id}`.execute(trx);
  const picture = rows[0]?.picture ?? Buffer.alloc(0);
  await sql`delete from snapshot_part where gateway = ${gateway}`.execute(trx);
  if (createHash('sha256').update(picture).digest('hex') !== header.sha256) return { have: 0, state: 'more' };
  if (!isJpeg(picture)) {
    await sql`update snapshot set missing = 'not-a-picture' where id = ${id}`.execute(trx);
    return { have: 0, state: 'refused' };
  }
  await sql`insert into snapshot_picture (snapshot, picture) values (${id}, ${picture})`.execute(trx);
  await sql`update snapshot set here_at = ${receivedAt} where id = ${id}`.execute(trx);
  await makeRoom(trx, gateway);
  await tellOf(trx, rules, sql`l.snapshot = ${id}`, receivedAt);
  return { have: header.bytes, state: 'kept' };
}

/** Begins and ends as one (ITU-T T.81 §B.2.1); it is served as an image and as nothing else. */
function isJpeg(bytes: Buffer): boolean {
  return bytes.length > 4 && bytes.readUIntBE(0, 3) === 0xff_d8_ff && bytes.readUInt16BE(bytes.length - 2) === 0xff_d9;
}

async function makeRoom(trx: Kysely<Tables>, gateway: string): Promise<void> {
  await sql`delete from snapshot where id in (
    select id from (
      select id, sum(bytes) over (order by at desc, id) as total from snapshot where gateway = ${gateway} and here_at is not null
    ) counted where total > ${gatewayBytes})`.execute(trx);
}

/** Null where there is none, where it is not here yet, and where the scope sees none of its alarms. */
export async function readPicture(db: Kysely<Tables>, scope: Scope, id: string): Promise<SnapshotPicture | null> {
  const { rows } = await sql<SnapshotPicture>`select s.id, p.picture as bytes, s.at_home as "atHome", seen.areas,
      coalesce(seen.open, false) as open
    from snapshot s join snapshot_picture p on p.snapshot = s.id
    cross join lateral (
      select array_agg(distinct a.area) as areas, bool_or(coalesce(i.open, a.open)) as open
      from snapshot_alarm l join alarm a on a.id = l.alarm left join incident i on i.id = a.incident
      where l.snapshot = s.id and ${within('a.area', scope)}
    ) seen
    where s.id = ${id} and seen.areas is not null`.execute(db);
  return rows[0] ?? null;
}

/** Forgets pictures, and that they were, that came before `before`; at most `most` a call. */
export async function dropOldSnapshots(db: Kysely<Tables>, before: number, most: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from snapshot where id in
    (select id from snapshot where received_at < ${before} order by received_at limit ${most})`.execute(db);
  return Number(numAffectedRows ?? 0);
}
