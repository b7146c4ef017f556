import { type Kysely, sql, type Transaction } from 'kysely';
import type { NewUser, User, UserChange, UserRecords } from '../registry/users-records.ts';
import { responderDrafts } from './responders.ts';
import { sessionRecords } from './sessions.ts';
import { emit } from './stream.ts';
import type { Tables } from './tables.ts';
import { toUser, userColumns, type UserRow } from './users-rows.ts';

type Db = Kysely<Tables> | Transaction<Tables>;

/** Accounts, grants and sessions in the database. */
export function userRecords(db: Kysely<Tables>): UserRecords {
  return {
    countUsers: async () => {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from app_user`.execute(db);
      return rows[0]?.n ?? 0;
    },
    createUsers: (users) => db.transaction().execute((trx) => createUsers(trx, users)),
    user: (id) => userById(db, id),
    credentials: (account) => credentials(db, account),
    listUsers: async () => {
      const { rows } = await sql<UserRow>`select ${userColumns} from app_user u order by u.account`.execute(db);
      return rows.map(toUser);
    },
    changeUser: (id, version, change, at) =>
      db.transaction().execute(async (trx) => ((await changeUser(trx, id, version, change, at)) ? userById(trx, id) : null)),
    setDuty: (id, onDuty, at) =>
      db.transaction().execute(async (trx) => {
        await sql`update app_user set on_duty = ${onDuty} where id = ${id}`.execute(trx);
        // Where somebody is matters for as long as they can be sent, and to nobody afterwards.
        if (!onDuty) await sql`delete from person_place where person = ${id}`.execute(trx);
        await emit(trx, await responderDrafts(trx, [id], at));
      }),
    ...sessionRecords(db),
  };
}

async function userById(db: Db, id: string): Promise<User | null> {
  const { rows } = await sql<UserRow>`select ${userColumns} from app_user u where u.id = ${id}`.execute(db);
  return rows[0] ? toUser(rows[0]) : null;
}

async function credentials(db: Db, account: string) {
  const { rows } = await sql<{ id: string; password_hash: string; disabled: boolean }>`
    select id, password_hash, disabled_at is not null as disabled from app_user where account = ${account}`.execute(db);
  const row = rows[0];
  return row ? { id: row.id, passwordHash: row.password_hash, disabled: row.disabled } : null;
}

/** All or none: one account that is taken undoes the others by the count that is short. */
async function createUsers(trx: Transaction<Tables>, users: readonly NewUser[]): Promise<boolean> {
  await sql`lock table app_user in share row exclusive mode`.execute(trx);
  const taken = await sql`select 1 from app_user where account in (${sql.join(users.map((user) => user.account))})`.execute(trx);
  if (taken.rows.length > 0) return false;
  for (const user of users) {
    await sql`
      insert into app_user (id, account, name, phone, password_hash, on_duty, created_at)
      values (${user.id}, ${user.account}, ${user.name}, ${user.phone}, ${user.passwordHash}, ${user.onDuty}, ${user.at})`.execute(
      trx,
    );
    await putGrants(trx, user.id, user.grants);
  }
  return true;
}

async function putGrants(trx: Transaction<Tables>, user: string, grants: NewUser['grants']): Promise<void> {
  for (const { area, role } of grants) {
    await sql`insert into app_grant (user_id, area, role) values (${user}, ${area}, ${role}) on conflict do nothing`.execute(trx);
  }
}

async function changeUser(trx: Transaction<Tables>, id: string, version: number, change: UserChange, at: number) {
  const { name, phone, disabled, passwordHash, grants } = change;
  const { rows } = await sql`
    update app_user set
      version = version + 1,
      name = coalesce(${name ?? null}, name),
      phone = case when ${phone === undefined} then phone else ${phone ?? null}::text end,
      password_hash = coalesce(${passwordHash ?? null}, password_hash),
      disabled_at = case
        when ${disabled === undefined} then disabled_at
        when ${disabled === true} then coalesce(disabled_at, ${at}::bigint)
      end
    where id = ${id} and version = ${version} returning id`.execute(trx);
  if (rows.length === 0) return false;
  if (grants) {
    await sql`delete from app_grant where user_id = ${id}`.execute(trx);
    await putGrants(trx, id, grants);
  }
  // What a session may do was settled with the old rights or the old password, so it ends here and not at its leisure.
  if (grants || passwordHash !== undefined || disabled === true) {
    await sql`delete from app_session where user_id = ${id}`.execute(trx);
  }
  return true;
}
