import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

export type Done = { readonly subject: string; readonly repeated: boolean } | 'key-reused' | 'refused';

/**
 * One effect per (actor, key): `make` is carried out the first time and names what it made, afterwards the same name is
 * answered. A refusal (null) leaves no trace, so the key may be tried again. `about` keeps the keys of different things
 * apart. Two requests with one key that race: the later one meets the unique key and its transaction is run again.
 */
export async function once(
  trx: Kysely<Tables>,
  command: { readonly actor: string; readonly key: string; readonly about: string; readonly at: number },
  make: () => Promise<string | null>,
): Promise<Done> {
  const { actor, key, about, at } = command;
  const { rows } = await sql<{ subject: string }>`select subject from command where actor = ${actor} and key = ${key}`.execute(
    trx,
  );
  const [done] = rows;
  if (done) {
    const isSame = done.subject.startsWith(`${about}:`);
    return isSame ? { subject: done.subject.slice(about.length + 1), repeated: true } : 'key-reused';
  }
  const subject = await make();
  if (subject === null) return 'refused';
  await sql`insert into command (actor, key, subject, at) values (${actor}, ${key}, ${`${about}:${subject}`}, ${at})`.execute(
    trx,
  );
  return { subject, repeated: false };
}
