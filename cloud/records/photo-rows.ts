import { createHash } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Photo } from '@yihu/device-profiles/vocabulary/photo.ts';
import { derivedId } from './derived-id.ts';
import type { Tables } from './tables.ts';

/** A picture as it may be kept: a JPEG without anything beside it. */
export interface TakenPhoto {
  readonly picture: Buffer;
  /** By the phone's own clock, ms since 1970 UTC. */
  readonly takenAt: number | null;
  /** The same key twice is one photo. */
  readonly key: string;
}

export interface KeptPhoto extends TakenPhoto {
  readonly about: { readonly kind: 'task' | 'report'; readonly id: string };
  readonly area: string;
  readonly by: { readonly kind: 'user' | 'home'; readonly id: string; readonly name: string };
}

/** SQL: the photos that `condition` (on `p`) holds for, as JSON, oldest first; null where there are none. */
export function photosJson(condition: RawBuilder<unknown>): RawBuilder<Photo[] | null> {
  return sql<Photo[] | null>`(select jsonb_agg(jsonb_build_object('id', p.id, 'at', p.at, 'takenAt', p.taken_at,
    'byName', p.by_name, 'bytes', p.bytes) order by p.at, p.id) from photo p where ${condition})`;
}

/** SQL: photo `p` belongs to task `t`, or to the report it came of. */
export const ofTask = sql`(p.about_kind = 'task' and p.about = t.id)
  or (p.about_kind = 'report' and t.source ->> 'kind' = 'report' and p.about = t.source ->> 'id')`;

/** Returns false where it was here already. */
export async function keepPhoto(trx: Kysely<Tables>, photo: KeptPhoto, at: number): Promise<boolean> {
  const { picture, about, area, by, takenAt, key } = photo;
  const id = photoId(by, key);
  const sha256 = createHash('sha256').update(picture).digest('hex');
  const { numAffectedRows } =
    await sql`insert into photo (id, about_kind, about, area, by_kind, by_id, by_name, taken_at, at, bytes, sha256, picture)
    values (${id}, ${about.kind}, ${about.id}, ${area}, ${by.kind}, ${by.id}, ${by.name}, ${takenAt}, ${at}, ${picture.length},
      ${sha256}, ${picture})
    on conflict (id) do nothing`.execute(trx);
  return Number(numAffectedRows ?? 0) > 0;
}

export function photoId(by: { readonly kind: string; readonly id: string }, key: string): string {
  return derivedId('pho', by.kind, by.id, key);
}
