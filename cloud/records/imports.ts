import { type Kysely, sql } from 'kysely';
import type { ImportRow, ImportView } from '@yihu/device-profiles/vocabulary/registry-import.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Within } from '../registry/areas-records.ts';
import type { ImportRecords, ImportWork, MatchKeys, NewImport, RowOutcome, SealedRow } from '../registry/import-records.ts';
import type { FoundPerson } from '../registry/people-records.ts';
import { takeBack } from './import-undo.ts';
import { inside, isOrBelow } from './inside.ts';
import { pageOf } from './paging.ts';
import { seenIn } from './people-find.ts';
import { selectPeople } from './people-rows.ts';
import { peopleWork } from './people.ts';
import { inTransaction } from './retry.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

/** One import at a time; any fixed number will do. */
const importLock = 7_204_042;
const shownImports = 100;

export function importRecords(db: Kysely<Tables>): ImportRecords {
  return {
    import: async (scope, id) => (await selectImports(db, scope, sql`i.id = ${id}`))[0] ?? null,
    imports: (scope) => selectImports(db, scope, sql`true`),
    open: (wanted) => open(db, wanted),
    addRows: (id, rows) => addRows(db, id, rows),
    staged: async (id, rows) => {
      await sql`update import set state = 'staged', row_count = ${rows} where id = ${id}`.execute(db);
    },
    drop: async (id) => {
      await sql`delete from import where id = ${id} and state in ('reading', 'staged', 'checked')`.execute(db);
    },
    dropOld: async (before) => {
      const { numAffectedRows } =
        await sql`delete from import where at < ${before} and state in ('reading', 'staged', 'checked')`.execute(db);
      return Number(numAffectedRows ?? 0n);
    },
    sealedRows: async (id, after, limit) => {
      const { rows } =
        await sql<SealedRow>`select number, cells from import_row where import = ${id} and number > ${after} and cells is not null
        order by number limit ${limit}`.execute(db);
      return rows;
    },
    rows: (id, query) => listRows(db, id, query),
    atOnce: (run) => inTransaction(db, (trx) => run(importWork(trx))),
  };
}

function importWork(trx: Kysely<Tables>): ImportWork {
  return {
    ...peopleWork(trx),
    alone: async (id) => {
      await sql`select pg_advisory_xact_lock(${importLock})`.execute(trx);
      const { rows } = await sql<{ state: ImportView['state'] }>`select state from import where id = ${id}`.execute(trx);
      return rows[0]?.state ?? 'undone';
    },
    areasBelow: async (area) => {
      const { rows } = await sql<Area>`select path, parent, kind, name from area where ${isOrBelow('area.path', area)}`.execute(
        trx,
      );
      return rows;
    },
    putAreas: async (areas) => {
      if (areas.length === 0) return;
      await sql`insert into area (path, parent, kind, name) select path, parent, kind, name
        from jsonb_to_recordset(${json(areas)}) as r(path text, parent text, kind text, name text) order by path on conflict do nothing`.execute(
        trx,
      );
    },
    match: (scope, keys) => match(trx, scope, keys),
    addTags: async (rows) => {
      if (rows.length === 0) return;
      await sql`insert into person_tag (person, tag) select person, tag from jsonb_to_recordset(${json(rows)}) as r(person text, tag text)
        on conflict do nothing`.execute(trx);
    },
    finish: async (id, { state, counts, plan, areas, undone, at }) => {
      const isOver = state === 'done' || state === 'undone';
      await sql`update import set state = ${state}, version = version + 1,
          counts = coalesce(${counts === undefined ? null : json(counts)}, counts), plan = coalesce(${plan === undefined ? null : json(plan)}, plan),
          made_areas = coalesce(${areas === undefined ? null : [...areas]}::text[], made_areas),
          undone = coalesce(${undone === undefined ? null : json(undone)}, undone), done_at = ${isOver ? at : null}
        where id = ${id}`.execute(trx);
      // What the table held is in the registry now, or nowhere: the copy has done its work.
      if (isOver) await sql`update import_row set cells = null where import = ${id}`.execute(trx);
    },
    noteRows: (id, rows) => noteRows(trx, id, rows),
    takeBack: (id, at) => takeBack(trx, id, at),
  };
}

