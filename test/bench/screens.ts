import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import type { Role } from '@yihu/device-profiles/vocabulary/view.ts';
import { sql } from 'kysely';
import { type Clock, systemClock } from '../../cloud/clock.ts';
import { createLog } from '../../cloud/log.ts';
import { type RunningCloud, startCloud } from '../../cloud/main.ts';
import { type Database, openMigratedDatabase } from '../../cloud/records/database.ts';
import { startEmbeddedPostgres } from '../../cloud/records/embedded.ts';
import { makeDatabase, ownServer } from '../cloud/records/servers.ts';
import { Browser, type Door } from '../cloud/web/world.ts';
import type { Bench, Row } from './run.ts';
import { SlowQueries } from './slow-queries.ts';
import { makeStreet } from './street-life.ts';

const times = Number(process.env['BENCH_TIMES'] ?? 50);
const aimMs = 100;
const password = 'one quiet phrase for all';
/** Every role that has a screen or an API of its own, and where it works. */
const workers: readonly (readonly [Role, string])[] = [
  ['admin', 'heping'],
  ['dispatcher', 'heping'],
  ['property', 'heping'],
  ['installer', 'heping'],
  ['grid-worker', 'heping/xfl/g1'],
  ['auditor', 'heping'],
];

/** Each GET route, as each role that has it, fifty times over HTTP on the seed community: from the request to the last byte. */
export const screens: Bench = {
  name: 'screens',
  title: 'Every screen’s questions on the seed community',
  run: async () => {
    const only = process.env['BENCH_ENGINE'];
    return [...(only === 'debian' ? [] : await onEmbedded()), ...(only === 'embedded' ? [] : await onDebian())];
  },
};

