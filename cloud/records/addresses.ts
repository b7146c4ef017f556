import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** How a person is reached by one kind of channel, looked up only when a message is about to leave. */
export interface Address {
  readonly address: string;
  readonly name: string;
}

/** Ids of users to where they are reached; several push subscriptions of one person are several addresses. */
export async function userAddresses(
  db: Kysely<Tables>,
  ids: readonly string[],
  reach: 'phone' | 'email' | 'push',
): Promise<Map<string, Address[]>> {
  const found = new Map<string, Address[]>();
  if (ids.length === 0) return found;
  const { rows } = await sql<{ id: string; name: string; address: string | null }>`
    select u.id, u.name, c.address from app_user u join contact c on c.user_id = u.id and c.reach = ${reach}
      where u.id = any(${[...ids]}) and u.disabled_at is null
    union all
    select u.id, u.name, u.phone from app_user u
      where ${reach} = 'phone' and u.id = any(${[...ids]}) and u.disabled_at is null and u.phone is not null
        and not exists (select 1 from contact c where c.user_id = u.id and c.reach = 'phone')`.execute(db);
  for (const { id, name, address } of rows) if (address !== null) found.set(id, [...(found.get(id) ?? []), { address, name }]);
  return found;
}

/** Telephones of posts, by whoever holds them. */
export async function postAddresses(
  db: Kysely<Tables>,
  posts: readonly string[],
): Promise<readonly { readonly id: string; readonly name: string; readonly phone: string }[]> {
  if (posts.length === 0) return [];
  const { rows } = await sql<{ id: string; name: string; phone: string }>`select id, name, phone from area_post
    where id = any(${[...posts]}) and phone is not null`.execute(db);
  return rows;
}

export interface Contact {
  readonly reach: 'phone' | 'email' | 'push';
  readonly address: string;
  readonly label: string;
}

const mostContacts = 10;

/** Adds a way to reach a user; false where there are too many already. The same again changes only its label. */
export async function putContact(
  db: Kysely<Tables>,
  user: string,
  { reach, address, label }: Contact,
  at: number,
): Promise<boolean> {
  const { numAffectedRows } = await sql`insert into contact (user_id, reach, address, label, added_at)
    select ${user}, ${reach}, ${address}, ${label}, ${at}
    where (select count(*) from contact where user_id = ${user}) < ${mostContacts}
      or exists (select 1 from contact where user_id = ${user} and reach = ${reach} and address = ${address})
    on conflict (user_id, reach, address) do update set label = excluded.label`.execute(db);
  return Number(numAffectedRows ?? 0) > 0;
}

export async function dropContact(db: Kysely<Tables>, user: string, reach: Contact['reach'], address: string): Promise<void> {
  await sql`delete from contact where user_id = ${user} and reach = ${reach} and address = ${address}`.execute(db);
}

export async function contactsOf(db: Kysely<Tables>, user: string): Promise<Contact[]> {
  const { rows } =
    await sql<Contact>`select reach, address, label from contact where user_id = ${user} order by added_at`.execute(db);
  return rows;
}
