import type { HandOver, HandOverItem } from '@yihu/device-profiles/vocabulary/duty.ts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { rosterLimits } from '../task/roster.ts';
import { type Desk, notFound } from './commands.ts';
import { derivedId } from './derived-id.ts';
import { once } from './once.ts';
import type { Actor, Outcome, Refusal, Scope } from './records.ts';
import { inTransaction } from './retry.ts';
import { dutyGaps, dutyRoleNames } from './roster.ts';
import { json, within } from './scope.ts';
import type { Tables } from './tables.ts';

const most = 100;

const columns =
  sql.raw(`h.id, h.area, h.state, h.items, h.notes, h.outgoing, h.outgoing_name as "outgoingName", h.outgoing_at as "outgoingAt",
  h.incoming, h.incoming_name as "incomingName", h.incoming_at as "incomingAt", h.created_at as "createdAt", h.version`);

/** What the next shift must know of, by the system's own count: open incidents, what is shelved, windows, gaps, running calls, tasks nobody has. */
export async function proposeItems(trx: Kysely<Tables>, area: string, now: number): Promise<HandOverItem[]> {
  const scope = { areas: [area] };
  const { rows } = await sql<HandOverItem>`
    (select 'incident' as kind, i.id, jsonb_build_object('zh', i.number || ' ' || (i.title ->> 'zh'), 'en', i.number || ' ' || coalesce(i.title ->> 'en', i.title ->> 'zh')) as text
      from incident i where i.open and ${within('i.area', scope)} order by i.opened_at limit ${sql.lit(most)})
    union all (select 'shelved', a.id, jsonb_build_object('zh', '已搁置 ' || (a.device_name ->> 'zh') || ' ' || (a.name ->> 'zh'),
        'en', 'Shelved: ' || coalesce(a.device_name ->> 'en', a.device_name ->> 'zh') || ' ' || coalesce(a.name ->> 'en', a.name ->> 'zh'))
      from alarm a where a.open and a.shelf is not null and ${within('a.area', scope)} order by a.raised_at limit ${sql.lit(most)})
    union all (select 'window', w.id, jsonb_build_object('zh', '维护窗口 ' || w.name, 'en', 'Maintenance: ' || w.name)
      from maintenance_window w where w.state in ('planned', 'running') and w.starts_at < ${now + rosterLimits.aheadMs}
        and exists (select 1 from unnest(w.areas) as mine(path) where mine.path = ${area} or starts_with(mine.path, ${area} || '/')
          or starts_with(${area}, mine.path || '/')) order by w.starts_at limit ${sql.lit(most)})
    union all (select 'call', c.id, jsonb_build_object('zh', c.number || ' ' || c.title, 'en', c.number || ' ' || c.title)
      from call c where c.state in ('scheduled', 'sending', 'sent') and ${within('c.area', scope)} order by c.created_at limit ${sql.lit(most)})
    union all (select 'task', t.id, jsonb_build_object('zh', '无人承接 ' || (t.title ->> 'zh'), 'en', 'Nobody has: ' || coalesce(t.title ->> 'en', t.title ->> 'zh'))
      from task t where t.state = 'created' and ${within('t.area', scope)} order by t.created_at limit ${sql.lit(most)})`.execute(
    trx,
  );
  const gaps = await dutyGaps(trx, scope, { from: now, to: now + rosterLimits.aheadMs });
  return [
    ...rows,
    ...gaps.slice(0, most).map(({ area: where, role, from, missing }): HandOverItem => {
      return {
        kind: 'gap',
        id: `${where} ${role} ${from}`,
        text: { zh: `缺岗 ${dutyRoleNames[role].zh} ${missing} 人`, en: `Missing: ${missing} ${dutyRoleNames[role].en}` },
      };
    }),
  ];
}

async function select(db: Kysely<Tables>, where: RawBuilder<unknown>): Promise<HandOver[]> {
  return (
    await sql<HandOver>`select ${columns} from hand_over h where ${where} order by h.created_at desc, h.id limit 50`.execute(db)
  ).rows;
}

