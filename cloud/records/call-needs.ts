import { type Kysely, sql } from 'kysely';
import { needText } from '../call/words.ts';
import { addCallLine, holdCall, type StoredCall } from './call-rows.ts';
import { wantTasks } from './call-want.ts';
import type { CallWays } from './call-waves.ts';
import { order, type Who } from './delivery-rows.ts';
import { derivedId } from './derived-id.ts';
import type { Tables } from './tables.ts';

/** Somebody said that they need help. */
export interface HelpWanted {
  readonly call: string;
  readonly person: string;
  readonly area: string;
  readonly people: number | null;
  readonly note: string | null;
  readonly key: string;
}

const livesMs = 30 * 60_000;

/**
 * 求助: keeps the need open for the dispatchers and tells those of the area by message, whatever the load on them. Asked for
 * again it is the same need, open anew, with the last words. The caller holds the calls.
 */
export async function raiseNeeds(
  trx: Kysely<Tables>,
  ways: Pick<CallWays, 'ladders'>,
  wanted: readonly HelpWanted[],
  at: number,
): Promise<void> {
  for (const need of wanted) {
    const { rows } = await sql<{ place: string }>`insert into call_need (id, call, area, person, people, note, at)
      values (${derivedId('need', need.call, need.person)}, ${need.call}, ${need.area}, ${need.person}, ${need.people}, ${need.note}, ${at})
      on conflict (call, person) do update set state = 'open', people = coalesce(excluded.people, call_need.people),
        note = coalesce(excluded.note, call_need.note), at = excluded.at, done_at = null, outcome = null, version = call_need.version + 1
      returning area_label(area) as place`.execute(trx);
    await wantTasks(trx, [{ what: 'need', call: need.call, of: need.person }], at);
    const call = await holdCall(trx, sql`c.id = ${need.call}`);
    if (call === null) throw new Error(`no call ${need.call} for an answer to it`);
    const place = rows[0]?.place ?? need.area;
    await tellDispatchers(trx, ways, call, need, { place, at });
    const text = { zh: `求助：${place}`.slice(0, 120), en: `Help is needed at ${place}`.slice(0, 120) };
    await addCallLine(trx, need.call, { kind: 'note', text, data: { area: need.area, people: need.people } }, at);
  }
}

async function tellDispatchers(
  trx: Kysely<Tables>,
  { ladders }: Pick<CallWays, 'ladders'>,
  call: StoredCall,
  { area, people, note, person, key }: HelpWanted,
  { place, at }: { place: string; at: number },
): Promise<void> {
  const said = needText(call, place, people ?? 1, note);
  await order(
    trx,
    ((await staffOn(trx, 'dispatcher', [area])).get(area) ?? []).map((who) => ({
      source: 'call' as const,
      subject: call.id,
      who,
      area,
      ladder: ladders.lifeSafety,
      occasion: `need ${person} ${key}`,
      lifeSafety: true,
      priority: 0,
      message: { language: 'zh' as const, ...said },
      at,
      expiresAt: at + livesMs,
    })),
  );
}

/** People of a role whose area holds each of these: those on duty, or all where nobody is. */
export async function staffOn(
  trx: Kysely<Tables>,
  role: 'dispatcher' | 'grid-worker',
  areas: readonly string[],
): Promise<Map<string, Who[]>> {
  const { rows } = await sql<{
    area: string;
    id: string;
    name: string;
    on_duty: boolean;
  }>`select distinct h.area, u.id, u.name, u.on_duty
    from unnest(${[...areas]}::text[]) as h(area)
    join app_grant g on g.role = ${role} and (g.area = '' or h.area = g.area or starts_with(h.area, g.area || '/'))
    join app_user u on u.id = g.user_id and u.disabled_at is null
    order by h.area, u.id`.execute(trx);
  const found = new Map<string, Who[]>();
  for (const area of areas) {
    const all = rows.filter((row) => row.area === area);
    const ready = all.filter((row) => row.on_duty);
    const who = (ready.length > 0 ? ready : all).map(({ id, name }): Who => ({ kind: 'user', id, name }));
    if (who.length > 0) found.set(area, who);
  }
  return found;
}
