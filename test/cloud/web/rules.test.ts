import { generateKeyPairSync, sign } from 'node:crypto';
import { sql } from 'kysely';
import type { DeviceRule, RulePreview } from '@yihu/device-profiles/vocabulary/device-rule.ts';
import type { SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import { type SitePush, signedBytes } from '@yihu/device-profiles/vocabulary/site-push.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../../cloud/records/database.ts';
import { createIngest } from '../../../cloud/records/ingest.ts';
import { sitePushRecords } from '../../../cloud/records/site-pushes.ts';
import { createRules, readPlans } from '../../../cloud/response-rules.ts';
import { checkPush } from '../../../gateway/change/push-check.ts';
import { withRules } from '../../../gateway/change/rule-edit.ts';
import { LogWriter, readings, site } from '../records/workshop.ts';
import { Browser, openBeside, openWorld, type World } from './world.ts';

const climate: SiteDevice = { id: 'climate-1', profile: 'generic.rs-ws', name: { zh: '配电间温湿度' }, place: { building: '1' } };
const gas: SiteDevice = { id: 'gas-1', profile: 'fuketai.combustible', name: { zh: '燃气探测器' }, place: { building: '1' } };
const minute = 60_000;
const base = 'a'.repeat(64);
const path = '/api/devices/gw-1/climate-1/rules';
const warmer = { limit: 45, clear: 42, forMs: 10 * minute };

let world: World;
let database: Database;
let manager: Browser;
beforeAll(async () => {
  world = await openWorld();
  database = await openBeside(world);
  await world.cloud.records.putGateway({ id: 'gw-1', name: { zh: '一号网关' }, area: 'xingfu/xfl' });
  const rules = createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' });
  const ingest = createIngest(database, rules);
  const writer = new LogWriter('e1');
  const now = Date.now();
  await ingest.commit('gw-1', [writer.batch('alarm', site(now, climate, gas))], now);
  await ingest.commit('gw-1', [writer.batch('telemetry', ...weekOf(now))], now);
  manager = await Browser.signIn(world, 'wuye');
});
afterAll(async () => {
  await database.close();
  await world.close();
});

/** Fourteen times warm for twenty minutes, three times for five: a rule that waits ten minutes sees fourteen. */
function weekOf(now: number) {
  const step = 5 * minute;
  const warmAt = new Map<number, number>();
  for (let nth = 0; nth < 17; nth += 1)
    for (let at = 0; at <= (nth < 14 ? 4 : 0); at += 1) warmAt.set(60 + nth * 100 + at, nth < 14 ? 42 : 41);
  const begin = now - 7 * 24 * 60 * minute + 10 * minute;
  return Array.from({ length: 2_000 }, (_, nth) =>
    readings(climate, begin + nth * step, { temperature: warmAt.get(nth) ?? 25, humidity: 50 }),
  );
}

const rulesFor = async (browser: Browser, address = path) =>
  (await browser.call<{ known: boolean; rules: DeviceRule[] }>('GET', address)).body;
const preview = (wanted: object) => manager.call<RulePreview>('POST', `${path}/hot_room/preview`, wanted);

it('shows the limits that hold, and who may move them', async () => {
  const { known, rules } = await rulesFor(manager);
  expect(known).toBe(true);
  expect(rules.find(({ alarm }) => alarm === 'hot_room')).toMatchObject({
    side: 'above',
    symbol: '℃',
    now: { limit: 40, clear: 37, forMs: 10 * minute },
    sent: null,
    change: 'open',
  });
  const grave = '/api/devices/gw-1/gas-1/rules';
  const [first] = (await rulesFor(manager, grave)).rules;
  expect(first).toMatchObject({ hazard: 'gas', change: 'life-safety' });
  const tried = await manager.call('PUT', `${grave}/${first?.alarm}`, { ...first?.now });
  expect(tried).toMatchObject({ status: 422, body: { code: 'life-safety' } });
  const [again] = (await rulesFor(await Browser.signIn(world, 'anzhuang'), grave)).rules;
  expect(again).toMatchObject({ change: 'open' });
  expect((await rulesFor(await Browser.signIn(world, 'wangfang'))).rules[0]).toMatchObject({ change: 'not-yours' });
  expect((await manager.call('GET', '/api/devices/gw-1/nobody/rules')).status).toBe(404);
});

it('tries a limit on the last seven days with the holding time and the hysteresis of the gateway', async () => {
  const { status, body } = await preview(warmer);
  expect(status).toBe(200);
  expect(body).toMatchObject({ samples: 2_000, cut: false, now: { count: 14 }, changed: { count: 0 } });
  expect((await preview({ limit: 40, clear: 37, forMs: 0 })).body.changed.count).toBe(17);
  const held = (await preview({ limit: 41.5, clear: 20, forMs: 0 })).body.changed;
  // It never cools down to 20: the first one lasts to the end.
  expect(held).toMatchObject({ count: 1, episodes: [{ to: null }] });
  const [first] = body.now.episodes;
  // Ten minutes until it is raised; over two minutes after it is cool again.
  expect((first?.to ?? 0) - (first?.from ?? 0)).toBe(15 * minute + 2 * minute);
});

it('refuses limits that would never clear, and what is no number', async () => {
  expect(await preview({ limit: 40, clear: 41, forMs: 0 })).toMatchObject({
    status: 400,
    body: { issues: [{ path: '/clear' }] },
  });
  expect((await preview({ limit: 'hot', clear: 1, forMs: 0 })).status).toBe(400);
  expect((await preview({ ...warmer, forMs: -1 })).status).toBe(400);
  expect((await manager.call('POST', `${path}/no_such/preview`, warmer)).status).toBe(404);
});

it('says that a gateway that never told its site cannot be sent anything', async () => {
  expect(await manager.call('PUT', `${path}/hot_room`, warmer)).toMatchObject({ status: 409, body: { code: 'site-unknown' } });
});

interface Row {
  readonly push: string;
  readonly signature: string;
  readonly version: number;
}

it('sends signed limits that the gateway can check and set; a second change waits with the first and does not replace it', async () => {
  await sitePushRecords(database.db).said('gw-1', { sha256: base, version: 0 }, Date.now());
  const sent = await manager.call<DeviceRule>('PUT', `${path}/hot_room`, warmer);
  expect(sent).toMatchObject({ status: 202, body: { sent: { to: warmer, before: { limit: 40 }, state: 'pending' } } });
  const damp = { limit: 90, clear: 85, forMs: 30 * minute };
  expect((await manager.call('PUT', `${path}/damp`, damp)).status).toBe(202);
  const { rows } = await sql<Row>`select push, signature, version from site_push where state = 'pending'`.execute(database.db);
  expect(rows).toHaveLength(1);
  const [{ push, signature }] = rows as [Row];
  const said = JSON.parse(push) as SitePush;
  expect(said).toMatchObject({
    base,
    profiles: [],
    rules: [
      { alarm: 'hot_room', set: warmer },
      { alarm: 'damp', set: damp },
    ],
  });
  expect(said).not.toHaveProperty('text');

  // Signed by another key, it is nothing.
  const other = generateKeyPairSync('ed25519');
  const pem = other.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const context = { gateway: 'gw-1', siteKey: pem, seen: 0, now: Date.now() };
  const payload = (mark: string) => Buffer.from(JSON.stringify({ push, signature: mark }));
  expect(checkPush(payload(signature), context)).toMatchObject({ fault: 'signature' });
  const mine = sign(null, signedBytes(push), other.privateKey).toString('base64');
  const checked = checkPush(payload(mine), context);
  if (!('push' in checked)) throw new Error(checked.fault);
  const file = 'devices:\n  - id: climate-1\n    profile: generic.rs-ws\n';
  expect(withRules(file, checked.push.rules ?? [])).toContain('limit: 45');
});

it('shows what became of it, and what the gateway then runs with', async () => {
  await sql`update site_push set state = 'kept', push = null where state = 'pending'`.execute(database.db);
  const told = { ...climate, rules: { hot_room: warmer } };
  const rules = createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' });
  const writer = new LogWriter('e2');
  await createIngest(database, rules).commit('gw-1', [writer.batch('alarm', site(Date.now(), told, gas))], Date.now());
  const hot = (await rulesFor(manager)).rules.find(({ alarm }) => alarm === 'hot_room');
  expect(hot).toMatchObject({ now: warmer, own: { limit: 40 }, sent: { state: 'kept', before: { limit: 40 } } });
  const detail = await manager.call<{ points: { point: string; limits: { above: number | null }[] }[] }>(
    'GET',
    '/api/devices/gw-1/climate-1',
  );
  expect(detail.body.points.find(({ point }) => point === 'temperature')?.limits).toMatchObject([{ above: 45 }]);
});
