import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { CallDoor, CallNeed, CallPerson, CallPoint } from '@yihu/device-profiles/vocabulary/call.ts';
import { type CallDone, type Doing, notThere, refuse } from './call-moves.ts';
import { addCallLine, callSeen, holdCall } from './call-rows.ts';
import { type NamelessVolunteer, volunteersNear } from './call-volunteers.ts';
import { inside } from './inside.ts';
import { once } from './once.ts';
import type { Page, Scope } from './records.ts';
import { every } from './scope.ts';
import type { Tables } from './tables.ts';

export type NamelessPerson = Omit<CallPerson, 'name' | 'vulnerable'> & { readonly vulnerable: boolean };

export interface CallPeopleFilter {
  readonly show: 'silent' | 'help' | 'unreachable' | 'answered' | 'all';
  readonly person?: string | undefined;
  readonly area?: string | undefined;
  /** The number after which the page begins. */
  readonly after?: number | undefined;
  readonly limit: number;
}

const shows: Record<CallPeopleFilter['show'], RawBuilder<boolean>> = {
  silent: sql<boolean>`r.account = 'open'`,
  help: sql<boolean>`r.answer = 'help'`,
  unreachable: sql<boolean>`r.account = 'unreachable'`,
  answered: sql<boolean>`r.account not in ('open', 'unreachable')`,
  all: sql<boolean>`true`,
};

/** People of a call within the scope: whoever is vulnerable first, then home by home. */
export async function callPeople(
  db: Kysely<Tables>,
  scope: Scope,
  call: string,
  filter: CallPeopleFilter,
): Promise<Page<NamelessPerson>> {
  const condition = every([
    sql`r.call = ${call}`,
    inside('r.area', scope),
    shows[filter.show],
    ...(filter.area === undefined ? [] : [inside('r.area', { areas: [filter.area] })]),
    ...(filter.person === undefined ? [] : [sql`r.person = ${filter.person}`]),
  ]);
  const offset = filter.after ?? 0;
  // The page is cut first: what was said to each and by each is looked up for those on it alone.
  const { rows } =
    await sql<NamelessPerson>`select r.person, r.area, area_label(r.area) as label, r.vulnerable, r.answer, r.account, r.reason, r.via,
      r.by_name as "byName", r.answered_at as "answeredAt", r.step, coalesce(told.state, case when r.phone then 'unsent' else 'nobody' end) as delivery,
      said.text as words, coalesce(past.history, '[]') as history
    from (select * from call_recipient r where ${condition} order by r.vulnerable desc, r.area, r.nth
      offset ${offset} limit ${filter.limit + 1}) r
    left join lateral (select case when d.state in ('held', 'sending') then 'queued' when d.state = 'cancelled' then 'unsent' else d.state end as state
      from delivery d where d.source = 'call' and d.subject = r.call and d.who_kind = 'person' and d.who = r.person
      order by array_position(array['read', 'delivered', 'sent', 'sending', 'queued', 'held', 'failed', 'cancelled'], d.state) limit 1) told on true
    left join lateral (select w.text from channel_reply w where w.who_kind = 'person' and w.who = r.person and w.taken_at is null
      and w.at >= (select c.begun_at from call c where c.id = r.call) order by w.at desc limit 1) said on true
    left join lateral (select jsonb_agg(jsonb_build_object('answer', a.answer, 'via', a.via, 'byName', a.by_name, 'note', a.note, 'at', a.at)
      order by a.id desc) as history from call_answer a where ${filter.person !== undefined} and a.call = r.call and a.person = r.person) past on true
    order by r.vulnerable desc, r.area, r.nth`.execute(db);
  const counted = await sql<{ n: number }>`select count(*)::int as n from call_recipient r where ${condition}`.execute(db);
  const items = rows.slice(0, filter.limit);
  return { items, total: counted.rows[0]?.n ?? 0, next: rows.length > filter.limit ? String(offset + filter.limit) : null };
}

export type NamelessNeed = Omit<CallNeed, 'name' | 'phone' | 'volunteers'> & {
  readonly volunteers: readonly NamelessVolunteer[];
};

