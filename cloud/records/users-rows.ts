import { sql } from 'kysely';
import type { User } from '../registry/users-records.ts';

/** A user as the queries below give it. `bigint` columns arrive as numbers. */
export interface UserRow {
  id: string;
  account: string;
  name: string;
  phone: string | null;
  on_duty: boolean;
  disabled_at: number | null;
  created_at: number;
  version: number;
  second_factor: boolean;
  grants: { area: string; areaName: string; role: User['grants'][number]['role'] }[];
}

/** One user with its grants as JSON; shared by every reading query, the session's too. */
export const userColumns = sql`
  u.id, u.account, u.name, u.phone, u.on_duty, u.disabled_at, u.created_at, u.version,
  exists (select 1 from second_factor f where f.user_id = u.id and f.secret is not null) as second_factor,
  coalesce((
    select json_agg(json_build_object('area', g.area, 'areaName', coalesce(a.name, nullif(g.area, ''), '全部'), 'role', g.role) order by g.area, g.role)
    from app_grant g left join area a on a.path = g.area where g.user_id = u.id
  ), '[]') as grants`;

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    account: row.account,
    name: row.name,
    phone: row.phone,
    onDuty: row.on_duty,
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
    version: row.version,
    secondFactor: row.second_factor,
    grants: row.grants,
  };
}
