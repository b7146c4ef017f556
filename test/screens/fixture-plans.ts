import type { FloorPlan, FloorPlanSummary, PlanItem, Spot } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import type { Answer, World } from './fixture-api.ts';
import { buildings, deviceAt } from './fixture-site.ts';

const box = (left: number, top: number, right: number, bottom: number): Spot[] => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];

const ground: PlanItem[] = [
  { kind: 'ground', ground: 'green', ring: box(0.03, 0.05, 0.97, 0.82) },
  { kind: 'ground', ground: 'road', ring: box(0, 0.86, 1, 0.97) },
  { kind: 'ground', ground: 'road', ring: box(0.03, 0.42, 0.97, 0.48) },
  {
    kind: 'ground',
    ground: 'water',
    ring: [
      [0.7, 0.58],
      [0.82, 0.54],
      [0.93, 0.62],
      [0.9, 0.75],
      [0.76, 0.76],
    ],
  },
];

/** 幸福里: six buildings, a pond, two assembly points and the devices of the first building. */
export function plansAt(now: number): FloorPlan[] {
  const own = buildings.filter(({ community }) => community.code === 'xfl');
  const areas = own.map(({ path }, nth): PlanItem => {
    const [column, row] = [nth % 3, Math.floor(nth / 3)];
    const [left, top] = [0.08 + column * 0.3, row === 0 ? 0.12 : 0.54];
    return { kind: 'area', area: path, ring: box(left, top, left + 0.2, top + 0.22) };
  });
  const devices = Array.from({ length: 300 }, (_, nth) => deviceAt(nth, now))
    .filter(({ area }) => area.startsWith('xingfu/xfl/g1/1/'))
    .slice(0, 10)
    .map(({ gateway, id }, nth): PlanItem => ({
      kind: 'device',
      gateway,
      device: id,
      at: [0.1 + (nth % 5) * 0.04, nth < 5 ? 0.16 : 0.3],
    }));
  const items: PlanItem[] = [
    ...ground,
    ...areas.slice(0, 5),
    { kind: 'assembly', name: '东门广场', at: [0.93, 0.45] },
    { kind: 'assembly', name: '中心花园', at: [0.5, 0.45] },
    ...devices,
  ];
  return [
    {
      id: 'plan-1',
      area: 'xingfu/xfl',
      areaName: '幸福里',
      areaKind: 'community',
      floor: '',
      name: '幸福里总平面图',
      width: 1600,
      height: 1000,
      picture: null,
      devices: devices.length,
      areas: 5,
      at: now - 86_400_000,
      byName: '李军',
      version: 3,
      items,
    },
  ];
}

export function planRoute(world: World, method: string, id: string, rest: string, body: Record<string, unknown>): Answer {
  if (id === '' && method === 'GET')
    return { status: 200, body: world.plans.map(({ items: _items, ...plan }): FloorPlanSummary => plan) };
  if (method === 'POST') {
    const made = {
      ...(world.plans[0] as FloorPlan),
      ...body,
      id: `plan-${world.plans.length + 1}`,
      items: [],
      version: 1,
    } as FloorPlan;
    world.plans.push(made);
    return { status: 201, body: made };
  }
  const plan = world.plans.find((one) => one.id === id);
  if (plan === undefined) return { status: 404, body: { code: 'not-found', message: { zh: '没有找到。', en: 'Not found.' } } };
  if (rest !== 'items') return { status: 200, body: plan };
  if (body['version'] !== plan.version) {
    const message = { zh: '别人刚刚改过，请看最新内容再操作。', en: 'Somebody changed this a moment ago.' };
    return { status: 409, body: { code: 'version', message, current: plan } };
  }
  const after: FloorPlan = { ...plan, items: body['items'] as PlanItem[], version: plan.version + 1 };
  world.plans = world.plans.map((one) => (one.id === id ? after : one));
  return { status: 200, body: after };
}

export function planOfDevice({ plans }: World, { gateway, id }: { gateway: string; id: string }): Answer {
  const shows = (item: PlanItem) => item.kind === 'device' && item.gateway === gateway && item.device === id;
  const plan = plans.find(({ items }) => items.some((item) => shows(item))) ?? null;
  return { status: 200, body: { plan, marked: plan === null ? null : 'device' } };
}
