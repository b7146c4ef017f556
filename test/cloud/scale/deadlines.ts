import { sql } from 'kysely';
import { systemClock } from '../../../cloud/clock.ts';
import type { Database } from '../../../cloud/records/database.ts';
import { createIngest } from '../../../cloud/records/ingest.ts';
import { putArea, putGateway } from '../../../cloud/records/registry.ts';
import { createRules, readPlans } from '../../../cloud/response-rules.ts';
import { alarmRecord, LogWriter, site, smoke502, transition } from '../records/workshop.ts';

/** Incidents whose chains of three steps each wait for their times; the steps are brought forward, the chain is as it is. */
export async function makeChains(database: Database, incidents: number): Promise<void> {
  const { db } = database;
  await putArea(db, { path: 'xingfu', parent: null, kind: 'street', name: '幸福街道' });
  await putArea(db, { path: 'xingfu/xfl', parent: 'xingfu', kind: 'community', name: '幸福里' });
  await putGateway(db, { id: 'gw-1', name: { zh: '一号网关' }, area: 'xingfu/xfl' });
  const ingest = createIngest(
    database,
    createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' }),
  );
  const log = new LogWriter();
  const at = systemClock.now();
  const devices = Array.from({ length: incidents }, (_, nth) => ({
    ...smoke502,
    id: `smoke-${nth}`,
    place: { building: '1', unit: '1', room: String(101 + nth) },
  }));
  const raised = devices.map((device) => alarmRecord(device, at, transition('raised', 1, at)));
  await ingest.commit('gw-1', [log.batch('alarm', site(at, ...devices), ...raised)], at);
  // Nobody is waited for before it begins.
  await sql`update due set due_at = ${at + 3_600_000} where kind = 'escalation'`.execute(db);
}

/** Spreads every step over `overMs` from `from`, each chain in its own order. */
export async function spreadSteps(database: Database, from: number, overMs: number): Promise<void> {
  await sql`update due set due_at = ${from}::bigint + ((step - 1) * ${Math.floor(overMs / 3)}) + (id * 7919) % ${Math.floor(overMs / 3)}
    where kind = 'escalation' and not (data ? 'again')`.execute(database.db);
}

/** When each step was due, by incident and step. */
export async function dueTimes(database: Database): Promise<Map<string, number>> {
  const { rows } = await sql<{ key: string; at: number }>`select subject || ' ' || step as key, due_at as at from due
    where kind = 'escalation' and not (data ? 'again')`.execute(database.db);
  return new Map(rows.map(({ key, at }) => [key, at]));
}

/** How late each step could be seen by anybody else, ms; looked at every 50 ms until all are done. Steps seen twice are counted. */
export async function watchSteps(
  database: Database,
  due: ReadonlyMap<string, number>,
  untilMono: number,
): Promise<{ late: number[]; doubled: number }> {
  const seen = new Map<string, number>();
  let doubled = 0;
  while (seen.size < due.size && systemClock.mono() < untilMono) {
    const { rows } = await sql<{
      key: string;
      times: number;
    }>`select incident || ' ' || (data::jsonb ->> 'step') as key, count(*)::int as times
      from timeline where kind = 'escalation' group by 1`.execute(database.db);
    const now = systemClock.now();
    doubled = rows.filter(({ times }) => times > 1).length;
    for (const { key } of rows) if (due.has(key) && !seen.has(key)) seen.set(key, now - (due.get(key) ?? now));
    await systemClock.sleep(50);
  }
  return { late: [...seen.values()].sort((a, b) => a - b), doubled };
}

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
