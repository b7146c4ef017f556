import { sumsOf } from '../../cloud/records/meters.ts';
import type { AreaReport, MeterUse } from '@yihu/device-profiles/vocabulary/area-report.ts';
import type { FalseAlarms, MaintenanceWindow } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import type { Answer, World } from './fixture-api.ts';

const hour = 3_600_000;

/** One that runs and holds alarms, one to come, two that are over. */
export function windowsAt(now: number): MaintenanceWindow[] {
  const base = {
    devices: [],
    hazards: [],
    plannedBy: '李军',
    plannedAt: now - 30 * hour,
    endedAt: null,
    endedBy: null,
    alarmCount: 0,
  };
  const areas = ['xingfu/xfl/g1'];
  return [
    {
      ...base,
      areas: ['xingfu/xfl'],
      id: 'mw-4',
      name: '消防主机年检',
      reason: '安达消防检测，工地负责人 138****2211',
      hazards: ['fire'],
      startsAt: now + 20 * hour,
      endsAt: now + 24 * hour,
      state: 'planned',
    },
    {
      ...base,
      areas,
      id: 'mw-3',
      name: '2 号水泵房换阀',
      reason: '水务公司停水换阀，压力会掉',
      hazards: ['water', 'equipment'],
      startsAt: now - hour,
      endsAt: now + hour,
      state: 'running',
      alarmCount: 3,
    },
    {
      ...base,
      areas,
      id: 'mw-2',
      name: '电梯半月保养',
      reason: '例行保养',
      startsAt: now - 50 * hour,
      endsAt: now - 46 * hour,
      endedAt: now - 47 * hour,
      endedBy: '李军',
      state: 'cancelled',
    },
    {
      ...base,
      areas,
      id: 'mw-1',
      name: '配电房除尘',
      reason: '停电除尘两小时',
      startsAt: now - 100 * hour,
      endsAt: now - 98 * hour,
      endedAt: now - 98 * hour,
      state: 'over',
    },
  ];
}

function wolf(device: string, zh: string, counts: [number, number, number, number]): FalseAlarms {
  const [real, wrong, setAside, unjudged] = counts;
  const rate = real + wrong === 0 ? null : wrong / (real + wrong);
  const deviceName = { zh };
  const area = 'xingfu/xfl/g1';
  return {
    gateway: 'gw-xfl-1-1',
    device,
    deviceName,
    area,
    alarms: real + wrong + setAside + unjudged,
    real,
    false: wrong,
    setAside,
    unjudged,
    rate,
  };
}

export const falseAlarms: FalseAlarms[] = [
  wolf('smoke-000', '3栋2单元502 厨房烟感', [1, 14, 2, 0]),
  wolf('leak-004', '地下室集水坑水浸', [3, 5, 0, 1]),
  wolf('door-011', '1栋单元门', [12, 2, 4, 0]),
  wolf('lift-002', '2栋客梯', [0, 0, 0, 2]),
];

/** The windows as the cloud answers for them. */
export function maintenanceRoute(world: World, method: string, url: URL, body: Record<string, unknown>): Answer {
  const id = url.pathname.split('/')[3] ?? '';
  if (method === 'GET') {
    const open = url.searchParams.get('open') === 'true';
    const items = world.windows.filter(({ state }) => !open || state === 'planned' || state === 'running');
    return { status: 200, body: { items, total: items.length, next: null } };
  }
  if (id !== '') {
    const at = Date.now();
    world.windows = world.windows.map((one) =>
      one.id === id ? { ...one, state: 'cancelled', endedAt: at, endedBy: '李军' } : one,
    );
    return { status: 200, body: world.windows.find((one) => one.id === id) };
  }
  if (Number(body['endsAt']) <= Date.now()) {
    const message = { zh: '结束时间已经过去', en: 'Its end has passed already' };
    return { status: 409, body: { code: 'until-needed', message, current: null } };
  }
  const planned = { plannedBy: '李军', plannedAt: Date.now(), endedAt: null, endedBy: null, alarmCount: 0, devices: [] };
  const { key: _, ...plan } = body;
  const window = { ...planned, ...plan, id: `mw-${world.windows.length + 1}`, state: 'running' } as unknown as MaintenanceWindow;
  world.windows = [window, ...world.windows];
  return { status: 201, body: window };
}

const meter = (nth: number, some: Partial<MeterUse>): MeterUse => ({
  gateway: 'gw-xfl-1-1',
  device: `meter-${nth}`,
  name: { zh: `${nth}栋公共用电`, en: `Building ${nth} common power` },
  place: `幸福里 ${nth}栋`,
  area: `xingfu/xfl/g1/${nth}`,
  kind: 'electricity',
  symbol: 'kWh',
  first: 12_000.5 * nth,
  last: 12_000.5 * nth + 843.2,
  lastAt: Date.now() - 60_000,
  used: 843.2,
  restarts: 0,
  ...some,
});
const meters = [
  meter(1, {}),
  meter(2, { restarts: 1 }),
  meter(3, { first: null, last: null, lastAt: null, used: null }),
  meter(4, { kind: 'water', symbol: 'm³', used: 61.4, name: { zh: '4栋二次供水', en: 'Building 4 water' } }),
];

const quiet = { count: 0, median: null, ninth: null };

/** The report of the month that lasts; every other was a calm one. */
export function reportOf(world: World, asked: URLSearchParams): AreaReport {
  const [from, to] = [Number(asked.get('from')), Number(asked.get('to'))];
  const base = { area: asked.get('area') ?? '', areaName: '幸福街道', from, to, madeAt: world.now, windows: 4, falseAlarms };
  const devices = { total: 64, online: 60, late: 1, offline: 1, unknown: 2 };
  if (to < world.now)
    return {
      ...base,
      devices,
      consumption: [],
      meters: [],
      alarms: [],
      byHazard: [],
      incidents: [],
      toAck: quiet,
      toDispatch: quiet,
      toEnd: quiet,
    };
  return {
    ...base,
    devices,
    alarms: [
      { severity: 'critical', total: 12, real: 2, false: 8, setAside: 2, unjudged: 0 },
      { severity: 'major', total: 31, real: 20, false: 6, setAside: 3, unjudged: 2 },
      { severity: 'warning', total: 118, real: 0, false: 0, setAside: 0, unjudged: 118 },
    ],
    byHazard: [
      { hazard: 'water', alarms: 86, incidents: 9 },
      { hazard: 'fire', alarms: 12, incidents: 6 },
      { hazard: 'equipment', alarms: 63, incidents: 4 },
    ],
    incidents: [
      { severity: 'critical', total: 6, open: 1, false: 4 },
      { severity: 'major', total: 13, open: 0, false: 3 },
    ],
    consumption: sumsOf(meters),
    meters,
    toAck: { count: 19, median: 21_000, ninth: 74_000 },
    toDispatch: { count: 15, median: 58_000, ninth: 190_000 },
    toEnd: { count: 18, median: 1_460_000, ninth: 5_320_000 },
  };
}