/** Needs of a call within the scope: open ones first, the oldest first; beside those that wait, who of the neighbours can help. */
export async function callNeeds(db: Kysely<Tables>, scope: Scope, call: string): Promise<NamelessNeed[]> {
  const { rows } = await sql<
    Omit<NamelessNeed, 'volunteers'>
  >`select n.id, n.call, n.person, n.area, area_label(n.area) as label, n.state,
      n.people, n.note, n.at, n.by_name as "byName", n.outcome, n.done_at as "doneAt"
    from call_need n where n.call = ${call} and ${inside('n.area', scope)} order by n.state = 'done', n.at, n.id`.execute(db);
  const waiting = rows.filter(({ state }) => state === 'open');
  const volunteers = waiting.length === 0 ? new Map<string, never>() : await volunteersNear(db, scope, call, waiting);
  return rows.map((need) => ({ ...need, volunteers: volunteers.get(need.person) ?? [] }));
}

export type NamelessDoor = Omit<CallDoor, 'people'> & { readonly people: readonly Omit<CallDoor['people'][number], 'name'>[] };

/** Homes somebody has to go to, within the scope; open ones first. */
export async function callDoors(db: Kysely<Tables>, scope: Scope, call: string): Promise<NamelessDoor[]> {
  const { rows } = await sql<NamelessDoor>`select o.area, area_label(o.area) as label, o.state, o.at, o.done_at as "doneAt",
      (select coalesce(jsonb_agg(jsonb_build_object('person', r.person, 'account', r.account) order by r.nth), '[]')
        from call_recipient r where r.call = o.call and r.area = o.area) as people
    from call_door o where o.call = ${call} and ${inside('o.area', scope)} order by o.state = 'done', o.area limit 2000`.execute(
    db,
  );
  return rows;
}

export async function callPoints(db: Kysely<Tables>, call: string): Promise<CallPoint[]> {
  const { rows } = await sql<CallPoint>`select distinct on (name) name, counted, note, by_name as "byName", at from call_point
    where call = ${call} order by name, id desc`.execute(db);
  return rows;
}

/** 清点人数: written down beside the counts before it, and in the call's own chain. */
export async function countHeads(
  trx: Kysely<Tables>,
  { scope, actor, key, at }: Doing,
  { call: id, name, counted, note }: { call: string; name: string; counted: number; note: string | null },
): Promise<CallDone> {
  const call = await holdCall(trx, sql`c.id = ${id} and ${callSeen(scope)}`);
  if (call === null) return notThere;
  if (call.begunAt === null) return refuse('not-allowed', '呼叫还没有发出', 'The call has not begun');
  const done = await once(trx, { actor: actor.id, key, about: `call point ${id}`, at }, async () => {
    await sql`insert into call_point (call, name, counted, note, by, by_name, at)
      values (${id}, ${name}, ${counted}, ${note}, ${actor.id}, ${actor.name}, ${at})`.execute(trx);
    const text = { zh: `清点：${name} ${counted} 人`.slice(0, 120), en: `Counted at ${name}: ${counted}`.slice(0, 120) };
    await addCallLine(trx, id, { kind: 'note', text, data: { name, counted, note }, actor }, at);
    return name;
  });
  if (typeof done === 'string')
    return refuse('key-reused', '这个请求编号已用于另一个操作', 'This request key was used for something else');
  return { id, repeated: done.repeated };
}

/** What somebody sees who opens the link of a recipient. */
export interface AnswerPageFacts {
  readonly nth: number;
  readonly kind: CallPersonKind;
  readonly title: string;
  readonly text: string;
  readonly label: string;
  readonly answer: NamelessPerson['answer'];
  readonly answeredAt: number | null;
  readonly othersAtHome: number;
  readonly state: string;
  readonly isOver: boolean;
}

type CallPersonKind = 'actual' | 'drill' | 'test';

export async function answerFacts(db: Kysely<Tables>, nth: number, now: number): Promise<AnswerPageFacts | null> {
  const { rows } = await sql<AnswerPageFacts>`select r.nth, c.kind, c.title, c.text, area_label(r.area) as label, r.answer,
      r.answered_at as "answeredAt", c.state, (select count(*)::int - 1 from call_recipient o where o.call = r.call and o.area = r.area) as "othersAtHome",
      not (c.state in ('sending', 'sent') and coalesce(c.answer_until, 0) > ${now}) as "isOver"
    from call_recipient r join call c on c.id = r.call where r.nth = ${nth} and c.begun_at is not null`.execute(db);
  return rows[0] ?? null;
}
