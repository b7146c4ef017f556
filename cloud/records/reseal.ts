import { type Kysely, sql } from 'kysely';
import type { Sealer } from '../registry/sealing.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

/** Where sealed values lie: whose each is (the column of the owner's id) and under which name it was sealed. */
const sealed: readonly { readonly table: string; readonly owner: string; readonly column: string; readonly field: string }[] = [
  { table: 'person', owner: 'id', column: 'name', field: 'name' },
  { table: 'person', owner: 'id', column: 'id_number', field: 'idNumber' },
  { table: 'person', owner: 'id', column: 'phone', field: 'phone' },
  { table: 'person', owner: 'id', column: 'birth', field: 'birth' },
  { table: 'person', owner: 'id', column: 'contact', field: 'contact' },
  { table: 'person', owner: 'id', column: 'needs', field: 'needs' },
  { table: 'organisation', owner: 'id', column: 'contact', field: 'contact' },
  { table: 'second_factor', owner: 'user_id', column: 'secret', field: 'factor' },
  { table: 'second_factor', owner: 'user_id', column: 'pending', field: 'factor' },
  { table: 'webhook', owner: 'id', column: 'secret', field: 'webhook' },
  { table: 'reveal', owner: 'id', column: 'note', field: 'note' },
];

/** Fields of a person whose earlier values lie, sealed, in the history of changes. */
const kept = ['name', 'idNumber', 'phone', 'birth', 'contact', 'needs'] as const;
const rowsAtOnce = 1_000;

/** Seals everything anew that an older key sealed; a value changed meanwhile by somebody else is left to them. Returns how many. */
export async function resealAll(db: Kysely<Tables>, sealer: Sealer): Promise<number> {
  let count = 0;
  for (const place of sealed) count += await resealColumn(db, sealer, place);
  return count + (await resealRows(db, sealer)) + (await resealHistory(db, sealer));
}

const keyOf = (column: string) => sql`substring(${sql.ref(column)} from 2 for 4)`;
const current = (sealer: Sealer) => Buffer.from(sealer.current, 'hex');

async function resealColumn(
  db: Kysely<Tables>,
  sealer: Sealer,
  { table, owner, column, field }: (typeof sealed)[number],
): Promise<number> {
  for (let count = 0; ;) {
    const { rows } = await sql<{
      id: string;
      value: Buffer;
    }>`select ${sql.ref(owner)} as id, ${sql.ref(column)} as value from ${sql.table(table)}
      where ${sql.ref(column)} is not null and ${keyOf(column)} <> ${current(sealer)} limit ${rowsAtOnce}`.execute(db);
    if (rows.length === 0) return count;
    const next = rows.map(({ id, value }) => ({
      id,
      was: value.toString('base64'),
      value: sealer.seal(id, field, sealer.open(id, field, value)).toString('base64'),
    }));
    await sql`update ${sql.table(table)} t set ${sql.ref(column)} = decode(r.value, 'base64')
      from jsonb_to_recordset(${json(next)}) as r(id text, was text, value text)
      where t.${sql.ref(owner)} = r.id and t.${sql.ref(column)} = decode(r.was, 'base64')`.execute(db);
    count += rows.length;
  }
}

/** Rows of tables that wait to be taken in: each is sealed under its number. */
async function resealRows(db: Kysely<Tables>, sealer: Sealer): Promise<number> {
  for (let count = 0; ;) {
    const { rows } = await sql<{ import: string; number: number; cells: Buffer }>`select import, number, cells from import_row
      where cells is not null and ${keyOf('cells')} <> ${current(sealer)} limit ${rowsAtOnce}`.execute(db);
    if (rows.length === 0) return count;
    const next = rows.map((row) => {
      const plain = sealer.open(row.import, String(row.number), row.cells);
      return {
        import: row.import,
        number: row.number,
        cells: sealer.seal(row.import, String(row.number), plain).toString('base64'),
      };
    });
    await sql`update import_row t set cells = decode(r.cells, 'base64') from jsonb_to_recordset(${json(next)}) as r(import text, number integer, cells text)
      where t.import = r.import and t.number = r.number and t.cells is not null`.execute(db);
    count += rows.length;
  }
}

type Before = Record<string, unknown>;

async function resealHistory(db: Kysely<Tables>, sealer: Sealer): Promise<number> {
  let count = 0;
  for (let after = 0; ;) {
    const { rows } = await sql<{ id: number; person: string; before: Before }>`select id, person, before from person_change
      where id > ${after} and before <> '{}' order by id limit ${rowsAtOnce}`.execute(db);
    if (rows.length === 0) return count;
    const next = rows.flatMap(({ id, person, before }) => {
      const changed = resealed(sealer, person, before);
      return changed === null ? [] : [{ id, before: changed }];
    });
    await sql`update person_change c set before = r.before from jsonb_to_recordset(${json(next)}) as r(id bigint, before jsonb) where c.id = r.id`.execute(
      db,
    );
    count += next.length;
    after = rows.at(-1)?.id ?? after;
  }
}

/** Null where nothing in it is old. */
function resealed(sealer: Sealer, person: string, before: Before): Before | null {
  const old = kept.flatMap((field) => {
    const value = before[field];
    if (typeof value !== 'object' || value === null || !('base64' in value)) return [];
    const bytes = Buffer.from(String(value.base64), 'base64');
    return sealer.isOld(bytes) ? [[field, bytes] as const] : [];
  });
  if (old.length === 0) return null;
  const anew = old.map(([field, bytes]) => [
    field,
    { base64: sealer.seal(person, field, sealer.open(person, field, bytes)).toString('base64') },
  ]);
  return { ...before, ...(Object.fromEntries(anew) as Before) };
}