async function selectImports(db: Kysely<Tables>, scope: Within, condition: ReturnType<typeof sql>): Promise<ImportView[]> {
  const { rows } =
    await sql<ImportView>`select i.id, i.area, coalesce(a.name, i.area) as "areaName", i.state, i.columns, i.plan, i.row_count as rows,
      i.counts, i.undone, i.by, i.at, i.done_at as "doneAt", i.version,
      (select s.id from import s where s.hash = i.hash and s.id <> i.id and s.state = 'done' and s.area = i.area order by s.done_at desc limit 1) as "sameAs"
    from import i left join area a on a.path = i.area
    where ${condition} and ${inside('i.area', scope)} order by i.at desc, i.id desc limit ${shownImports}`.execute(db);
  return rows;
}

async function open(db: Kysely<Tables>, { id, area, hash, columns, by, at }: NewImport): Promise<void> {
  await sql`insert into import (id, area, state, hash, columns, by, at)
    values (${id}, ${area}, 'reading', ${hash}, ${json(columns)}, ${by}, ${at})`.execute(db);
}

async function addRows(db: Kysely<Tables>, id: string, rows: readonly SealedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const sealed = rows.map(({ number, cells }) => ({ number, cells: cells.toString('base64') }));
  await sql`insert into import_row (import, number, cells) select ${id}, number, decode(cells, 'base64')
    from jsonb_to_recordset(${json(sealed)}) as r(number integer, cells text)`.execute(db);
}

async function listRows(
  db: Kysely<Tables>,
  id: string,
  { outcome, after, limit }: { outcome?: ImportRow['outcome'] | undefined; after: number; limit: number },
) {
  const where = sql`import = ${id} and (${outcome ?? null}::text is null or outcome = ${outcome ?? null})`;
  const { rows } = await sql<ImportRow>`select number, outcome, person, coalesce(issues, '[]') as issues from import_row
    where ${where} and number > ${after} order by number limit ${limit + 1}`.execute(db);
  const counted = await sql<{ n: number }>`select count(*)::int as n from import_row where ${where}`.execute(db);
  return pageOf(rows, limit, counted.rows[0]?.n ?? 0, (row) => String(row.number));
}

/** Everybody in sight whom one of the keys fits; the caller decides which. */
async function match(trx: Kysely<Tables>, scope: Within, { ids, phones, houses }: MatchKeys): Promise<FoundPerson[]> {
  const wanted = houses.map(({ area, nameIndex }) => ({ area, name: nameIndex.toString('base64') }));
  const { rows } = await sql<{ id: string }>`
    select p.id from person p where p.id_index = any(${[...ids]}::bytea[]) and p.merged_into is null
    union select p.id from person p where p.phone_index = any(${[...phones]}::bytea[]) and p.merged_into is null
    union select p.id from jsonb_to_recordset(${json(wanted)}) as w(area text, name text)
      join person_seat s on s.area = w.area and s.current join person p on p.id = s.person and p.name_index = decode(w.name, 'base64')`.execute(
    trx,
  );
  return selectPeople(trx, sql`p.id = any(${rows.map(({ id }) => id)}) and ${seenIn(scope)}`);
}

async function noteRows(trx: Kysely<Tables>, id: string, outcomes: readonly RowOutcome[]): Promise<void> {
  await sql`update import_row r set outcome = o.outcome, person = o.person, issues = o.issues
    from jsonb_to_recordset(${json(outcomes)}) as o(number integer, outcome text, person text, issues jsonb)
    where r.import = ${id} and r.number = o.number`.execute(trx);
}
