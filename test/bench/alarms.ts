import { mkdtempSync, rmSync } from 'node:fs';
import { sql } from 'kysely';
import type { LogRecord, SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Hazard, Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { systemClock } from '../../cloud/clock.ts';
import { type Database, openMigratedDatabase } from '../../cloud/records/database.ts';
import { startEmbeddedPostgres } from '../../cloud/records/embedded.ts';
import { createIngest } from '../../cloud/records/ingest.ts';
import { openRecords } from '../../cloud/records/open-records.ts';
import { createSweeper } from '../../cloud/records/sweeper.ts';
import { StreamBell } from '../../cloud/records/wake.ts';
import { createRules, readPlans } from '../../cloud/response-rules.ts';
import { LogWriter } from '../cloud/records/workshop.ts';
import type { Bench, Row } from './run.ts';

const second = 1000;
const seconds = Number(process.env['SECONDS_LONG'] ?? 60);
const perSecond = 1000;
const together = 200;
const devices = 3000;

const kinds: readonly { hazard: Hazard; severity: Severity }[] = [
  { hazard: 'water', severity: 'major' },
  { hazard: 'equipment', severity: 'minor' },
  { hazard: 'security', severity: 'minor' },
  { hazard: 'environment', severity: 'warning' },
];

/** 1,000 transitions a second for a minute, as gateways hand them over; the sweep and a dispatcher's stream run beside. */
export const alarms: Bench = {
  name: 'alarms',
  title: `${perSecond} alarm transitions/s for ${seconds} s, ${devices} devices of one community, embedded database`,
  async run() {
    const folder = mkdtempSync('/tmp/yihu-bench-alarms-');
    const quiet = { info: () => undefined, warn: () => undefined };
    const server = await startEmbeddedPostgres({ folder: `${folder}/postgres`, log: quiet, clock: systemClock });
    const database = await openMigratedDatabase(server.connection);
    try {
      return await measure(database);
    } finally {
      await database.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function deviceOf(nth: number): SiteDevice {
  const place = { building: String((nth % 40) + 1), unit: String((nth % 3) + 1), room: String(101 + Math.floor(nth / 40)) };
  return { id: `d-${nth}`, profile: 'bench.sensor', name: { zh: '传感器' }, place };
}

/** The nth transition of all: every device is raised, cleared, raised again. */
function recordOf(nth: number, at: number): LogRecord {
  const device = nth % devices;
  const round = Math.floor(nth / devices);
  const kind = round % 2 === 0 ? 'raised' : 'cleared';
  const { hazard, severity } = kinds[device % kinds.length] ?? { hazard: 'water' as const, severity: 'major' as const };
  const reason = { code: kind === 'raised' ? ('state-entered' as const) : ('state-left' as const) };
  const name = { zh: '告警' };
  const episode = Math.floor(round / 2) + 1;
  const transition = { alarm: 'a', kind, episode, severity, hazard, latch: 'none', name, reason, at } as const;
  return { kind: 'alarm', device: `d-${device}`, profile: 'bench.sensor', at, events: [], transitions: [transition] };
}

async function measure(database: Database): Promise<Row[]> {
  const rules = createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' });
  const desk = { database, rules, clock: systemClock };
  const bell = new StreamBell(database.connection, systemClock);
  const records = openRecords(desk, bell);
  const ingest = createIngest(database, rules);
  await records.putArea({ path: 'xf', parent: null, kind: 'street', name: '幸福街道' });
  await records.putArea({ path: 'xf/xfl', parent: 'xf', kind: 'community', name: '幸福里' });
  await records.putGateway({ id: 'gw-1', name: { zh: '一号网关' }, area: 'xf/xfl' });
  const log = new LogWriter('bench');
  const inventory = Array.from({ length: devices }, (_each, nth) => deviceOf(nth));
  await ingest.seen('gw-1', Date.now());
  await ingest.commit('gw-1', [log.batch('alarm', { kind: 'site', at: Date.now(), hash: 'b', devices: inventory })], Date.now());
  const beside = watch(desk, records);
  const commits: number[] = [];
  const began = performance.now();
  const total = perSecond * seconds;
  let late = 0;
  for (let sent = 0; sent < total; sent += together) {
    const due = began + (sent / perSecond) * second;
    const wait = due - performance.now();
    if (wait > 0) await systemClock.sleep(wait);
    late = Math.max(late, -wait);
    const at = Date.now();
    const batch = log.batch('alarm', ...Array.from({ length: together }, (_each, nth) => recordOf(sent + nth, at)));
    const before = performance.now();
    await ingest.commit('gw-1', [batch], at);
    commits.push(performance.now() - before);
  }
  const took = (performance.now() - began) / second;
  await systemClock.sleep(3 * second);
  const seen = await beside();
  await bell.close();
  return [...(await lost(database, total)), ...figures(commits, total / took, late, seen)];
}

interface Seen {
  readonly groups: number;
  readonly single: number;
  readonly floods: number;
  readonly rss: number;
  readonly sweepLate: number;
}

/** The sweep every second and a dispatcher who reads the stream, until asked what they saw. */
function watch(desk: Parameters<typeof createSweeper>[0], records: ReturnType<typeof openRecords>): () => Promise<Seen> {
  const sweeper = createSweeper(desk, 'bench');
  const seen = { groups: 0, single: 0, floods: 0, rss: 0, sweepLate: 0 };
  const end = new AbortController();
  const sweeping = (async () => {
    while (!end.signal.aborted) {
      const now = Date.now();
      for (const { due } of await sweeper.run(now)) seen.sweepLate = Math.max(seen.sweepLate, now - due.dueAt);
      seen.rss = Math.max(seen.rss, process.memoryUsage().rss);
      await systemClock.sleep(second);
    }
  })();
  const reading = (async () => {
    let from = await records.latestStreamId();
    while (!end.signal.aborted) {
      const page = await records.streamAfter({ areas: ['xf'] }, from, 1000);
      for (const { event } of page.events) {
        if (event.type === 'alarm') seen.single += 1;
        if (event.type !== 'flood') continue;
        seen.floods += 1;
        seen.groups = Math.max(seen.groups, event.flood.groups.length);
      }
      from = page.last;
      await systemClock.sleep(200);
    }
  })();
  return async () => {
    end.abort();
    await Promise.all([sweeping, reading]);
    return seen;
  };
}

/** What came in against what stands in the tables: raises counted by occurrences, and who is active now. */
async function lost(database: Database, total: number): Promise<Row[]> {
  const { rows } = await sql<{ raises: number; active: number }>`select sum(occurrences)::int as raises,
    count(*) filter (where active)::int as active from alarm where alarm = 'a'`.execute(database.db);
  const rounds = Array.from({ length: devices }, (_each, device) => Math.ceil((total - device) / devices));
  const raises = rounds.reduce((sum, times) => sum + Math.ceil(times / 2), 0);
  const active = rounds.filter((times) => times % 2 === 1).length;
  const found = rows[0] ?? { raises: 0, active: 0 };
  return [
    { what: 'raises sent and not found', value: raises - found.raises, unit: '', aim: '0' },
    { what: 'devices whose state is not the last one sent', value: Math.abs(active - found.active), unit: '', aim: '0' },
  ];
}

function figures(commits: readonly number[], rate: number, late: number, seen: Seen): Row[] {
  const sorted = commits.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return [
    { what: 'transitions taken in', value: rate, unit: '/s', aim: `${perSecond}` },
    { what: `commit of ${together}, p50`, value: at(0.5), unit: 'ms' },
    { what: `commit of ${together}, p99`, value: at(0.99), unit: 'ms' },
    { what: 'furthest behind', value: late, unit: 'ms' },
    { what: 'groups on the stream at once', value: seen.groups, unit: '', aim: '≤ 20' },
    { what: 'flood events on the stream', value: seen.floods, unit: '' },
    { what: 'alarms one by one on the stream', value: seen.single, unit: '' },
    { what: 'latest due step', value: seen.sweepLate, unit: 'ms', aim: '≤ 5,000' },
    { what: 'memory of the process', value: seen.rss / 1024 / 1024, unit: 'MB', aim: '≤ 512' },
  ];
}
