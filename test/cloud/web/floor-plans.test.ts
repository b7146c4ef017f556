import type { DevicePlan, FloorPlan, FloorPlanSummary, PlanItem } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pngOf } from '../registry/picture-of.ts';
import { Browser, openWorld, raiseSmoke, type World } from './world.ts';

let world: World;
let keeper: Browser;
let desk: Browser;
let plan: FloorPlan;
const area = 'xingfu/xfl';
beforeAll(async () => {
  world = await openWorld();
  await raiseSmoke(world);
  keeper = await Browser.signIn(world, 'wuye');
  desk = await Browser.signIn(world, 'wangfang');
});
afterAll(() => world.close());

async function upload(browser: Browser, id: string, bytes: Buffer, type = 'image/png'): Promise<Response> {
  return fetch(`${world.cloud.url}/api/floor-plans/${id}/picture`, {
    method: 'PUT',
    headers: { cookie: browser.cookie, 'x-csrf-token': browser.csrf, 'content-type': type },
    body: new Uint8Array(bytes),
  });
}

const ring: [number, number][] = [
  [0.1, 0.1],
  [0.3, 0.1],
  [0.3, 0.4],
];

it('makes one plan of each floor, and says so where there is one', async () => {
  const made = await keeper.call<FloorPlan>('POST', '/api/floor-plans', { area, name: '总平面图' });
  expect(made.status).toBe(201);
  plan = made.body;
  expect(plan).toMatchObject({
    area,
    areaName: '幸福里',
    areaKind: 'community',
    floor: '',
    picture: null,
    items: [],
    version: 1,
  });
  const again = await keeper.call('POST', '/api/floor-plans', { area, name: '又一张' });
  expect(again).toMatchObject({ status: 409, body: { code: 'already-there' } });
  expect((await keeper.call('POST', '/api/floor-plans', { area: 'elsewhere', name: '外面' })).status).toBe(404);
  expect((await desk.call('POST', '/api/floor-plans', { area, name: '值班员' })).status).toBe(404);
});

it('takes a picture for what its bytes are, gives the plan its size, and hands it out as that', async () => {
  const answer = await upload(keeper, plan.id, pngOf(1200, 800));
  expect(answer.status).toBe(200);
  plan = (await answer.json()) as FloorPlan;
  expect(plan).toMatchObject({ width: 1200, height: 800, picture: expect.stringMatching(/^[0-9a-f]{16}$/) as string });
  const shown = await desk.raw('GET', `/api/floor-plans/${plan.id}/picture?mark=${plan.picture}`);
  expect(shown.headers.get('content-type')).toBe('image/png');
  expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
  expect((await shown.arrayBuffer()).byteLength).toBe(pngOf(1200, 800).length);
});

it('refuses a drawing that may hold script, whatever it calls itself, and one that is too large', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
  expect((await upload(keeper, plan.id, svg, 'image/svg+xml')).status).toBe(415);
  const named = await upload(keeper, plan.id, svg, 'image/png');
  expect(named.status).toBe(400);
  expect(await named.json()).toMatchObject({ code: 'not-a-picture' });
  expect((await upload(keeper, plan.id, Buffer.alloc(4 * 1024 * 1024 + 1))).status).toBe(413);
  expect((await upload(desk, plan.id, pngOf(10, 10))).status).toBe(404);
});

it('places devices, areas and assembly points, and refuses to write over what somebody else placed', async () => {
  const [device] = (await world.cloud.records.listDevices({ areas: [area] }, {})).items;
  if (device === undefined) throw new Error('no device');
  const building = device.area.split('/').slice(0, -2).join('/');
  const items: PlanItem[] = [
    { kind: 'area', area: building, ring },
    { kind: 'assembly', name: '东门广场', at: [0.9, 0.5] },
    { kind: 'ground', ground: 'road', ring },
    // Of another community: it is not on this plan.
    { kind: 'device', gateway: device.gateway, device: 'nothing-there', at: [0.5, 0.5] },
  ];
  const put = (version: number, list: unknown) =>
    keeper.call<FloorPlan>('PUT', `/api/floor-plans/${plan.id}/items`, { version, items: list });
  const placed = await put(plan.version, items);
  expect(placed.status).toBe(200);
  expect(placed.body.items).toEqual(items.slice(0, 3));
  expect(await put(plan.version, [])).toMatchObject({ status: 409, body: { code: 'version', current: { areas: 1 } } });
  const outside = await put(placed.body.version, [{ kind: 'assembly', name: '外面', at: [1.2, 0] }]);
  expect(outside.status).toBe(400);

  const where = `/api/devices/${device.gateway}/${device.id}/floor-plan`;
  expect((await desk.call<DevicePlan>('GET', where)).body).toMatchObject({ marked: 'area', plan: { id: plan.id } });
  await put(placed.body.version, [
    ...items.slice(0, 3),
    { kind: 'device', gateway: device.gateway, device: device.id, at: [0.2, 0.2] },
  ]);
  expect((await desk.call<DevicePlan>('GET', where)).body).toMatchObject({ marked: 'device', plan: { devices: 1, areas: 1 } });
  expect((await desk.call<DevicePlan>('GET', '/api/devices/gw-1/nobody/floor-plan')).body).toEqual({ plan: null, marked: null });
});

it('shows nothing of a plan to whoever works elsewhere, and is gone when it is deleted', async () => {
  const admin = await Browser.signIn(world, 'admin');
  const password = 'one quiet phrase elsewhere';
  await world.cloud.records.putArea({ path: 'xingfu/dxy', parent: 'xingfu', kind: 'community', name: '丁香苑' });
  const other = { account: 'elsewhere', name: '别处', password, grants: [{ area: 'xingfu/dxy', role: 'property' }] };
  expect((await admin.call('POST', '/api/users', other)).status).toBe(201);
  const stranger = await Browser.signIn(world, 'elsewhere', password);
  expect((await stranger.call<FloorPlanSummary[]>('GET', '/api/floor-plans')).body).toEqual([]);
  for (const address of [`/api/floor-plans/${plan.id}`, `/api/floor-plans/${plan.id}/picture`])
    expect((await stranger.call('GET', address)).status).toBe(404);
  expect((await stranger.call('DELETE', `/api/floor-plans/${plan.id}`)).status).toBe(404);
  expect((await keeper.call<FloorPlanSummary[]>('GET', `/api/floor-plans?area=${area}`)).body).toHaveLength(1);
  expect((await keeper.call('DELETE', `/api/floor-plans/${plan.id}`)).status).toBe(204);
  expect((await keeper.call('GET', `/api/floor-plans/${plan.id}`)).status).toBe(404);
});
