import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import { sql } from 'kysely';
import { systemClock } from '../../cloud/clock.ts';
import { openRegistryDesk } from '../../cloud/open-registry.ts';
import { seededChance } from '../../cloud/random.ts';
import type { Database } from '../../cloud/records/database.ts';
import { createIngest } from '../../cloud/records/ingest.ts';
import { settleStreet, writeStreet } from '../../cloud/records/seed.ts';
import { seedStreet } from '../../cloud/registry/seed/seed.ts';
import { type SeedSize, wholeStreet } from '../../cloud/registry/seed/tree.ts';
import { createRules, readPlans } from '../../cloud/response-rules.ts';
import { LogWriter } from '../cloud/records/workshop.ts';

const hour = 3_600_000;

export interface StreetSize extends SeedSize {
  /** Of each gateway, over a month. */
  readonly alarmsEach: number;
  /** Readings of one device of each gateway, one a minute up to now. */
  readonly framesEach: number;
}

export const wholeStreetLife: StreetSize = { ...wholeStreet, alarmsEach: 30, framesEach: 2_000 };

/** The seed community with a past: 1,200 alarms of a month in as many incidents, of which some sixty are open, and 80,000 readings. */
export async function makeStreet(database: Database, keyFile: string, size: StreetSize = wholeStreetLife): Promise<void> {
  const { grids: gateways, alarmsEach, framesEach } = size;
  const { db } = database;
  const desk = await openRegistryDesk({ database, clock: systemClock, keyFile });
  const at = systemClock.now();
  const street = seedStreet({ chance: seededChance(1), sealer: desk.sealer, street: 'heping', size, at });
  await writeStreet(db, street, at);
  await settleStreet(db);
  const rules = createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' });
  const ingest = createIngest(database, rules);
  for (let nth = 1; nth <= gateways; nth += 1) {
    const log = new LogWriter(`e${nth}`);
    const begun = at - 30 * 24 * hour;
    const records = Array.from({ length: alarmsEach }, (_, alarm): LogRecord => {
      const when = begun + Math.floor((alarm * 30 * 24 * hour) / alarmsEach);
      return {
        kind: 'alarm',
        device: `seed-${nth}-${alarm + 1}`,
        profile: 'heiman.hs1sa-e',
        at: when,
        events: [],
        transitions: [raised(when)],
      };
    });
    for (const record of records) await ingest.commit(`gw-seed-${nth}`, [log.batch('alarm', record)], record.at + 300);
    const frames = Array.from({ length: framesEach }, (_, frame): LogRecord => {
      const when = at - (framesEach - frame) * 60_000;
      const readings = [{ point: 'battery', value: frame % 100, quality: 'good' as const, at: when }];
      return { kind: 'readings', device: `seed-${nth}-1`, profile: 'heiman.hs1sa-e', at: when, readings };
    });
    await ingest.commit(`gw-seed-${nth}`, [log.batch('telemetry', ...frames)], at);
    await ingest.seen(`gw-seed-${nth}`, at);
  }
  // All but the newest of each gateway are over, as they are after a month.
  const over = at - 36 * hour;
  await sql`update alarm set active = false, cleared_at = last_at, ack = jsonb_build_object('by', 'u', 'byName', '王芳', 'at', last_at),
    disposition = case when random() < 0.3 then 'false' else 'real' end where raised_at < ${over}`.execute(db);
  await sql`update incident set state = 'closed', disposition = 'real' where opened_at < ${over}`.execute(db);
  await sql`delete from due where kind = 'escalation'`.execute(db);
  await sql`analyze`.execute(db);
}

function raised(at: number): Transition {
  return {
    alarm: 'smoke',
    kind: 'raised',
    episode: 1,
    severity: 'critical',
    hazard: 'fire',
    latch: 'none',
    name: { zh: '烟雾报警', en: 'smoke' },
    reason: { code: 'state-entered', value: true },
    at,
  };
}
