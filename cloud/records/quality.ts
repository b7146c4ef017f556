import { type Kysely, sql } from 'kysely';
import type { Quality } from '@yihu/device-profiles/vocabulary/registry-house.ts';
import type { Within } from '../registry/areas-records.ts';
import { inside, isOrBelow } from './inside.ts';
import type { Tables } from './tables.ts';

interface Counted {
  readonly area: string;
  readonly name: string;
  readonly rooms: number;
  readonly known: number;
  readonly people: number;
  readonly phone: number;
  readonly number: number;
  readonly fresh: number;
}

/** 数据质量 of the grids below an area: what is known of their houses and people, counted in one pass over each. */
export async function qualityOf(db: Kysely<Tables>, scope: Within, area: string, freshSince: number): Promise<Quality[]> {
  const { rows } = await sql<Counted>`with grid as (
      select g.path, g.name, g.position from area g where g.kind = 'grid' and ${isOrBelow('g.path', area)} and ${inside('g.path', scope)}
    ), houses as (
      select g.path, count(*)::int as rooms, count(*) filter (where coalesce(r.use, 'unknown') in ('empty', 'shop', 'office')
        or lived.area is not null)::int as known
      from grid g join area a on a.path ~>=~ (g.path || '/') and a.path ~<~ (g.path || '0') and a.kind = 'room' left join room r on r.area = a.path
      left join (select distinct s.area from person_seat s where s.current and ${isOrBelow('s.area', area)}) lived on lived.area = a.path
      group by g.path
    ), people as (
      select g.path, count(*)::int as people, count(p.phone)::int as phone, count(p.id_number)::int as number,
        count(*) filter (where p.updated_at >= ${freshSince} or exists (
          select 1 from collected c where c.subject = p.id and c.at >= ${freshSince}))::int as fresh
      from grid g join person_seat s on s.area ~>=~ (g.path || '/') and s.area ~<~ (g.path || '0') and s.current join person p on p.id = s.person
      group by g.path
    )
    select g.path as area, g.name, coalesce(h.rooms, 0) as rooms, coalesce(h.known, 0) as known, coalesce(p.people, 0) as people,
      coalesce(p.phone, 0) as phone, coalesce(p.number, 0) as number, coalesce(p.fresh, 0) as fresh
    from grid g left join houses h on h.path = g.path left join people p on p.path = g.path order by g.position, g.path`.execute(
    db,
  );
  return rows.map((row) => scored(row));
}

/** The score is the mean of the four shares, houses first: of an empty grid everything is known. */
function scored({ area, name, rooms, known, people, phone, number, fresh }: Counted): Quality {
  const share = (part: number, whole: number) => (whole === 0 ? 1 : part / whole);
  const shares = {
    housesKnown: share(known, rooms),
    withPhone: share(phone, people),
    withIdNumber: share(number, people),
    fresh: share(fresh, people),
  };
  const score = Object.values(shares).reduce((sum, one) => sum + one, 0) / 4;
  return { area, name, rooms, people, ...shares, score };
}
