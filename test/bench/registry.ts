import { mkdtempSync, rmSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { sql } from 'kysely';
import { systemClock } from '../../cloud/clock.ts';
import { openRegistryDesk } from '../../cloud/open-registry.ts';
import { seededChance } from '../../cloud/random.ts';
import { areaRecords } from '../../cloud/records/areas.ts';
import { type Database, openMigratedDatabase } from '../../cloud/records/database.ts';
import { startEmbeddedPostgres } from '../../cloud/records/embedded.ts';
import { openRecords } from '../../cloud/records/open-records.ts';
import { settleStreet, writeStreet } from '../../cloud/records/seed.ts';
import { StreamBell } from '../../cloud/records/wake.ts';
import { createRegistry, type Registry } from '../../cloud/registry/registry.ts';
import type { Reader } from '../../cloud/registry/reader.ts';
import { fullName, surname } from '../../cloud/registry/seed/names.ts';
import { phoneOf } from '../../cloud/registry/seed/household.ts';
import { picker } from '../../cloud/registry/seed/pick.ts';
import { seedStreet } from '../../cloud/registry/seed/seed.ts';
import { wholeStreet } from '../../cloud/registry/seed/tree.ts';
import { createRules, readPlans } from '../../cloud/response-rules.ts';
import type { Bench, Row } from './run.ts';

const rounds = 60;
const aim = 'p95 ≤ 100 ms';

/** The questions of the registry's screens on a whole street: 12,000 households, 30,000 people, 3,000 devices. */
export const registry: Bench = {
  name: 'registry',
  title: 'The registry on a seeded street (12,000 households, 30,000 people)',
  async run() {
    const folder = mkdtempSync('/tmp/yihu-bench-registry-');
    const quiet = { info: () => undefined, warn: () => undefined };
    const server = await startEmbeddedPostgres({ folder: `${folder}/postgres`, log: quiet, clock: systemClock });
    const database = await openMigratedDatabase(server.connection);
    try {
      return await measure(database, `${folder}/people.key`);
    } finally {
      await database.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(database: Database, keyFile: string): Promise<Row[]> {
  const desk = await openRegistryDesk({ database, clock: systemClock, keyFile });
  const at = Date.now();
  const began = performance.now();
  const street = seedStreet({ chance: seededChance(1), sealer: desk.sealer, street: 'heping', size: wholeStreet, at });
  await writeStreet(database.db, street, at);
  await settleStreet(database.db);
  const seconds = (performance.now() - began) / 1000;
  const rows: Row[] = [{ what: 'seed: a whole street', value: seconds, unit: 's', aim: '< 120 s' }];
  const asked = createRegistry(desk);
  const questions = await questionsOf(database, asked);
  for (const [what, ask] of questions) rows.push(...(await timed(what, ask)));
  return [...rows, ...(await importRows(asked))];
}

const tableRows = 30_000;

/** A table of 30,000 people who are new, tried out and taken in; and how much memory that took at its worst. */
async function importRows({ imports }: Registry): Promise<Row[]> {
  const pick = picker(seededChance(11));
  const lines = Array.from({ length: tableRows }, (_, nth) => {
    const house = `${(nth % 20) + 1}-${(nth % 3) + 1}-${(nth % 17) + 1}0${(nth % 2) + 1}`;
    return `${fullName(pick, 'f', surname(pick))}${nth % 10},${phoneOf(60_000_000 + nth)},${house},1980-01-0${(nth % 9) + 1}`;
  });
  const file = Buffer.from(['姓名,电话,房屋,出生日期', ...lines].join('\n'));
  const reader: Reader = { id: 'u-import', grants: [{ area: 'heping', role: 'property' }], scope: { areas: ['heping'] } };
  const before = process.memoryUsage().rss;
  const watch = { most: before };
  const timer = setInterval(() => (watch.most = Math.max(watch.most, process.memoryUsage().rss)), 50);
  const lag = monitorEventLoopDelay({ resolution: 5 });
  lag.enable();
  const step = async <T>(what: string, run: () => Promise<T>): Promise<[Row, T]> => {
    const began = performance.now();
    const done = await run();
    return [{ what, value: (performance.now() - began) / 1000, unit: 's' }, done];
  };
  const [read, staged] = await step('import of 30,000 rows: read and seal', () => imports.stage(reader, 'heping/xfl', file));
  if (!staged.ok) throw new Error(JSON.stringify(staged));
  const plan = {
    mapping: { name: 0, phone: 1, house: 2, birth: 3 },
    source: 'property',
    basis: 'duty',
    role: 'owner',
    makeHouses: true,
  } as const;
  const [trial, checked] = await step('import: trial', () => imports.check(reader, staged.value.id, plan));
  const [taken] = await step('import: taken in', () => imports.run(reader, staged.value.id, true));
  const [undone] = await step('import: taken back', () => imports.undo(reader, staged.value.id));
  clearInterval(timer);
  if (!checked.ok) throw new Error(JSON.stringify(checked));
  const made = checked.value.counts?.create ?? 0;
  return [
    read,
    trial,
    taken,
    undone,
    { what: 'import: people made', value: made, unit: '' },
    { what: 'import: memory above what was there', value: (watch.most - before) / 1024 / 1024, unit: 'MB' },
    { what: 'import: event loop held, p99', value: lag.percentile(99) / 1e6, unit: 'ms' },
  ];
}

async function timed(what: string, ask: (nth: number) => Promise<unknown>): Promise<Row[]> {
  for (let nth = 0; nth < 5; nth += 1) await ask(nth);
  const times: number[] = [];
  for (let nth = 0; nth < rounds; nth += 1) {
    const began = performance.now();
    await ask(nth);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return [{ what: `${what} (p50 ${at(0.5).toFixed(1)} ms)`, value: at(0.95), unit: 'ms p95', aim }];
}

async function questionsOf(
  database: Database,
  { people, houses, reveals, merges }: Registry,
): Promise<[string, (nth: number) => Promise<unknown>][]> {
  const { db } = database;
  const pick = picker(seededChance(7));
  const reader = (role: Reader['grants'][number]['role'], area: string): Reader => ({
    id: `u-${role}`,
    grants: [{ area, role }],
    scope: { areas: [area] },
  });
  const boss = reader('property', 'heping');
  const worker = reader('grid-worker', 'heping/xfl/g1');
  const areas = areaRecords(db, systemClock);
  const rules = createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' });
  const records = openRecords({ database, rules, clock: systemClock }, new StreamBell(database.connection, systemClock));
  const rooms = (
    await sql<{
      path: string;
    }>`select path from area where kind = 'room' and path like 'heping/xfl/g1/%' order by path limit 200`.execute(db)
  ).rows;
  const ids = (await sql<{ id: string }>`select id from person order by md5(id) limit 200`.execute(db)).rows;
  const room = (nth: number) => rooms[nth % rooms.length]?.path ?? '';
  const incident = 'inc-bench';
  await sql`insert into incident (id, number, group_key, title, hazard, severity, state, area, place, opened_at, edge_at, updated_at, last_alarm_at, version)
    values (${incident}, 'b', 'b', '{"zh":"火警"}', 'fire', 'critical', 'open', ${room(0)}, '', 0, 0, 0, 0, 1)`.execute(db);
  const search =
    (typed: () => string, who = boss) =>
    () =>
      houses.search(who, typed(), undefined);
  return [
    ['search: a whole name', search(() => fullName(pick, 'm', surname(pick)))],
    ['search: pinyin initials', search(() => pick.one(['wjg', 'lw', 'zf', 'cjj', 'hm']))],
    ['search: initials, a grid’s worker', search(() => pick.one(['wjg', 'lw', 'zf']), worker)],
    ['search: a telephone', search(() => phoneOf(pick.between(0, 29_999)))],
    [
      'search: community and house',
      search(() => `xfl ${pick.between(1, 20)}-${pick.between(1, 3)}-${pick.between(1, 17)}0${pick.between(1, 2)}`),
    ],
    ['search: a flat’s number alone', search(() => `${pick.between(1, 17)}0${pick.between(1, 2)}`)],
    ['search: a shop', search(() => '便利店')],
    ['person: everything of one', (nth) => people.detail(boss, ids[nth % ids.length]?.id ?? '')],
    ['house: everything that hangs on it', (nth) => houses.room(boss, room(nth))],
    ['people of the street, first page', () => people.list(boss, { current: true, limit: 50 })],
    ['people of a grid, first page', () => people.list(worker, { area: 'heping/xfl/g1', current: true, limit: 50 })],
    ['people with a tag, the street', () => people.list(boss, { tag: 'electrician', current: true, limit: 50 })],
    ['people at risk of a grid', () => reveals.atRisk(worker, 'heping/xfl/g1', undefined)],
    ['people an incident reaches', () => reveals.incidentPeople(reader('dispatcher', 'heping'), incident)],
    ['houses of a grid, first page', () => houses.listRooms(boss, { area: 'heping/xfl/g1', limit: 50 })],
    ['doubles of the street', () => merges.pairs(boss, undefined)],
    ['tree: the street', () => areas.page(boss.scope, 'heping')],
    ['tree: a community', () => areas.page(boss.scope, 'heping/xfl')],
    ['tree: a grid', () => areas.page(boss.scope, 'heping/xfl/g1')],
    ['coverage of a community', () => areas.community(boss.scope, 'heping/xfl')],
    ['notice of a grid', () => areas.notice(boss.scope, 'heping/xfl/g1', Date.now())],
    ['overview (every area counted)', () => records.overview(boss.scope)],
    ['devices, first page', () => records.listDevices(boss.scope, { limit: 50 })],
  ];
}