export function listHandOvers({ database: { db } }: Desk, scope: Scope): Promise<HandOver[]> {
  return select(db, within('h.area', scope));
}

/** A draft with what the system proposes; the same key again is the same draft. */
export function draftHandOver(
  desk: Desk,
  actor: Actor,
  { area, key }: { area: string; key: string },
): Promise<Outcome<HandOver>> {
  const id = derivedId('ho', actor.id, key);
  return inTransaction(desk.database.db, async (trx): Promise<Outcome<HandOver>> => {
    const at = desk.clock.now();
    const items = await proposeItems(trx, area, at);
    const { numAffectedRows } = await sql`insert into hand_over (id, area, items, outgoing, outgoing_name, created_at)
      values (${id}, ${area}, ${json(items)}, ${actor.id}, ${actor.name}, ${at}) on conflict do nothing`.execute(trx);
    const [value] = await select(trx, sql`h.id = ${id}`);
    if (!value) throw new Error(`hand-over ${id} was written and cannot be read`);
    return { ok: true, value, repeated: Number(numAffectedRows ?? 0) === 0 };
  });
}

type Change = (held: HandOver, at: number) => RawBuilder<unknown> | { refused: Refusal };

function refuse(code: Refusal['code'], zh: string, en: string): { refused: Refusal } {
  return { refused: { code, message: { zh, en } } };
}

function change(desk: Desk, scope: Scope, actor: Actor, id: string, key: string, how: Change): Promise<Outcome<HandOver>> {
  return inTransaction(desk.database.db, async (trx): Promise<Outcome<HandOver>> => {
    await sql`select 1 from hand_over where id = ${id} for update`.execute(trx);
    const mine = sql`h.id = ${id} and ${within('h.area', scope)}`;
    const [held] = await select(trx, mine);
    if (!held) return notFound();
    const at = desk.clock.now();
    let refusal: Refusal | null = null;
    const done = await once(trx, { actor: actor.id, key, about: `hand-over ${id}`, at }, async () => {
      const set = how(held, at);
      if ('refused' in set) {
        refusal = set.refused;
        return null;
      }
      await sql`update hand_over set ${set}, version = version + 1 where id = ${id}`.execute(trx);
      return id;
    });
    const [value = held] = await select(trx, mine);
    if (typeof done !== 'string') return { ok: true, value, repeated: done.repeated };
    const reused = refuse('key-reused', '这个请求编号已用于另一个操作', 'This request key was used for something else');
    return { ok: false, refusal: refusal ?? reused.refused, current: value };
  });
}

/** Anything to add, by either, until it is taken. */
export function noteHandOver(
  desk: Desk,
  scope: Scope,
  actor: Actor,
  id: string,
  note: { text: string; key: string },
): Promise<Outcome<HandOver>> {
  return change(desk, scope, actor, id, note.key, ({ state }, at) => {
    if (state === 'taken')
      return refuse('not-allowed', '已经交接完毕，不能再改', 'It was handed over and cannot be changed any more');
    return sql`notes = notes || ${json([{ text: note.text, byName: actor.name, at }])}`;
  });
}

/** 签字: first who goes, then somebody else who comes. */
export function signHandOver(desk: Desk, scope: Scope, actor: Actor, id: string, key: string): Promise<Outcome<HandOver>> {
  return change(desk, scope, actor, id, key, ({ state, outgoing }, at) => {
    if (state === 'taken') return refuse('not-allowed', '已经交接完毕', 'It was handed over already');
    if (state === 'draft') {
      if (actor.id !== outgoing) return refuse('not-allowed', '交班人还没有签字', 'Who goes has not signed yet');
      return sql`state = 'offered', outgoing_at = ${at}`;
    }
    if (actor.id === outgoing)
      return refuse('second-person', '接班人要另一个人签字', 'Somebody else must sign as the one who comes');
    return sql`state = 'taken', incoming = ${actor.id}, incoming_name = ${actor.name}, incoming_at = ${at}`;
  });
}
