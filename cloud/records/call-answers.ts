import { type Kysely, sql } from 'kysely';
import type { CallAnswer, CallKind, CallState } from '@yihu/device-profiles/vocabulary/call.ts';
import { wantTasks } from './call-want.ts';
import { accountOf, type AnsweredBy, fillsSilence, saidOfOthers, type Via } from '../call/answer.ts';
import { isLive } from '../call/life.ts';
import { raiseNeeds } from './call-needs.ts';
import { json } from './scope.ts';
import type { CallWays } from './call-waves.ts';
import type { Tables } from './tables.ts';

/** One answer as it came. */
export interface GivenAnswer {
  /** The number of the recipient. */
  readonly nth: number;
  readonly answer: CallAnswer;
  /** Also for everybody at home who has said nothing. */
  readonly household: boolean;
  readonly via: Via;
  readonly by: AnsweredBy;
  readonly byId: string | null;
  readonly byName: string | null;
  readonly people: number | null;
  readonly note: string | null;
  /** The same key twice is one answer. */
  readonly key: string;
}

/** `over`: the call takes no answers any more. */
export type AnswerOutcome = 'taken' | 'repeated' | 'over' | 'unknown';

export interface AnswerRow {
  readonly nth: number;
  readonly call: string;
  readonly person: string;
  readonly area: string;
  readonly answer: CallAnswer | 'none';
  readonly by: AnsweredBy | null;
  readonly state: CallState;
  readonly kind: CallKind;
  readonly answerUntil: number | null;
}

interface Line extends Omit<GivenAnswer, 'household'> {
  readonly call: string;
  readonly person: string;
  readonly area: string;
  readonly account: string;
}

const rowColumns = sql.raw(
  `r.nth, r.call, r.person, r.area, r.answer, r.by_kind as by, c.state, c.kind, c.answer_until as "answerUntil"`,
);

/**
 * 应答: takes any number of answers in one transaction. The last one of each person counts, all are kept; what is still on
 * its way to somebody who has answered is not sent any more; whoever needs help is in front of a dispatcher at once.
 */
export async function takeAnswers(
  trx: Kysely<Tables>,
  ways: Pick<CallWays, 'ladders'>,
  given: readonly GivenAnswer[],
  at: number,
): Promise<AnswerOutcome[]> {
  const rows = await recipients(trx, given);
  const homes = await othersAtHome(
    trx,
    given.filter(({ household }) => household).map(({ nth }) => nth),
  );
  const outcomes = given.map(({ nth }) => checked(rows.get(nth), at));
  const lines = given.flatMap((answer, index): Line[] => {
    const row = rows.get(answer.nth);
    if (row === undefined || outcomes[index] !== 'taken') return [];
    const others = answer.household ? (homes.get(answer.nth) ?? []).filter(fillsSilence) : [];
    return [
      lineOf(answer, row),
      ...others.map((other) =>
        lineOf({ ...answer, answer: saidOfOthers(answer.answer), by: familyBut(answer.by), note: null, people: null }, other),
      ),
    ];
  });
  const isNew = await keep(trx, lines, at);
  const counted = lines.filter((line) => isNew.has(keyOf(line)));
  await count(trx, [...new Map(counted.map((line) => [line.nth, line])).values()], at);
  await raiseNeeds(
    trx,
    ways,
    counted.filter(({ answer }) => answer === 'help'),
    at,
  );
  return given.map((answer, index) => {
    const row = rows.get(answer.nth);
    if (row === undefined || outcomes[index] !== 'taken') return outcomes[index] ?? 'unknown';
    return isNew.has(keyOf({ ...row, key: answer.key })) ? 'taken' : 'repeated';
  });
}

function checked(row: AnswerRow | undefined, at: number): AnswerOutcome {
  if (row === undefined) return 'unknown';
  return isLive(row.state) && (row.answerUntil ?? 0) > at ? 'taken' : 'over';
}

/** What somebody says for those at home is the family's word; what staff hear of them stays staff's. */
function familyBut(by: AnsweredBy): AnsweredBy {
  return by === 'self' ? 'family' : by;
}

function lineOf({ household: _household, ...answer }: GivenAnswer, { nth, call, person, area }: AnswerRow): Line {
  return { ...answer, nth, call, person, area, account: accountOf(answer.answer, answer.by) };
}

