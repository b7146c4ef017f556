import { type Kysely, sql } from 'kysely';
import type { CallAreaCount, CallCount } from '@yihu/device-profiles/vocabulary/call.ts';
import type { Clock } from '../clock.ts';
import type { Database } from './database.ts';
import { streamOf } from './call-stream.ts';
import { inTransaction } from './retry.ts';
import { emit, type StreamDraft } from './stream.ts';
import type { Tables } from './tables.ts';

/**
 * 汇总: what answers have changed since the last turn, home by home, and only the buildings, grids and communities those homes
 * lie in. Counted anew from the homes each time, so that nothing drifts and a turn that dies is done again. Returns how many
 * calls had news.
 */
export async function tallyCalls({ database: { db }, clock }: { database: Database; clock: Clock }): Promise<number> {
  const { rows } = await sql<{ call: string }>`select distinct call from call_recipient where changed`.execute(db);
  for (const { call } of rows) await inTransaction(db, (trx) => tallyCall(trx, call, clock.now()));
  return rows.length;
}

async function tallyCall(trx: Kysely<Tables>, call: string, now: number): Promise<void> {
  // The call first and then its people, as everybody does who holds both; whose answer is being written just now is counted
  // in the next turn.
  await sql`select 1 from call where id = ${call} for update`.execute(trx);
  const { rows } = await sql<{ area: string }>`update call_recipient set changed = false where nth in (
      select nth from call_recipient where call = ${call} and changed order by nth for update skip locked)
    returning area`.execute(trx);
  const homes = [...new Set(rows.map(({ area }) => area))];
  if (homes.length === 0) return;
  await countHomes(trx, call, homes);
  const areas = await countAreas(trx, call, homes);
  await sql`update call set count = ${counted(sql`call_home h where h.call = ${call}`)} where id = ${call}`.execute(trx);
  await emit(trx, [...(await streamOf(trx, call, now)), ...byGrid(call, areas, now)]);
}

async function countHomes(trx: Kysely<Tables>, call: string, homes: readonly string[]): Promise<void> {
  await sql`insert into call_home (call, area, people, safe, volunteers, help, away, refused, silent, unreachable, vulnerable_silent)
    select r.call, r.area, count(*), count(*) filter (where r.account <> 'unreachable' and r.answer in ('safe', 'volunteer')),
      count(*) filter (where r.account <> 'unreachable' and r.answer = 'volunteer'),
      count(*) filter (where r.account <> 'unreachable' and r.answer = 'help'),
      count(*) filter (where r.account <> 'unreachable' and r.answer = 'away'),
      count(*) filter (where r.account <> 'unreachable' and r.answer = 'refused'), count(*) filter (where r.account = 'open'),
      count(*) filter (where r.account = 'unreachable'), count(*) filter (where r.account = 'open' and r.vulnerable)
    from call_recipient r where r.call = ${call} and r.area = any(${[...homes]}) group by r.call, r.area
    on conflict (call, area) do update set people = excluded.people, safe = excluded.safe, volunteers = excluded.volunteers, help = excluded.help, away = excluded.away,
      refused = excluded.refused, silent = excluded.silent, unreachable = excluded.unreachable,
      vulnerable_silent = excluded.vulnerable_silent`.execute(trx);
}

/** SQL: the count of the homes `h` of `from` as one object. */
function counted(from: ReturnType<typeof sql>) {
  return sql`(select jsonb_build_object('people', coalesce(sum(h.people), 0), 'safe', coalesce(sum(h.safe), 0),
    'volunteers', coalesce(sum(h.volunteers), 0),
    'help', coalesce(sum(h.help), 0), 'away', coalesce(sum(h.away), 0), 'refused', coalesce(sum(h.refused), 0),
    'silent', coalesce(sum(h.silent), 0), 'unreachable', coalesce(sum(h.unreachable), 0),
    'vulnerableSilent', coalesce(sum(h.vulnerable_silent), 0), 'households', count(*), 'householdsDone', count(*) filter (where h.silent = 0),
    'householdsHelp', count(*) filter (where h.help > 0)) from ${from})`;
}

type Counted = Omit<CallAreaCount, 'count'> & { readonly count: CallCount };

/** Counts the buildings, grids and communities that hold any of these homes; only those that changed are answered. */
async function countAreas(trx: Kysely<Tables>, call: string, homes: readonly string[]): Promise<Counted[]> {
  const prefixes = new Set(homes.flatMap((home) => home.split('/').map((_, nth, steps) => steps.slice(0, nth + 1).join('/'))));
  const { rows } = await sql<Counted>`with wanted as (
      select a.path, a.kind, a.name from area a where a.path = any(${[...prefixes]}) and a.kind in ('community', 'grid', 'building')),
    fresh as (select w.*, ${counted(sql`call_home h where h.call = ${call}
      and (h.area = w.path or (h.area ~>=~ (w.path || '/') and h.area ~<~ (w.path || '0')))`)} as count from wanted w),
    written as (
      insert into call_count (call, area, kind, count) select ${call}, path, kind, count from fresh
      on conflict (call, area) do update set count = excluded.count where call_count.count is distinct from excluded.count
      returning area)
    select f.path as area, f.kind, f.name, f.count from fresh f join written n on n.area = f.path`.execute(trx);
  return rows;
}

/** One event for each grid with what changed in it, and one for what lies in none. */
function byGrid(call: string, areas: readonly Counted[], at: number): StreamDraft[] {
  const grids = areas.filter(({ kind }) => kind === 'grid').map(({ area }) => area);
  const homeOf = ({ area }: Counted) => grids.find((grid) => area === grid || area.startsWith(`${grid}/`)) ?? area;
  const groups = Map.groupBy(areas, homeOf);
  return [...groups].map(([area, inIt]) => ({ area, event: { type: 'call-count', at, call, areas: inIt } }));
}

/** The counts of a call's areas within the scope, the largest first. */
export async function areaCounts(
  db: Kysely<Tables>,
  call: string,
  scope: { readonly areas: readonly string[] },
): Promise<CallAreaCount[]> {
  const { rows } = await sql<CallAreaCount>`select n.area, n.kind, coalesce(a.name, n.area) as name, n.count
    from call_count n left join area a on a.path = n.area where n.call = ${call}
      and exists (select 1 from unnest(${[...scope.areas]}::text[]) g(area) where g.area = '' or n.area = g.area or starts_with(n.area, g.area || '/'))
    order by length(n.area), n.area`.execute(db);
  return rows;
}
