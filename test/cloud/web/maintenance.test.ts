import type { AreaReport } from '@yihu/device-profiles/vocabulary/area-report.ts';
import type { FalseAlarms, MaintenanceWindow } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import { createIngest } from '../../../cloud/records/ingest.ts';
import { putGateway } from '../../../cloud/records/registry.ts';
import { createRules, readPlans } from '../../../cloud/response-rules.ts';
import { LogWriter, readings, site } from '../records/workshop.ts';
import { read } from './paper-reader.ts';
import { openBeside } from './world.ts';
import { Browser, newKey, openWorld, raiseSmoke, type World } from './world.ts';

let world: World;
let property: Browser;
beforeAll(async () => {
  world = await openWorld();
  await raiseSmoke(world);
  property = await Browser.signIn(world, 'wuye');
});
afterAll(() => world.close());

const hour = 3_600_000;
const plan = (more: object = {}) => {
  const now = Date.now();
  return {
    name: '三栋检修',
    reason: '换水泵',
    areas: ['xingfu/xfl/3'],
    startsAt: now,
    endsAt: now + hour,
    key: newKey(),
    ...more,
  };
};
const post = (body: object, browser = property) => browser.call<MaintenanceWindow>('POST', '/api/maintenance-windows', body);

describe('a maintenance window over HTTP', () => {
  it('is planned once for two presses, marks a fire that burns, is listed, and ended twice is ended once', async () => {
    const body = plan();
    const answers = [await post(body), await post(body)];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(answers[0]?.body).toMatchObject({ state: 'running', alarmCount: 1, endedAt: null });
    const alarms = await property.call<{ items: { isa: string; suppressedBy: string[] }[] }>('GET', '/api/alarms?open=true');
    expect(alarms.body.items).toMatchObject([{ isa: 'unacked', suppressedBy: [`maintenance:${answers[0]?.body.id}`] }]);
    const open = await property.call<{ total: number }>('GET', '/api/maintenance-windows?open=true');
    expect(open.body.total).toBe(1);
    const end = `/api/maintenance-windows/${answers[0]?.body.id}/end`;
    const ended = [await property.call('POST', end, { key: newKey() }), await property.call('POST', end, { key: newKey() })];
    expect(ended[1]?.body).toEqual(ended[0]?.body);
    expect(ended[0]?.body).toMatchObject({ state: 'cancelled', alarmCount: 0, endedBy: expect.any(String) as unknown });
    expect((await property.call<{ total: number }>('GET', '/api/maintenance-windows?open=true')).body.total).toBe(0);
  });

  it.each([
    ['an end in the past', { endsAt: 1 }, 422],
    ['a word that is not asked for', { forEver: true }, 400],
    ['no area', { areas: [] }, 400],
    ['another street', { areas: ['yangguang/dhy'] }, 404],
    ['one area of one’s own and one of another', { areas: ['xingfu/xfl', 'yangguang'] }, 404],
    ['an unknown kind', { hazards: ['noise'] }, 400],
  ])('%s is refused', async (_name, more, status) => expect((await post(plan(more))).status).toBe(status));

  it('is nothing to somebody who only looks', async () => {
    const worker = await Browser.signIn(world, 'wangge1');
    expect((await post(plan(), worker)).status).toBe(404);
    expect((await worker.call('GET', '/api/maintenance-windows')).status).toBe(200);
  });
});

describe('the false-alarm rate', () => {
  it('counts verdicts per device, and says nothing where nobody judged', async () => {
    const ask = async () =>
      (await property.call<FalseAlarms[]>('GET', `/api/false-alarms?from=0&to=${Date.UTC(2030, 0, 1)}`)).body;
    expect(await ask()).toMatchObject([{ device: 'smoke-502', alarms: 1, unjudged: 1, rate: null }]);
    const { body } = await property.call<{ items: { id: string; version: number }[] }>('GET', '/api/alarms');
    const [alarm] = body.items;
    const move = `/api/alarms/${encodeURIComponent(alarm?.id ?? '')}/moves`;
    const judge = { move: 'judge', disposition: 'false', version: alarm?.version, key: newKey() };
    expect((await property.call('POST', move, judge)).status).toBe(200);
    expect(await ask()).toMatchObject([{ device: 'smoke-502', false: 1, unjudged: 0, rate: 1 }]);
    expect((await property.call('GET', '/api/false-alarms?from=0&to=x')).status).toBe(400);
  });
});

