import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { AreaPost } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import type { AreaResult, Doer, NewPost, PostChange, Within } from '../registry/areas-records.ts';
import { refuse } from './area-refusal.ts';
import { inside, isOrBelow } from './inside.ts';
import { once } from './once.ts';
import type { Tables } from './tables.ts';

async function selectPosts(db: Kysely<Tables>, condition: RawBuilder<unknown>): Promise<AreaPost[]> {
  const { rows } = await sql<AreaPost>`select p.id, p.area, coalesce(a.name, p.area) as "areaName", p.post, p.name, p.phone,
      p.photo is not null as "hasPhoto", p.user_id as "user", p.from_at as "fromAt", p.until_at as "untilAt", p.version
    from area_post p left join area a on a.path = p.area where ${condition} order by p.area, p.post, p.from_at, p.id`.execute(db);
  return rows;
}

/** SQL: a post that is held at `at`. */
export function heldAt(at: number): RawBuilder<boolean> {
  return sql<boolean>`(p.from_at <= ${at} and (p.until_at is null or p.until_at > ${at}))`;
}

/** The posts of an area and of everything below it; those held at `at`, or all there ever were. */
export function listPosts(db: Kysely<Tables>, scope: Within, path: string, at: number | null): Promise<AreaPost[]> {
  return selectPosts(
    db,
    sql`${isOrBelow('p.area', path)} and ${inside('p.area', scope)} and ${at === null ? sql`true` : heldAt(at)}`,
  );
}

/** Those on the area and on every area that holds it, held at `at`, the closest first. */
export async function postsOver(db: Kysely<Tables>, scope: Within, area: string, at: number): Promise<AreaPost[]> {
  const found = await selectPosts(
    db,
    sql`(p.area = ${area} or starts_with(${area}, p.area || '/')) and ${inside('p.area', scope)} and ${heldAt(at)}`,
  );
  return found.toSorted((a, b) => b.area.length - a.area.length);
}

async function readPost(db: Kysely<Tables>, scope: Within, id: string): Promise<AreaPost | null> {
  return (await selectPosts(db, sql`p.id = ${id} and ${inside('p.area', scope)}`))[0] ?? null;
}

interface Adding {
  readonly doer: Doer;
  readonly post: NewPost;
  readonly key: string;
  readonly at: number;
}

export async function addPost(
  trx: Kysely<Tables>,
  scope: Within,
  { doer, post, key, at }: Adding,
): Promise<AreaResult<AreaPost>> {
  const { rows } = await sql`select 1 from area where path = ${post.area} and ${inside('area.path', scope)}`.execute(trx);
  if (rows.length === 0) return refuse('not-found', post.area);
  const done = await once(trx, { actor: doer.id, key, about: 'post', at }, async () => {
    await sql`insert into area_post (id, area, post, name, phone, photo, user_id, from_at, until_at)
      values (${post.id}, ${post.area}, ${post.post}, ${post.name}, ${post.phone}, ${post.photo}, ${post.user}, ${post.fromAt}, ${post.untilAt})`.execute(
      trx,
    );
    return post.id;
  });
  if (typeof done === 'string') return refuse('key-reused', post.area);
  const made = await readPost(trx, scope, done.subject);
  return made ? { ok: true, value: made } : refuse('not-found', post.area);
}

export async function changePost(
  trx: Kysely<Tables>,
  scope: Within,
  id: string,
  version: number,
  { name, phone, photo, user, fromAt, untilAt }: PostChange,
): Promise<AreaResult<AreaPost>> {
  const before = await readPost(trx, scope, id);
  if (before === null) return refuse('not-found', id);
  const { rows } = await sql`update area_post set version = version + 1, name = coalesce(${name ?? null}, name),
      phone = ${given(phone, 'phone')}, photo = ${given(photo, 'photo')}, user_id = ${given(user, 'user_id')},
      from_at = coalesce(${fromAt ?? null}::bigint, from_at), until_at = ${given(untilAt, 'until_at')}
    where id = ${id} and version = ${version} returning id`.execute(trx);
  if (rows.length === 0) return refuse('version', id);
  const changed = await readPost(trx, scope, id);
  return changed ? { ok: true, value: changed } : refuse('not-found', id);
}

/** SQL: the value, where one was given (null clears it); what is there otherwise. */
function given(value: string | number | Buffer | null | undefined, column: string): RawBuilder<unknown> {
  return value === undefined ? sql.ref(column) : sql`${value}`;
}
