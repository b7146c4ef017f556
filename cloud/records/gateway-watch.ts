import { type Kysely, sql } from 'kysely';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import { selectGateways } from './gateway-rows.ts';
import { derivedId } from './derived-id.ts';
import { lockResponse, ResponseWork } from './response-work.ts';
import { inTransaction } from './retry.ts';
import type { Rules } from './rules.ts';
import type { Tables } from './tables.ts';

interface WatchedGateway {
  readonly id: string;
  readonly area: string;
  readonly name: Text;
  readonly state: string;
  readonly lastSeen: number | null;
  readonly areaName: string;
  readonly deviceCount: number;
}

const alarmId = 'gateway-offline';
/** The cloud raises this alarm itself; it stands where an epoch of the gateway's log would. */
const epoch = 'cloud';

async function readGateway(trx: Kysely<Tables>, id: string): Promise<WatchedGateway | null> {
  const { rows } =
    await sql<WatchedGateway>`select g.id, g.area, g.name, g.state, g.last_seen as "lastSeen", coalesce(area.name, g.area) as "areaName",
      (select count(*)::int from device d where d.gateway = g.id and d.removed_at is null) as "deviceCount"
    from gateway g left join area on area.path = g.area where g.id = ${id}`.execute(trx);
  return rows[0] ?? null;
}

/**
 * Gateways silent since before `silentBefore` go offline: one alarm each, with the number of devices nobody can speak for
 * now (rule 5). Compare-and-set on the last-seen time: a beat that comes in between wins (rule 6). Returns their ids.
 */
export async function watchGateways(db: Kysely<Tables>, rules: Rules, silentBefore: number, now: number): Promise<string[]> {
  const { rows } = await sql<{ id: string; lastSeen: number }>`select id, last_seen as "lastSeen" from gateway
    where state = 'online' and last_seen < ${silentBefore} order by id`.execute(db);
  const lost: string[] = [];
  for (const row of rows) {
    if (await inTransaction(db, (trx) => loseGateway(trx, rules, row.id, row.lastSeen, now))) lost.push(row.id);
  }
  return lost;
}

async function loseGateway(trx: Kysely<Tables>, rules: Rules, id: string, lastSeen: number, now: number): Promise<boolean> {
  await lockResponse(trx);
  const set =
    await sql`update gateway set state = 'offline' where id = ${id} and state = 'online' and last_seen = ${lastSeen}`.execute(
      trx,
    );
  if (Number(set.numAffectedRows) === 0) return false;
  const gateway = await readGateway(trx, id);
  if (gateway) await report(trx, rules, gateway, 'raised', lastSeen, now);
  return true;
}

/** The first sign of life of a gateway that was offline or never seen; the alarm clears by itself. */
export async function gatewayReturned(trx: Kysely<Tables>, rules: Rules, id: string, at: number): Promise<void> {
  await lockResponse(trx);
  const gateway = await readGateway(trx, id);
  if (!gateway || gateway.state === 'revoked') throw new Error(`gateway ${id} is ${gateway ? 'revoked' : 'not registered'}`);
  await sql`update gateway set last_seen = greatest(last_seen, ${at}), state = 'online' where id = ${id}`.execute(trx);
  await report(trx, rules, gateway, 'cleared', at, at);
}

async function report(
  trx: Kysely<Tables>,
  rules: Rules,
  gateway: WatchedGateway,
  kind: 'raised' | 'cleared',
  at: number,
  now: number,
): Promise<void> {
  const work = new ResponseWork(trx, rules, now);
  await work.loadOpen(gateway.id, [gateway.id]);
  const open = work.openAlarm(gateway.id, gateway.id, alarmId);
  const result = rules.alarm.applyTransition(
    open?.alarm ?? null,
    transition(kind, (open?.alarm.episode ?? 0) + (kind === 'raised' ? 1 : 0), at),
    {
      id: derivedId('alm', gateway.id, epoch, at),
      gateway: gateway.id,
      device: gateway.id,
      deviceName: gateway.name,
      area: gateway.area,
      receivedAt: now,
      newEpoch: false,
    },
  );
  const scene = { place: `${gateway.areaName} ${gateway.name.zh}`, childCount: gateway.deviceCount };
  const alarm = result.alarm && { ...result.alarm, children: gateway.deviceCount };
  if (alarm && result.effects.length > 0) await work.follow(alarm, epoch, result.effects, { scene });
  const views = await selectGateways(trx, sql`g.id = ${gateway.id}`);
  await work.flush(views.map((view) => ({ area: gateway.area, event: { type: 'gateway', at: now, gateway: view } })));
}

function transition(kind: 'raised' | 'cleared', episode: number, at: number): Transition {
  return {
    alarm: alarmId,
    kind,
    episode: Math.max(episode, 1),
    severity: 'major',
    hazard: 'communication',
    latch: 'none',
    name: { zh: '网关失联', en: 'gateway offline' },
    reason: { code: kind === 'raised' ? 'silent' : 'heard-again' },
    at,
  };
}