describe('the report of an area', () => {
  const span = `from=0&to=${Date.UTC(2030, 0, 1)}`;
  const monthly = `area=xingfu/xfl&from=${Date.UTC(2026, 10, 1)}&to=${Date.UTC(2027, 10, 1)}`;

  it('counts what began in the span, and only there', async () => {
    const { body, status } = await property.call<AreaReport>('GET', `/api/area-report?${monthly}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ area: 'xingfu/xfl', areaName: '幸福里', windows: 1, devices: { total: 1 } });
    expect(body.alarms.map(({ total, false: wrong }) => [total, wrong])).toEqual([[1, 1]]);
    expect(body.byHazard).toEqual([{ hazard: 'fire', alarms: 1, incidents: 1 }]);
    expect(body.incidents.map(({ total }) => total)).toEqual([1]);
    expect(body.falseAlarms).toMatchObject([{ device: 'smoke-502', rate: 1 }]);
    const before = await property.call<AreaReport>('GET', '/api/area-report?area=xingfu/xfl&from=0&to=1000');
    expect(before.body).toMatchObject({ alarms: [], incidents: [], windows: 0, toAck: { count: 0, median: null } });
  });

  it('times the answer by the median, and leaves out what nobody answered', async () => {
    const quick = async () => (await property.call<AreaReport>('GET', `/api/area-report?${monthly}`)).body;
    expect((await quick()).toAck).toEqual({ count: 0, median: null, ninth: null });
    const dispatcher = await Browser.signIn(world, 'wangfang');
    const { items } = (await dispatcher.call<{ items: { id: string; version: number }[] }>('GET', '/api/incidents')).body;
    const move = { move: 'confirm', version: items[0]?.version, key: newKey() };
    expect((await dispatcher.call('POST', `/api/incidents/${items[0]?.id}/moves`, move)).status).toBe(200);
    const { toAck, toEnd } = await quick();
    expect([toAck.count, toAck.median === toAck.ninth, toEnd.count]).toEqual([1, true, 0]);
  });

  it.each([
    ['a span that ends before it begins', 'from=5&to=1', 400],
    ['a span of years', span, 400],
    ['no span', 'area=xingfu', 400],
    ['another street', 'area=yangguang&from=0&to=1000', 404],
  ])('%s is refused', async (_name, query, status) =>
    expect((await property.call('GET', `/api/area-report?${query}`)).status).toBe(status),
  );

  it('says what each meter counted: over a new meter, and nothing of one that was not read', async () => {
    const [from, day] = [Date.UTC(2026, 9, 1), 86_400_000];
    const device = (id: string, profile: string): SiteDevice => ({ id, profile, name: { zh: id }, place: { building: '1' } });
    const power = device('power', 'chint.ddsu666');
    const water = device('water', 'generic.mbus-water');
    const silent = device('silent', 'chint.ddsu666');
    const told = [
      readings(power, from - 3_600_000, { energy_import: 1000.5 }),
      readings(power, from + 3_600_000, { energy_import: 1004.5, energy_export: 7 }),
      readings(power, from + 26 * 3_600_000, { energy_import: 1010.75 }),
      // A new meter: what it shows was counted since.
      readings(power, from + 50 * 3_600_000, { energy_import: 2.25 }),
      readings(power, from + 40 * day, { energy_import: 5000 }),
      readings(water, from + 3_600_000, { volume: 88 }),
      readings(water, from + 20 * day, { volume: 100.4 }),
    ];
    const database = await openBeside(world);
    await putGateway(database.db, { id: 'gw-meters', name: { zh: '表' }, area: 'xingfu/xfl/g2' });
    const rules = createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' });
    const ingest = createIngest(database, rules);
    const writer = new LogWriter('m1');
    await ingest.commit('gw-meters', [writer.batch('alarm', site(from, power, water, silent))], Date.now());
    await ingest.commit('gw-meters', [writer.batch('telemetry', ...told)], Date.now());
    await database.close();
    const month = `area=xingfu/xfl/g2&from=${from}&to=${from + 31 * day}`;
    const { body } = await property.call<AreaReport>('GET', `/api/area-report?${month}`);
    const by = new Map(body.meters.map((meter) => [meter.device, meter]));
    expect(by.get('power')).toMatchObject({
      first: 1000.5,
      last: 2.25,
      used: 12.5,
      restarts: 1,
      kind: 'electricity',
      symbol: 'kWh',
    });
    expect(by.get('water')).toMatchObject({ first: 88, last: 100.4, kind: 'water', symbol: 'm³' });
    expect(by.get('water')?.used).toBeCloseTo(12.4);
    expect(by.get('silent')).toMatchObject({ first: null, used: null, restarts: 0 });
    expect(body.consumption.find(({ kind }) => kind === 'electricity')).toEqual({
      kind: 'electricity',
      symbol: 'kWh',
      used: 12.5,
      meters: 2,
      unread: 1,
    });
    const elsewhere = await property.call<AreaReport>('GET', `/api/area-report?area=xingfu/xfl/g1&from=${from}&to=${from + day}`);
    expect(elsewhere.body.meters).toEqual([]);
  });

  it('is a document to print, and nothing to a worker', async () => {
    const answer = await property.raw('GET', `/api/area-report.pdf?${monthly}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(read(Buffer.from(await answer.arrayBuffer())).texts[0]).toBe('运行报告');
    const english = await property.raw('GET', `/api/area-report.pdf?${monthly}&lang=en`);
    expect(read(Buffer.from(await english.arrayBuffer())).texts[0]).toBe('Operations report');
    expect((await property.raw('GET', `/api/area-report.pdf?${monthly}&lang=fr`)).status).toBe(400);
    const worker = await Browser.signIn(world, 'wangge1');
    expect((await worker.call('GET', `/api/area-report?${monthly}`)).status).toBe(404);
  });
});
