import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Entry, Lane, LogRecord, SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import type { Ingest, ReceivedBatch } from '../../../cloud/accept/ingest.ts';
import { type Database, openDatabase, openMigratedDatabase } from '../../../cloud/records/database.ts';
import { createIngest } from '../../../cloud/records/ingest.ts';
import type { Rules } from '../../../cloud/records/rules.ts';
import { createRules, readPlans } from '../../../cloud/response-rules.ts';
import { makeDatabase, type Server } from './servers.ts';

export const t0 = Date.UTC(2026, 10, 23, 2, 0, 0);
export const community = 'xingfu/xfl';

/** A server with a migrated template; a fresh database for each test is a copy of it. */
export interface Workshop {
  fresh(): Promise<Bench>;
  stop(): Promise<void>;
}

export interface Bench {
  readonly database: Database;
  readonly rules: Rules;
  readonly ingest: Ingest;
  readonly close: () => Promise<void>;
}

export async function openWorkshop(
  start: () => Promise<Server>,
  profiles: ReadonlyMap<string, Profile> = new Map(),
): Promise<Workshop> {
  const server = await start();
  const template = await makeDatabase(server.connection, server.template);
  const seeded = await openMigratedDatabase(template.connection);
  await seed(seeded);
  await seeded.close();
  const rules = createRules({ plans: await readPlans(), profiles, timeZone: 'Asia/Shanghai' });
  return {
    stop: async () => {
      await template.drop();
      await server.stop();
    },
    fresh: async () => {
      const own = await makeDatabase(server.connection, template.connection.database);
      const database = openDatabase(own.connection);
      const close = async (): Promise<void> => {
        await database.close();
        await own.drop();
      };
      return { database, rules, ingest: createIngest(database, rules), close };
    },
  };
}

async function seed({ db }: Database): Promise<void> {
  const areas = [
    { path: 'xingfu', parent: null, kind: 'street', name: '幸福街道' },
    { path: community, parent: 'xingfu', kind: 'community', name: '幸福里' },
    { path: 'xingfu/dhy', parent: 'xingfu', kind: 'community', name: '大华苑' },
  ];
  await db.insertInto('area').values(areas).execute();
  const gateways = [
    { id: 'gw-1', area: community, name: JSON.stringify({ zh: '一号网关', en: 'Gateway 1' }), last_seen: null, epoch: null },
    { id: 'gw-2', area: 'xingfu/dhy', name: JSON.stringify({ zh: '二号网关' }), last_seen: null, epoch: null },
  ];
  await db.insertInto('gateway').values(gateways).execute();
}

/** Writes a gateway's log and hands it over batch by batch, as the uplink would. */
export class LogWriter {
  readonly #next: Record<Lane, number> = { alarm: 1, telemetry: 1 };
  readonly epoch: string;

  constructor(epoch = 'e1') {
    this.epoch = epoch;
  }

  batch(lane: Lane, ...records: readonly LogRecord[]): ReceivedBatch {
    const first = this.#next[lane];
    const entries: Entry[] = records.map((record) => {
      const seq = this.#next[lane];
      const through = record.kind === 'gap' ? seq + record.count - 1 : seq;
      this.#next[lane] = through + 1;
      return { seq, through, record };
    });
    return { header: { schema: 'yihu-uplink/1', epoch: this.epoch, lane, first, last: this.#next[lane] - 1 }, entries };
  }
}

export const smoke502: SiteDevice = {
  id: 'smoke-502',
  profile: 'test.smoke',
  name: { zh: '厨房烟感', en: 'Kitchen smoke' },
  place: { building: '3', unit: '2', room: '502' },
};
export const leak502: SiteDevice = { ...smoke502, id: 'leak-502', profile: 'test.leak', name: { zh: '厨房水浸' } };
export const meter101: SiteDevice = {
  id: 'meter-101',
  profile: 'test.meter',
  name: { zh: '电表' },
  place: { building: '3', unit: '1', room: '101' },
};

export function site(at: number, ...devices: readonly SiteDevice[]): LogRecord {
  return { kind: 'site', at, hash: String(devices.length), devices: [...devices] };
}

export function transition(kind: Transition['kind'], episode: number, at: number, more: Partial<Transition> = {}): Transition {
  return {
    alarm: 'smoke',
    kind,
    episode,
    severity: 'critical',
    hazard: 'fire',
    latch: 'none',
    name: { zh: '烟雾报警', en: 'smoke' },
    reason: { code: kind === 'cleared' ? 'state-left' : 'state-entered', value: kind !== 'cleared' },
    at,
    ...more,
  };
}

export function alarmRecord(device: SiteDevice, at: number, ...transitions: readonly Transition[]): LogRecord {
  return { kind: 'alarm', device: device.id, profile: device.profile, at, events: [], transitions: [...transitions] };
}

export function readings(device: SiteDevice, at: number, values: Record<string, number>): LogRecord {
  return {
    kind: 'readings',
    device: device.id,
    profile: device.profile,
    at,
    readings: Object.entries(values).map(([point, value]) => ({ point, value, quality: 'good', at })),
  };
}
