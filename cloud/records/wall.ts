import { type Kysely, sql } from 'kysely';
import type { CallAreaCount } from '@yihu/device-profiles/vocabulary/call.ts';
import type { Responder } from '@yihu/device-profiles/vocabulary/view.ts';
import type { WallCall, WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import type { Desk } from './commands.ts';
import { selectFloods } from './flood.ts';
import { selectGateways } from './gateway-rows.ts';
import { selectSummaries } from './incident-rows.ts';
import { alarmsPerHour, areaCounts, atOneMoment, deviceCounts } from './overview.ts';
import type { Scope } from './records.ts';
import { responders } from './responders.ts';
import { within } from './scope.ts';
import { latestStreamId } from './stream.ts';
import type { Tables } from './tables.ts';

const tenMinutesMs = 600_000;
/** A wall has room for so many calls that still count answers. */
const callsShown = 2;
const liveCalls = ['sending', 'sent'];

/** 大屏: all that a wall shows, of one moment. Names in it are whole; whoever hands it out masks them. */
export function wall(desk: Desk, scope: Scope): Promise<WallView> {
  return atOneMoment(desk, async (trx) => {
    const at = desk.clock.now();
    const people = await responders(trx, scope);
    return {
      stream: await latestStreamId(trx),
      at,
      incidents: await selectSummaries(trx, sql`i.open and ${within('i.area', scope)}`),
      areas: await areaCounts(trx, scope),
      gateways: await selectGateways(trx, within('g.area', scope)),
      devices: await deviceCounts(trx, scope),
      alarmsPerHour: await alarmsPerHour(trx, scope, at),
      alarmsTenMinutes: await raisedSince(trx, scope, at - tenMinutesMs),
      dispatchersOnDuty: people.filter(({ role, onDuty }) => onDuty && role === 'dispatcher').length,
      people: tallyOf(people),
      lastClosedAt: await lastClosed(trx, scope),
      calls: await callsNow(trx, scope),
      floods: await selectFloods(trx, sql`f.ended_at is null and ${within('f.area', scope)}`),
    };
  });
}

const underWay: ReadonlySet<string | null> = new Set(['offered', 'accepted', 'en-route']);

function tallyOf(people: readonly Responder[]): WallView['people'] {
  return {
    onDuty: people.filter(({ onDuty }) => onDuty).length,
    underWay: people.filter(({ legState }) => underWay.has(legState)).length,
    onScene: people.filter(({ legState }) => legState === 'on-scene').length,
  };
}

async function raisedSince(trx: Kysely<Tables>, scope: Scope, since: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from alarm a
    where a.raised_at >= ${since} and ${within('a.area', scope)}`.execute(trx);
  return rows[0]?.n ?? 0;
}

async function lastClosed(trx: Kysely<Tables>, scope: Scope): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`select max(i.updated_at) as at from incident i
    where not i.open and ${within('i.area', scope)}`.execute(trx);
  return rows[0]?.at ?? null;
}

async function callsNow(trx: Kysely<Tables>, scope: Scope): Promise<WallCall[]> {
  const { rows } = await sql<Omit<WallCall, 'grids'>>`select c.id, c.number, c.kind, c.title, c.begun_at as "begunAt", c.count,
      coalesce(a.name, c.area) as "areaName"
    from call c left join area a on a.path = c.area
    where c.state = any(${liveCalls}) and ${within('c.area', scope)} order by c.begun_at desc, c.id limit ${callsShown}`.execute(
    trx,
  );
  return Promise.all(rows.map(async (call) => ({ ...call, grids: await gridsOf(trx, call.id, scope) })));
}

async function gridsOf(trx: Kysely<Tables>, call: string, scope: Scope): Promise<CallAreaCount[]> {
  const { rows } = await sql<CallAreaCount>`select n.area, n.kind, coalesce(a.name, n.area) as name, n.count
    from call_count n left join area a on a.path = n.area
    where n.call = ${call} and n.kind = 'grid' and ${within('n.area', scope)} order by n.area`.execute(trx);
  return rows;
}
