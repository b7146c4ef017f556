import { type Kysely, sql } from 'kysely';
import type { CallAnswer } from '@yihu/device-profiles/vocabulary/call.ts';
import { takeAnswers } from './call-answers.ts';
import { wantTasks } from './call-want.ts';
import { type CallDone, type Doing, notThere, refuse } from './call-moves.ts';
import { addCallLine, callSeen, holdCall } from './call-rows.ts';
import type { CallWays } from './call-waves.ts';
import { inside } from './inside.ts';
import { once } from './once.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

/** What staff found out about one person, on the telephone or at the door. */
export interface StaffResult {
  readonly person: string;
  /** `unreachable`: nothing more can be done, for the reason in `note`. */
  readonly result: CallAnswer | 'unreachable';
  readonly note: string | null;
}

/**
 * What a grid worker or a dispatcher found out, all of it or nothing. `door`: they stood there. Somebody found unreachable is
 * accounted for with a reason, and counts as answered the moment they answer after all.
 */
export async function staffAnswers(
  trx: Kysely<Tables>,
  ways: Pick<CallWays, 'ladders'>,
  doing: Doing,
  {
    call: id,
    where,
    results,
  }: { readonly call: string; readonly where: 'phone' | 'door'; readonly results: readonly StaffResult[] },
): Promise<CallDone> {
  const { scope, actor, key, at } = doing;
  const call = await holdCall(trx, sql`c.id = ${id} and ${callSeen(scope)}`);
  if (call === null) return notThere;
  if (call.state !== 'sending' && call.state !== 'sent')
    return refuse('not-allowed', '这次呼叫不在应答中', 'This call takes no answers now');
  const { rows } = await sql<{ nth: number; person: string }>`select r.nth, r.person from call_recipient r
    where r.call = ${id} and r.person = any(${results.map(({ person }) => person)}) and ${inside('r.area', scope)}`.execute(trx);
  const nthOf = new Map(rows.map(({ nth, person }) => [person, nth]));
  if (results.some(({ person }) => !nthOf.has(person))) return notThere;
  const silent = results.filter(({ result, note }) => result === 'unreachable' && !note?.trim());
  if (silent.length > 0) return refuse('reason-needed', '联系不上要写明原因', 'Say why somebody cannot be reached');
  const done = await once(trx, { actor: actor.id, key, about: `call answers ${id}`, at }, async () => {
    const given = results.flatMap(({ person, result, note }) =>
      result === 'unreachable'
        ? []
        : [
            {
              nth: nthOf.get(person) ?? 0,
              answer: result,
              household: false,
              via: where === 'door' ? ('door' as const) : ('desk' as const),
              by: where === 'door' ? ('door' as const) : ('staff' as const),
              byId: actor.id,
              byName: actor.name,
              people: null,
              note,
              key: `${actor.id} ${key}`,
            },
          ],
    );
    await takeAnswers(trx, ways, given, at);
    const lost = results.filter(({ result }) => result === 'unreachable');
    await giveUp(trx, id, lost, { by: actor.name, at });
    for (const { note } of lost) {
      const text = { zh: `联系不上 1 人：${note ?? ''}`.slice(0, 120), en: 'One person cannot be reached' };
      await addCallLine(trx, id, { kind: 'note', text, data: { where }, actor }, at);
    }
    return String(results.length);
  });
  if (typeof done === 'string')
    return refuse('key-reused', '这个请求编号已用于另一个操作', 'This request key was used for something else');
  return { id, repeated: done.repeated };
}

async function giveUp(
  trx: Kysely<Tables>,
  call: string,
  lost: readonly StaffResult[],
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> {
  if (lost.length === 0) return;
  await sql`update call_recipient r set account = 'unreachable', reason = n.note, by_name = ${by}, answered_at = ${at}, due_at = null, changed = true
    from jsonb_to_recordset(${json(lost)}) as n(person text, note text)
    where r.call = ${call} and r.person = n.person and r.account = 'open'`.execute(trx);
  const { rows: doors } = await sql<{
    call: string;
    area: string;
  }>`update call_door o set state = 'done', done_at = ${at}, version = o.version + 1 where o.call = ${call} and o.state = 'open'
    and not exists (select 1 from call_recipient r where r.call = o.call and r.area = o.area and r.account = 'open')
    returning o.call, o.area`.execute(trx);
  await wantTasks(
    trx,
    doors.map((door) => ({ what: 'door', call: door.call, of: door.area })),
    at,
  );
}

/** Somebody has taken care of a need, or says that they are on it. */
export async function moveNeed(
  trx: Kysely<Tables>,
  { scope, actor, key, at }: Doing,
  { call: id, need, move, outcome }: { call: string; need: string; move: 'take' | 'done'; outcome: string | null },
): Promise<CallDone> {
  const call = await holdCall(trx, sql`c.id = ${id} and ${callSeen(scope)}`);
  const { rows } = await sql<{
    state: string;
    person: string;
    place: string;
  }>`select n.state, n.person, area_label(n.area) as place from call_need n
    where n.id = ${need} and n.call = ${id} and ${inside('n.area', scope)}`.execute(trx);
  const [found] = rows;
  if (call === null || found === undefined) return notThere;
  const done = await once(trx, { actor: actor.id, key, about: `need ${need}`, at }, async () => {
    if (found.state === 'done') return null;
    const state = move === 'take' ? 'taken' : 'done';
    await sql`update call_need set state = ${state}, by = ${actor.id}, by_name = ${actor.name}, outcome = ${outcome},
      done_at = ${move === 'done' ? at : null}, version = version + 1 where id = ${need}`.execute(trx);
    await wantTasks(trx, [{ what: 'need', call: id, of: found.person }], at);
    const zh = move === 'take' ? `有人去帮：${found.place}` : `求助已办：${found.place}`;
    const en = move === 'take' ? `Somebody is on the way to ${found.place}` : `Help was given at ${found.place}`;
    await addCallLine(
      trx,
      id,
      { kind: 'note', text: { zh: zh.slice(0, 120), en: en.slice(0, 120) }, data: { need, outcome }, actor },
      at,
    );
    return state;
  });
  if (done === 'refused') return refuse('not-allowed', '这件求助已经办结', 'This need has been taken care of already');
  if (typeof done === 'string' || done.subject !== (move === 'take' ? 'taken' : 'done'))
    return refuse('key-reused', '这个请求编号已用于另一个操作', 'This request key was used for something else');
  return { id, repeated: done.repeated };
}
