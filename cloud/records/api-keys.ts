import { type Kysely, sql } from 'kysely';
import type { ApiKeyRecords, KeyEntry, StoredKey } from '../registry/api-keys-records.ts';
import { within } from './scope.ts';
import type { Tables } from './tables.ts';

const columns = sql`id, name, area, scopes, prefix, made_by_name as "madeByName", made_at as "madeAt", expires_at as "expiresAt",
  used_at as "usedAt", used_ip as "usedIp", revoked_at as "revokedAt", revoked_by_name as "revokedByName"`;

/** API keys in the database. Read at every request, so that one that is revoked opens nothing from that moment. */
export function apiKeyRecords(db: Kysely<Tables>): ApiKeyRecords {
  return {
    add: (entry) => add(db, entry),
    list: async (areas) => {
      const { rows } = await sql<StoredKey>`select ${columns} from api_key where ${within('api_key.area', { areas })}
        order by made_at desc, id`.execute(db);
      return rows;
    },
    find: async (prefix) => {
      const { rows } = await sql<
        StoredKey & { hash: Buffer }
      >`select ${columns}, hash from api_key where prefix = ${prefix}`.execute(db);
      return rows[0] ?? null;
    },
    touch: async (id, at, ip) => {
      await sql`update api_key set used_at = greatest(used_at, ${at}), used_ip = ${ip} where id = ${id}`.execute(db);
    },
    revoke: async (areas, id, by, at) => {
      const { rows } = await sql<StoredKey>`
        update api_key set revoked_at = coalesce(revoked_at, ${at}), revoked_by_name = coalesce(revoked_by_name, ${by})
        where id = ${id} and ${within('api_key.area', { areas })} returning ${columns}`.execute(db);
      return rows[0] ?? null;
    },
  };
}

async function add(
  db: Kysely<Tables>,
  { id, name, area, scopes, prefix, hash, by, at, expiresAt }: KeyEntry,
): Promise<StoredKey> {
  const { rows } = await sql<StoredKey>`
    insert into api_key (id, name, area, scopes, prefix, hash, made_by, made_by_name, made_at, expires_at)
    values (${id}, ${name}, ${area}, ${[...scopes]}::text[], ${prefix}, ${hash}, ${by.id}, ${by.name}, ${at}, ${expiresAt})
    returning ${columns}`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('a key was not kept');
  return row;
}
