import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { PostCheck } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import { type Desk, keyReused, notFound, refused } from './commands.ts';
import { derivedId } from './derived-id.ts';
import { cancel, plan } from './due.ts';
import { once } from './once.ts';
import type { Actor, Outcome, Scope } from './records.ts';
import { inTransaction } from './retry.ts';
import { within } from './scope.ts';
import type { Tables } from './tables.ts';

async function selectChecks(db: Kysely<Tables>, condition: RawBuilder<unknown>): Promise<PostCheck[]> {
  const { rows } =
    await sql<PostCheck>`select c.id, c.area, coalesce(a.name, c.area) as "areaName", c.question, c.asked_at as "askedAt",
      c.asked_by_name as "askedByName", c.answer_by as "answerBy", c.answered_at as "answeredAt", c.answered_by_name as "answeredByName",
      c.wrong, c.state
    from post_check c left join area a on a.path = c.area where ${condition} order by c.asked_at desc, c.id limit 200`.execute(
      db,
    );
  return rows;
}

/** Newest first; with `open` those that still wait for an answer. */
export function listPostChecks({ database: { db } }: Desk, scope: Scope, open: boolean): Promise<PostCheck[]> {
  return selectChecks(db, sql`${within('c.area', scope)} and ${open ? sql`c.state in ('asked', 'missed')` : sql`true`}`);
}

/** 查岗: asks the desk of an area. `question` is the number it must type; the caller draws it. */
export function askPost(
  { database: { db }, clock }: Desk,
  scope: Scope,
  actor: Actor,
  { area, question, withinMs, key }: { area: string; question: string; withinMs: number; key: string },
): Promise<Outcome<PostCheck>> {
  return inTransaction(db, async (trx): Promise<Outcome<PostCheck>> => {
    const { rows } = await sql`select 1 from area where path = ${area} and ${within('area.path', scope)}`.execute(trx);
    if (rows.length === 0) return notFound();
    const at = clock.now();
    const done = await once(trx, { actor: actor.id, key, about: 'post-check', at }, async () => {
      const id = derivedId('post', area, actor.id, key);
      await sql`insert into post_check (id, area, question, asked_at, asked_by_name, answer_by)
        values (${id}, ${area}, ${question}, ${at}, ${actor.name}, ${at + withinMs})`.execute(trx);
      await plan(trx, [{ kind: 'post-check', subject: id, step: 0, dueAt: at + withinMs }]);
      return id;
    });
    if (typeof done === 'string') return { ok: false, refusal: keyReused, current: null };
    const [check] = await selectChecks(trx, sql`c.id = ${done.subject}`);
    return check ? { ok: true, value: check, repeated: done.repeated } : notFound();
  });
}

/** Whoever sits at the desk types the number. A wrong one counts and may be tried again; after the time it is late. */
export function answerPost(
  { database: { db }, clock }: Desk,
  scope: Scope,
  actor: Actor,
  id: string,
  { answer, key }: { answer: string; key: string },
): Promise<Outcome<PostCheck>> {
  return inTransaction(db, async (trx): Promise<Outcome<PostCheck>> => {
    await sql`select 1 from post_check where id = ${id} for update`.execute(trx);
    const at = clock.now();
    const read = async () => (await selectChecks(trx, sql`c.id = ${id} and ${within('c.area', scope)}`))[0];
    const check = await read();
    if (!check) return notFound();
    if (check.answeredAt === null && answer !== check.question) {
      await sql`update post_check set wrong = wrong + 1 where id = ${id}`.execute(trx);
      return refused('not-allowed', '数字不对，请再看一遍', 'That is not the number; look again', await read());
    }
    const done = await once(trx, { actor: actor.id, key, about: 'post-answer', at }, async () => {
      if (check.answeredAt !== null) return null;
      await sql`update post_check set answered_at = ${at}, answered_by_name = ${actor.name},
        state = case when ${at} <= answer_by and state = 'asked' then 'answered' else 'late' end where id = ${id}`.execute(trx);
      await cancel(trx, 'post-check', [id]);
      return id;
    });
    const now = await read();
    if (!now) return notFound();
    if (typeof done === 'string') return refused('not-allowed', '已经有人应答了', 'Somebody has answered already', now);
    return { ok: true, value: now, repeated: done.repeated };
  });
}

/** Nobody answered in time. */
export async function postCheckIsDue(trx: Kysely<Tables>, id: string): Promise<string> {
  const { numAffectedRows } = await sql`update post_check set state = 'missed' where id = ${id} and state = 'asked'`.execute(trx);
  return Number(numAffectedRows ?? 0) > 0 ? 'nobody at the desk' : 'answered';
}
