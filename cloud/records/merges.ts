import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { DoubleReason } from '@yihu/device-profiles/vocabulary/registry-double.ts';
import type { Within } from '../registry/areas-records.ts';
import type { FoundPair, MergeRecords, MergeWork, StoredMerge } from '../registry/merge-records.ts';
import type { StoredReveal } from '../registry/people-records.ts';
import { inside, isOrBelow } from './inside.ts';
import { seenIn } from './people-find.ts';
import { erasePerson } from './people-remove.ts';
import { selectPeople } from './people-rows.ts';
import { peopleWork, withMerged } from './people.ts';
import { inTransaction } from './retry.ts';
import type { Tables } from './tables.ts';

export function mergeRecords(db: Kysely<Tables>): MergeRecords {
  return {
    pairs: (scope, area, limit) => findPairs(db, scope, area, limit),
    dismiss: async (one, other, by, at) => {
      const [a = '', b = ''] = [one, other].sort();
      await sql`insert into not_double (a, b, by, at) values (${a}, ${b}, ${by}, ${at}) on conflict do nothing`.execute(db);
    },
    atOnce: (run) => inTransaction(db, (trx) => run(mergeWork(trx))),
  };
}

function mergeWork(trx: Kysely<Tables>): MergeWork {
  return {
    ...peopleWork(trx),
    holdBoth: async (scope, a, b) => {
      await sql`select 1 from person where id = any(${[a, b]}) order by id for update`.execute(trx);
      const people = await selectPeople(trx, sql`p.id = any(${[a, b]}) and p.merged_into is null and ${seenIn(scope)}`);
      return [people.find(({ id }) => id === a) ?? null, people.find(({ id }) => id === b) ?? null];
    },
    join: async (kept, gone, at) => {
      const { rows } = await sql<{ id: string }>`update occupancy o set person = ${kept} where o.person = ${gone} and not exists (
          select 1 from occupancy k where k.person = ${kept} and k.area = o.area and k.role = o.role and k.until_at is not distinct from o.until_at)
        returning o.id`.execute(trx);
      await sql`update person set merged_into = ${kept}, version = version + 1, updated_at = ${at} where id = ${gone}`.execute(
        trx,
      );
      // What was merged into the one that goes now goes with it.
      await sql`update person set merged_into = ${kept} where merged_into = ${gone}`.execute(trx);
      return rows.map(({ id }) => id);
    },
    noteMerge: async ({ id, kept, gone, moved }, by, at) => {
      await sql`insert into person_merge (id, kept, gone, moved, change, by, at)
        values (${id}, ${kept}, ${gone}, ${[...moved]}, (select coalesce(max(id), 0) from person_change), ${by}, ${at})`.execute(
        trx,
      );
    },
    merge: async (id) => {
      const { rows } =
        await sql<StoredMerge>`select id, kept, gone, moved, undone_at as "undoneAt" from person_merge where id = ${id}`.execute(
          trx,
        );
      return rows[0] ?? null;
    },
    part: async ({ id, kept, gone, moved }, at) => {
      await sql`update occupancy set person = ${gone} where id = any(${[...moved]}) and person = ${kept}`.execute(trx);
      await sql`update person set merged_into = null, version = version + 1, updated_at = ${at} where id = ${gone}`.execute(trx);
      await sql`update person_merge set undone_at = ${at} where id = ${id}`.execute(trx);
      // Those that had been merged into it before follow it back.
      await sql`update person p set merged_into = ${gone} from person_merge m
        where m.kept = ${gone} and m.gone = p.id and m.undone_at is null and p.merged_into = ${kept}`.execute(trx);
    },
    mergeChange: async (merge, kept) => {
      const { rows } = await sql<{ id: number; before: Record<string, unknown> }>`select id, before from person_change
        where cause = ${merge} and person = ${kept} and kind = 'merge'`.execute(trx);
      const [change] = rows;
      const since = await sql<{ field: string }>`select distinct unnest(fields) as field from person_change
        where person = ${kept} and id > ${change?.id ?? 0} and kind <> 'unmerge'`.execute(trx);
      return { before: change?.before ?? {}, since: since.rows.map(({ field }) => field) };
    },
    erase: (id) => erasePerson(trx, id),
    revealsOf: async (id) => {
      const { rows } = await sql<Omit<StoredReveal, 'note'>>`select id, person, fields, why, incident, by, at from reveal
        where person in ${withMerged(id)} order by at desc`.execute(trx);
      return rows;
    },
  };
}

/** SQL: pairs of people, the smaller id first, that one kind of likeness brings together; each begins with a walk along an index. */
const likenesses: Readonly<Record<DoubleReason, RawBuilder<unknown>>> = {
  'id-number': sql`select a.id as a, b.id as b from (
      select id_index from person where id_index is not null and merged_into is null group by id_index having count(*) > 1
    ) d join person a on a.id_index = d.id_index and a.merged_into is null join person b on b.id_index = d.id_index and b.merged_into is null and a.id < b.id`,
  phone: sql`select a.id as a, b.id as b from (
      select phone_index from person where phone_index is not null and merged_into is null group by phone_index having count(*) > 1
    ) d join person a on a.phone_index = d.phone_index and a.merged_into is null
      join person b on b.phone_index = d.phone_index and b.merged_into is null and a.id < b.id
    where a.name_index = b.name_index or a.name_tokens && b.name_tokens`,
  house: sql`select a.person as a, b.person as b from (
      select area, name_index from person_seat where current group by area, name_index having count(*) > 1
    ) d join person_seat a on a.area = d.area and a.name_index = d.name_index and a.current
      join person_seat b on b.area = d.area and b.name_index = d.name_index and b.current and a.person < b.person`,
};

async function findPairs(db: Kysely<Tables>, scope: Within, area: string | undefined, limit: number): Promise<FoundPair[]> {
  const each = (Object.keys(likenesses) as DoubleReason[]).map(
    (reason) => sql`select ${reason}::text as reason, l.a, l.b from (${likenesses[reason]}) l`,
  );
  const seen = (
    column: string,
  ) => sql`exists (select 1 from person_seat s where s.person = ${sql.ref(column)} and ${inside('s.area', scope)}
    and ${area === undefined ? sql`true` : isOrBelow('s.area', area)})`;
  const { rows } = await sql<{ a: string; b: string; reasons: DoubleReason[] }>`
    select l.a, l.b, json_agg(l.reason order by l.reason) as reasons from (${sql.join(each, sql` union all `)}) l
    where not exists (select 1 from not_double n where n.a = l.a and n.b = l.b) and ${seen('l.a')} and ${seen('l.b')}
    group by l.a, l.b order by count(*) desc, l.a, l.b limit ${limit}`.execute(db);
  const people = await selectPeople(db, sql`p.id = any(${rows.flatMap(({ a, b }) => [a, b])})`);
  const byId = new Map(people.map((person) => [person.id, person]));
  return rows.flatMap(({ a, b, reasons }) => {
    const [one, other] = [byId.get(a), byId.get(b)];
    return one && other ? [{ a: one, b: other, reasons }] : [];
  });
}
