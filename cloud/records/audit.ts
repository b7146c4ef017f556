import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Scope } from './records.ts';
import { within } from './scope.ts';
import type { Tables } from './tables.ts';

/** What is written down of a request. `at` is ms since 1970 UTC; `detail` is small and never holds a secret. */
export interface AuditEntry {
  readonly at: number;
  readonly actor: string | null;
  readonly account: string | null;
  readonly role: string | null;
  readonly area: string | null;
  readonly action: string;
  readonly object: string;
  readonly result: string;
  readonly ip: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** A row of the chain. */
export interface AuditLine extends AuditEntry {
  readonly seq: number;
  readonly hash: string;
}

/** Where the chain stands; kept elsewhere it proves later that nothing was cut off the end. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

export type AuditVerdict =
  | { readonly ok: true; readonly rows: number; readonly head: AuditHead }
  | { readonly ok: false; readonly seq: number; readonly fault: 'missing' | 'changed' | 'cut' };

export interface AuditRecords {
  append(entry: AuditEntry): Promise<AuditHead>;
  /** Newest first, before `before` where given. */
  list(filter: {
    readonly actor?: string | undefined;
    readonly before?: number | undefined;
    /** Only lines whose actor reached nothing outside of these areas; every line where not given. */
    readonly within?: Scope | undefined;
    readonly limit: number;
  }): Promise<AuditLine[]>;
  /** Reads the chain from the first row; `witness` is a head somebody kept. */
  verify(witness?: AuditHead): Promise<AuditVerdict>;
}

interface AuditRow {
  seq: number;
  at: number;
  actor: string | null;
  account: string | null;
  role: string | null;
  area: string | null;
  action: string;
  object: string;
  result: string;
  ip: string;
  detail: string;
  prev_hash: string;
  hash: string;
}

/** Writers take turns: the chain has one end. Any fixed number will do. */
const auditLock = 7_204_011;
const pageRows = 5_000;
const start: AuditHead = { seq: 0, hash: '0'.repeat(64) };

export function auditRecords(db: Kysely<Tables>): AuditRecords {
  return {
    append: (entry) => append(db, entry),
    list: async ({ actor, before, within: scope, limit }) => {
      const { rows } = await sql<AuditRow>`
        select * from audit
        where (${actor ?? null}::text is null or actor = ${actor ?? null}) and seq < ${before ?? Number.MAX_SAFE_INTEGER}
          and ${scope === undefined ? sql`true` : reachedOnly(scope)}
        order by seq desc limit ${limit}`.execute(db);
      return rows.map(toLine);
    },
    verify: (witness) => verifyAudit(db, witness),
  };
}

/** SQL: a line carries the areas its actor reached, with commas between; who answers for a part of the tree sees the lines of that part. */
function reachedOnly(scope: Scope) {
  if (scope.areas.includes('')) return sql`true`;
  return sql`not exists (select 1 from regexp_split_to_table(coalesce(audit.area, ''), ',') as reached(path)
    where not ${within('reached.path', scope)})`;
}

function append(db: Kysely<Tables>, entry: AuditEntry): Promise<AuditHead> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${auditLock})`.execute(trx);
    const { rows } = await sql<AuditHead>`select seq, hash from audit order by seq desc limit 1`.execute(trx);
    const previous = rows[0] ?? start;
    const row = { ...entry, seq: previous.seq + 1, detail: JSON.stringify(entry.detail), prev_hash: previous.hash };
    const hash = hashOf(row);
    await sql`
      insert into audit (seq, at, actor, account, role, area, action, object, result, ip, detail, prev_hash, hash)
      values (${row.seq}, ${row.at}, ${row.actor}, ${row.account}, ${row.role}, ${row.area}, ${row.action}, ${row.object},
        ${row.result}, ${row.ip}, ${row.detail}, ${row.prev_hash}, ${hash})`.execute(trx);
    return { seq: row.seq, hash };
  });
}

/** SHA-256 over the row and the hash before it, each field as JSON so that no two rows read the same. */
function hashOf(row: Omit<AuditRow, 'hash'>): string {
  const fields = [
    row.prev_hash, row.seq, row.at, row.actor, row.account, row.role, row.area,
    row.action, row.object, row.result, row.ip, row.detail,
  ]; // prettier-ignore
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/**
 * Walks the chain from its first row and names the first row that is missing or not as it was written. A head kept
 * elsewhere (`witness`) also shows what was cut off the end.
 */
export async function verifyAudit(db: Kysely<Tables>, witness?: AuditHead): Promise<AuditVerdict> {
  let head = start;
  for (;;) {
    const { rows } = await sql<AuditRow>`select * from audit where seq > ${head.seq} order by seq limit ${pageRows}`.execute(db);
    for (const row of rows) {
      if (row.seq !== head.seq + 1) return { ok: false, seq: head.seq + 1, fault: 'missing' };
      if (row.prev_hash !== head.hash || hashOf(row) !== row.hash) return { ok: false, seq: row.seq, fault: 'changed' };
      if (witness?.seq === row.seq && witness.hash !== row.hash) return { ok: false, seq: row.seq, fault: 'changed' };
      head = { seq: row.seq, hash: row.hash };
    }
    if (rows.length < pageRows) break;
  }
  if (witness && witness.seq > head.seq) return { ok: false, seq: head.seq + 1, fault: 'cut' };
  return { ok: true, rows: head.seq, head };
}

function toLine({ seq, at, actor, account, role, area, action, object, result, ip, detail, hash }: AuditRow): AuditLine {
  const said = JSON.parse(detail) as AuditEntry['detail'];
  return { seq, at, actor, account, role, area, action, object, result, ip, detail: said, hash };
}
