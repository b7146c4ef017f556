import { type Kysely, sql } from 'kysely';
import type { NoticeData, Within } from '../registry/areas-records.ts';
import { heldAt } from './area-posts.ts';
import { inside, isOrBelow } from './inside.ts';
import type { Tables } from './tables.ts';

type Head = Omit<NoticeData, 'posts'>;
type Posts = NoticeData['posts'];

/**
 * What the public notice of a grid says: its own posts and those of its houses, and of the posts of the community above
 * it those that answer for the grid as well. Null where the area is no grid, or not in sight.
 */
export async function noticeData(db: Kysely<Tables>, scope: Within, path: string, at: number): Promise<NoticeData | null> {
  const { rows } =
    await sql<Head>`select g.path as area, g.name, coalesce(c.name, '') as community, coalesce(s.name, '') as street,
      (select coalesce(json_agg(b.name order by b.position, length(b.path), b.path), '[]') from area b
        where b.kind = 'building' and ${isOrBelow('b.path', path)}) as buildings,
      (select count(*)::int from area r where r.kind = 'room' and ${isOrBelow('r.path', path)}) as rooms
    from area g left join area c on c.kind = 'community' and starts_with(g.path, c.path || '/')
      left join area s on s.kind = 'street' and starts_with(g.path, s.path || '/')
    where g.path = ${path} and g.kind = 'grid' and ${inside('g.path', scope)}`.execute(db);
  const [head] = rows;
  return head ? { ...head, posts: await postsOf(db, path, at) } : null;
}

async function postsOf(db: Kysely<Tables>, grid: string, at: number): Promise<Posts> {
  const { rows } = await sql<Posts[number]>`select p.area, p.post, p.name, p.phone, p.photo,
      coalesce((select string_agg(u.name, '' order by u.path) from area u
        where u.path ~>=~ ${`${grid}/`} and u.path ~<~ ${`${grid}0`} and (u.path = p.area or starts_with(p.area, u.path || '/'))), '') as places
    from area_post p left join area a on a.path = p.area
    where ${heldAt(at)} and (${isOrBelow('p.area', grid)} or (a.kind = 'community' and starts_with(${grid}, a.path || '/')))
    order by length(p.area), p.area, p.from_at, p.id`.execute(db);
  return rows;
}