function keyOf({ call, person, key }: { call: string; person: string; key: string }): string {
  return `${call}\n${person}\n${key}`;
}

/** The recipients, held in the order of their numbers; their calls too where somebody needs help, because a line is written. */
async function recipients(trx: Kysely<Tables>, given: readonly GivenAnswer[]): Promise<Map<number, AnswerRow>> {
  const wanted = given.map(({ nth }) => nth);
  const helped = given.filter(({ answer }) => answer === 'help').map(({ nth }) => nth);
  if (helped.length > 0) {
    await sql`select 1 from call where id in (select call from call_recipient where nth = any(${helped})) order by id for update`.execute(
      trx,
    );
  }
  const { rows } = await sql<AnswerRow>`select ${rowColumns} from call_recipient r join call c on c.id = r.call
    where r.nth = any(${wanted}) order by r.nth for update of r`.execute(trx);
  return new Map(rows.map((row) => [row.nth, row]));
}

async function othersAtHome(trx: Kysely<Tables>, of: readonly number[]): Promise<Map<number, AnswerRow[]>> {
  const found = new Map<number, AnswerRow[]>();
  if (of.length === 0) return found;
  const { rows } = await sql<AnswerRow & { of: number }>`select me.nth as of, ${rowColumns} from call_recipient me
    join call_recipient r on r.call = me.call and r.area = me.area and r.nth <> me.nth join call c on c.id = r.call
    where me.nth = any(${[...of]}) order by r.nth for update of r`.execute(trx);
  for (const { of: nth, ...row } of rows) found.set(nth, [...(found.get(nth) ?? []), row]);
  return found;
}

/** Writes all of them down; answers with the keys of those that were not there before. */
async function keep(trx: Kysely<Tables>, lines: readonly Line[], at: number): Promise<ReadonlySet<string>> {
  if (lines.length === 0) return new Set();
  const { rows } = await sql<{ call: string; person: string; key: string }>`insert into call_answer
      (call, person, answer, via, by_kind, by_id, by_name, people, note, key, at)
    select call, person, answer, via, by, "byId", "byName", people, note, key, ${at}
    from jsonb_to_recordset(${json(lines)}) as r(call text, person text, answer text, via text, by text, "byId" text, "byName" text,
      people integer, note text, key text)
    on conflict (call, person, key) do nothing returning call, person, key`.execute(trx);
  return new Set(rows.map(keyOf));
}

/**
 * The last answer of each person stands with them; they are told nothing more of this call, unless it was somebody else: whoever
 * was accounted for and is not any more takes the next step at once.
 */
async function count(trx: Kysely<Tables>, lines: readonly Line[], at: number): Promise<void> {
  if (lines.length === 0) return;
  await sql`update call_recipient r set answer = n.answer, via = n.via, by_kind = n.by, by_name = n."byName", answered_at = ${at},
      account = n.account, reason = null, changed = true, due_at = case when n.account = 'open' and r.account = 'open' then r.due_at when n.account = 'open' then ${at} end
    from jsonb_to_recordset(${json(lines)}) as n(nth bigint, answer text, via text, by text, "byName" text, account text)
    where r.nth = n.nth`.execute(trx);
  const quiet = lines.filter(({ account }) => account !== 'open');
  await sql`update delivery d set state = 'cancelled'
    from jsonb_to_recordset(${json(quiet)}) as n(call text, person text)
    where d.source = 'call' and d.subject = n.call and d.who_kind = 'person' and d.who = n.person and d.occasion in ('call', 'again')
      and d.state in ('queued', 'held')`.execute(trx);
  const { rows: doors } = await sql<{
    call: string;
    area: string;
  }>`update call_door o set state = 'done', done_at = ${at}, version = o.version + 1
    from jsonb_to_recordset(${json(quiet)}) as n(call text, area text)
    where o.call = n.call and o.area = n.area and o.state = 'open'
      and not exists (select 1 from call_recipient r where r.call = o.call and r.area = o.area and r.account = 'open')
    returning o.call, o.area`.execute(trx);
  await wantTasks(
    trx,
    doors.map((door) => ({ what: 'door', call: door.call, of: door.area })),
    at,
  );
}