async function onEmbedded(): Promise<Row[]> {
  const folder = mkdtempSync('/tmp/yihu-bench-screens-');
  const quiet = { info: () => undefined, warn: () => undefined };
  const server = await startEmbeddedPostgres({ folder: `${folder}/postgres`, log: quiet, clock: systemClock });
  try {
    return await measure('embedded', folder, server.connection);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onDebian(): Promise<Row[]> {
  const folder = mkdtempSync('/tmp/yihu-bench-screens-');
  const server = await ownServer('debian');
  try {
    const own = await makeDatabase(server.connection);
    return await measure('PostgreSQL 15', folder, own.connection);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Parts {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly database: string;
}

async function measure(engine: string, folder: string, connection: Parts): Promise<Row[]> {
  const database = await openMigratedDatabase(connection);
  // Nobody asks as fast as this; the share of each person begins anew before it is used up.
  let shiftMs = 0;
  const clock: Clock = { ...systemClock, mono: () => systemClock.mono() + shiftMs };
  try {
    const seedBegan = systemClock.mono();
    await makeStreet(database, `${folder}/people.key`);
    const seedS = (systemClock.mono() - seedBegan) / 1000;
    const anywhere = { host: '127.0.0.1', port: 0 };
    const log = createLog('fatal', { write: () => undefined });
    const databaseUrl = `postgresql://${connection.user}:${encodeURIComponent(connection.password ?? '')}@localhost/${connection.database}?host=${encodeURIComponent(connection.host)}&port=${connection.port}`;
    const cloud = await startCloud({
      data: `${folder}/data`,
      databaseUrl,
      peopleKeyFile: `${folder}/people.key`,
      listen: anywhere,
      uplinkListen: anywhere,
      screens: null,
      log,
      clock,
    });
    try {
      const slow = new SlowQueries();
      slow.listen();
      const rows = await askAll(engine, cloud, database, () => (shiftMs += 61_000));
      slow.stop();
      const plans = await slow.explain(
        connection,
        process.env['BENCH_EXPLAIN'] === undefined ? aimMs : Number(process.env['BENCH_EXPLAIN']),
        25,
      );
      if (plans.length > 0) process.stdout.write(`${plans.join('\n\n')}\n`);
      return [{ what: `${engine}: seeded`, value: seedS, unit: 's' }, ...rows];
    } finally {
      await cloud.stop();
    }
  } finally {
    await database.close();
  }
}

async function askAll(engine: string, cloud: RunningCloud, database: Database, nextMinute: () => void): Promise<Row[]> {
  const passwords = new Map((cloud.accounts ?? []).map((account) => [account.account, account.password]));
  const door: Door = { cloud, passwords };
  const admin = await Browser.signIn(door, 'admin');
  const known = await thingsOf(database);
  const all: { what: string; p50: number; p95: number; max: number }[] = [];
  const browsers = new Map<Role, Browser>();
  for (const [role, area] of workers) {
    const account = `bench-${role}`;
    const made = await admin.call('POST', '/api/users', {
      account,
      name: role,
      phone: '13800001234',
      password,
      grants: [{ area, role }],
    });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    browsers.set(role, await Browser.signIn(door, account, password));
  }
  const second = {
    account: 'bench-second',
    name: 'x',
    phone: '13800001234',
    password,
    grants: [{ area: 'heping', role: 'dispatcher' }],
  };
  await admin.call('POST', '/api/users', second);
  known['call'] = await makeCall(database, browsers.get('dispatcher'), await Browser.signIn(door, 'bench-second', password));
  known['notice'] = await makeNotices(browsers.get('property'));
  const onlyRoles = process.env['BENCH_ROLES']?.split(',');
  for (const [role, browser] of browsers) {
    if (onlyRoles !== undefined && !onlyRoles.includes(role)) continue;
    for (const { method, url, access } of cloud.routes) {
      if (method !== 'GET' || typeof access !== 'object' || !access.roles.includes(role) || url === '/api/stream') continue;
      const address = addressOf(url, known);
      if (address === null || isPastTheirs(role, url)) continue;
      nextMinute();
      const one = await asked(browser, address);
      if (one === null) process.stdout.write(`  ${engine}: ${role} ${address} answers no 200\n`);
      else all.push({ what: `${role} ${url}`, ...one });
    }
  }
  return summary(engine, all);
}

/** What is asked of the whole community answers 404 to who has one grid of it: it is no question of their screens. */
function isPastTheirs(role: Role, url: string): boolean {
  return role === 'grid-worker' && url === '/api/areas/:path/coverage';
}

async function asked(browser: Browser, address: string): Promise<{ p50: number; p95: number; max: number } | null> {
  const took: number[] = [];
  for (let nth = -3; nth < times; nth += 1) {
    const began = performance.now();
    const response = await browser.raw('GET', address);
    await response.arrayBuffer();
    if (response.status !== 200) return null;
    if (nth >= 0) took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

function summary(engine: string, all: { what: string; p50: number; p95: number; max: number }[]): Row[] {
  all.sort((a, b) => b.p95 - a.p95);
  const slow = all.filter(({ p95 }) => p95 > aimMs);
  const shown = [...slow, ...all.filter((one) => !slow.includes(one)).slice(0, 12)];
  return [
    { what: `${engine}: questions asked (route × role)`, value: all.length, unit: `× ${times}` },
    { what: `${engine}: above ${aimMs} ms p95`, value: slow.length, unit: '', aim: '0' },
    { what: `${engine}: above ${aimMs} ms p50`, value: all.filter(({ p50 }) => p50 > aimMs).length, unit: '' },
    { what: `${engine}: machine load (1 min)`, value: loadavg()[0] ?? 0, unit: '' },
    ...shown.map(({ what, p50, p95, max }) => ({
      what: `${engine}: ${what} (p50 ${p50.toFixed(1)}, max ${max.toFixed(0)})`,
      value: p95,
      unit: 'ms p95',
      aim: `<= ${aimMs}`,
    })),
  ];
}

/** One of everything the addresses name. */
async function thingsOf({ db }: Database): Promise<Record<string, string>> {
  const one = async (query: ReturnType<typeof sql<{ id: string }>>): Promise<string> =>
    (await query.execute(db)).rows[0]?.id ?? '';
  return {
    incident: await one(sql`select id from incident where open and area like 'heping/xfl/g1/%' order by opened_at desc limit 1`),
    person: await one(sql`select person as id from person_seat where area like 'heping/xfl/g1/%' order by 1 limit 1`),
    room: await one(sql`select path as id from area where kind = 'room' and path like 'heping/xfl/g1/%' order by path limit 1`),
    organisation: await one(sql`select id from organisation where area like 'heping/xfl/g1/%' order by id limit 1`),
  };
}

/** As many as the list shows, of the whole street and of its communities. */
async function makeNotices(author: Browser | undefined): Promise<string> {
  if (!author) throw new Error('no property manager');
  const areas = (await author.call<{ path: string; kind: string }[]>('GET', '/api/areas')).body
    .filter(({ kind }) => kind === 'street' || kind === 'community')
    .map(({ path }) => path);
  const until = systemClock.now() + 7 * 24 * 3_600_000;
  const made: string[] = [];
  for (let nth = 0; nth < 100; nth += 1) {
    const body = { area: areas[nth % areas.length], title: `通知 ${nth}`, text: '明天停水。', until, key: randomUUID() };
    const answer = await author.call<{ id: string }>('POST', '/api/notices', body);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    made.push(answer.body.id);
  }
  return made[0] ?? '';
}

/** A call to the whole street, approved by a second person. */
async function makeCall({ db }: Database, author: Browser | undefined, second: Browser): Promise<string> {
  if (!author) throw new Error('no dispatcher');
  const body = {
    kind: 'drill',
    title: '演练',
    text: '请报平安。',
    lifeSafety: true,
    audience: { areas: ['heping'] },
    key: randomUUID(),
  };
  const made = await author.call<{ id: string; version: number }>('POST', '/api/calls', body);
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  const { id } = made.body;
  const move = async (browser: Browser, name: string): Promise<void> => {
    const { version } = (await browser.call<{ version: number }>('GET', `/api/calls/${id}`)).body;
    const moved = await browser.call('POST', `/api/calls/${id}/moves`, { move: name, version, key: randomUUID() });
    if (moved.status !== 200) throw new Error(JSON.stringify(moved.body));
  };
  await move(author, 'submit');
  await move(second, 'approve');
  const counted = async () =>
    (await sql<{ n: number }>`select count(*)::int as n from call_recipient where call = ${id}`.execute(db)).rows[0]?.n ?? 0;
  for (let before = -1, now = 0; now === 0 || now !== before;) {
    await systemClock.sleep(3000);
    [before, now] = [now, await counted()];
  }
  return id;
}

const day = 24 * 3_600_000;

/** The address a screen asks, with what it needs; null where this bench has nothing to ask for. */
function addressOf(url: string, known: Record<string, string>): string | null {
  const now = systemClock.now();
  const grid = 'heping%2Fxfl%2Fg1';
  const asked: Record<string, string> = {
    '/api/area-report': `?from=${now - 30 * day}&to=${now}`,
    '/api/area-report.pdf': `?from=${now - 30 * day}&to=${now}`,
    '/api/false-alarms': `?from=${now - 30 * day}&to=${now}&limit=200`,
    '/api/shifts': `?from=${now - day}&to=${now + day}`,
    '/api/duty-gaps': `?from=${now - day}&to=${now + day}`,
    '/api/floods': `?since=${now - 30 * day}`,
    '/api/rooms': `?area=${grid}`,
    '/api/people-at-risk': `?area=${grid}`,
    '/api/quality': '?area=heping',
    '/api/candidates': `?area=${grid}`,
    '/api/imports': '?area=heping',
    '/api/hand-overs': '?area=heping',
    '/api/hand-overs/proposal': '?area=heping',
    '/api/devices/:gateway/:device/history': `?point=battery&from=${now - day}&to=${now}`,
    '/api/incidents': '?state=all&limit=200',
    '/api/alarms': '?open=true&limit=200',
    '/api/devices': '?q=yg&limit=200',
    '/api/people': '?area=heping',
    '/api/notices/reach': '?area=heping',
    '/api/notices/:id/homes': `?building=${grid}%2F1`,
  };
  const filled = url
    .replace('/incidents/:id', `/incidents/${known['incident']}`)
    .replace('/calls/:id', `/calls/${known['call']}`)
    .replace('/people/:id', `/people/${known['person']}`)
    .replace('/organisations/:id', `/organisations/${known['organisation']}`)
    .replace('/rooms/:path', `/rooms/${encodeURIComponent(known['room'] ?? '')}`)
    .replace('/areas/:path', `/areas/${grid}`)
    .replace('/devices/:gateway/:device', '/devices/gw-seed-1/seed-1-1')
    .replace('/gateways/:id', '/gateways/gw-seed-1')
    .replace('/notices/:id', `/notices/${known['notice']}`)
    .replace('/profiles/:id', '/profiles/heiman.hs1sa-e');
  return filled.includes(':') || filled === '/api/receipts' ? null : filled + (asked[url] ?? '');
}
