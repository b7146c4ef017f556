import type { Category } from '@yihu/device-profiles/vocabulary/profile.ts';
import type {
  DeviceSummary,
  GatewayView,
  Overview,
  Responder,
  Session,
  Snapshot,
} from '@yihu/device-profiles/vocabulary/view.ts';

/** A small town for the screens' pictures: three communities, 42 gateways, 315 devices. Everything is made up. */
const minute = 60_000;

export const session: Session = {
  user: { id: 'u-wang', account: 'wangfang', name: '王芳' },
  grants: [{ area: 'xingfu', areaName: '幸福街道', role: 'dispatcher' }],
  csrf: 'fixture-csrf',
  expiresAt: 4_102_444_800_000,
};

export const managerSession: Session = {
  ...session,
  user: { id: 'u-li', account: 'lijun', name: '李军' },
  grants: [{ area: 'xingfu', areaName: '幸福街道', role: 'property' }],
};

const communities = [
  { code: 'xfl', zh: '幸福里', en: 'Xingfuli', buildings: 6 },
  { code: 'dxy', zh: '丁香苑', en: 'Dingxiangyuan', buildings: 5 },
  { code: 'chjy', zh: '春晖家园', en: 'Chunhui Homes', buildings: 3 },
];

export interface Building {
  community: (typeof communities)[number];
  number: number;
  path: string;
}

export const buildings: Building[] = communities.flatMap((community) =>
  Array.from({ length: community.buildings }, (_, index) => ({
    community,
    number: index + 1,
    path: `xingfu/${community.code}/g1/${index + 1}`,
  })),
);

/** Three gateways to a building: 42. The second of 丁香苑 1栋 is lost. */
export function gatewaysAt(now: number): GatewayView[] {
  return buildings.flatMap((building, at) =>
    [1, 2, 3].map((number): GatewayView => {
      const lost = building.path === 'xingfu/dxy/g1/1' && number === 2;
      return {
        id: `gw-${building.community.code}-${building.number}-${number}`,
        name: {
          zh: `${building.community.zh} ${building.number}栋 ${number}号网关`,
          en: `${building.community.en} ${building.number}, gateway ${number}`,
        },
        area: building.path,
        state: lost ? 'offline' : 'online',
        lastSeenAt: lost ? now - 6 * minute : now - 1_000,
        deviceCount: lost ? 19 : 7,
        backlog: { alarm: 0, telemetry: lost ? 0 : at * 3 },
        clockSkewMs: number === 3 && at === 4 ? 3_400 : 40,
      };
    }),
  );
}

type Made = {
  category: Category;
  profile: string;
  zh: string;
  en: string;
  point: string;
  pzh: string;
  pen: string;
  symbol: string;
  value: number;
};

const kinds: Made[] = [
  {
    category: 'fire.smoke',
    profile: 'smoke-yh101',
    zh: '烟感',
    en: 'Smoke detector',
    point: 'smoke',
    pzh: '烟雾浓度',
    pen: 'Smoke',
    symbol: 'dB/m',
    value: 0.02,
  },
  {
    category: 'meter.electricity',
    profile: 'dtsu666',
    zh: '三相电表',
    en: 'Electricity meter',
    point: 'power',
    pzh: '总有功功率',
    pen: 'Active power',
    symbol: 'W',
    value: 1843.6,
  },
  {
    category: 'water.level',
    profile: 'level-yh310',
    zh: '液位计',
    en: 'Water level',
    point: 'level',
    pzh: '水位',
    pen: 'Level',
    symbol: 'mm',
    value: 12,
  },
  {
    category: 'sensor.gas',
    profile: 'gas-yh220',
    zh: '可燃气体探测器',
    en: 'Gas detector',
    point: 'gas',
    pzh: '燃气浓度',
    pen: 'Gas',
    symbol: '%LEL',
    value: 0.4,
  },
  {
    category: 'sensor.temperature-humidity',
    profile: 'th-yh120',
    zh: '温湿度',
    en: 'Temperature',
    point: 'temperature',
    pzh: '温度',
    pen: 'Temperature',
    symbol: '℃',
    value: 23.4,
  },
];

function availabilityOf(index: number, building: Building, gateway: number): DeviceSummary['availability'] {
  if (building.path === 'xingfu/dxy/g1/1' && gateway === 2) return 'unknown';
  if (index % 131 === 17) return 'offline';
  return index % 89 === 31 ? 'late' : 'online';
}

/** Device `index` of 315, in a room of its building. */
export function deviceAt(index: number, now: number): DeviceSummary {
  const building = buildings[index % buildings.length] as Building;
  const kind = kinds[Math.floor(index / 3) % kinds.length] as Made;
  const gateway = 1 + (Math.floor(index / buildings.length) % 3);
  const floor = 1 + (index % 9);
  const room = `${floor}0${1 + (index % 4)}`;
  const availability = availabilityOf(index, building, gateway);
  const at = availability === 'online' ? now - (index % 40) * 1_000 : now - (6 + (index % 50)) * minute;
  const alarmed = index === 0 || index === 42 || index === 88;
  return {
    id: `${kind.point}-${String(index).padStart(3, '0')}`,
    gateway: `gw-${building.community.code}-${building.number}-${gateway}`,
    profile: kind.profile,
    name: { zh: `${kind.zh} ${room}`, en: `${kind.en} ${room}` },
    category: kind.category,
    area: `${building.path}/${1 + (index % 3)}/${room}`,
    place: { building: `${building.number}栋`, unit: `${1 + (index % 3)}单元`, floor: String(floor), room },
    placeText: `${building.community.zh} ${building.number}栋${1 + (index % 3)}单元${room}`,
    availability,
    lastAt: at,
    activeAlarms: alarmed ? 1 : 0,
    worst: alarmed ? (index === 0 ? 'critical' : index === 42 ? 'major' : 'minor') : null,
    headline: [
      {
        point: kind.point,
        name: { zh: kind.pzh, en: kind.pen },
        value: availability === 'offline' ? null : Number((kind.value * (index === 0 ? 10.5 : 1 + (index % 7) / 20)).toFixed(3)),
        valueName: null,
        symbol: kind.symbol,
        quality: availability === 'online' ? 'good' : availability === 'offline' ? 'bad' : 'uncertain',
        at,
      },
    ],
  };
}

export function devicesAt(now: number, count = 315): DeviceSummary[] {
  return Array.from({ length: count }, (_, index) => deviceAt(index, now));
}

const person = (
  id: string,
  name: string,
  metres: number | null,
  incident: string | null,
  legState: string | null,
): Responder => ({
  id,
  name,
  role: 'grid-worker',
  area: 'xingfu/xfl/g1',
  phone: '138****2231',
  onDuty: true,
  incident,
  legState,
  metres,
});

export const responders: Responder[] = [
  person('p-zhao', '赵强', 1_240, 'i-lift', 'on-scene'),
  person('p-sun', '孙磊', 650, 'i-water', 'en-route'),
  person('p-liu', '刘洋', 280, null, null),
  person('p-chen', '陈静', 900, null, null),
  { ...person('p-zhou', '周伟', null, 'i-door', 'expired') },
  { ...person('p-ma', '马丽', null, null, null), onDuty: false },
];

export function tallyOf(devices: readonly DeviceSummary[]): Snapshot['devices'] {
  const count = (state: DeviceSummary['availability']) => devices.filter((device) => device.availability === state).length;
  return {
    total: devices.length,
    online: count('online'),
    late: count('late'),
    offline: count('offline'),
    unknown: count('unknown'),
  };
}

type AreaRow = Overview['areas'][number];

function areaRow(
  path: string,
  kind: AreaRow['kind'],
  name: string,
  devices: readonly DeviceSummary[],
  openIncidents: number,
): AreaRow {
  const inside = devices.filter((device) => device.area.startsWith(`${path}/`));
  const worst = inside.flatMap((device) => device.worst ?? [])[0] ?? null;
  const active = inside.reduce((sum, device) => sum + device.activeAlarms, 0);
  const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : null;
  return { path, parent, kind, name, devices: tallyOf(inside), activeAlarms: active, worst, openIncidents };
}

export function areasOf(devices: readonly DeviceSummary[]): AreaRow[] {
  return [
    areaRow('xingfu', 'street', '幸福街道', devices, 5),
    ...communities.map(({ code, zh }, at) => areaRow(`xingfu/${code}`, 'community', zh, devices, [3, 2, 0][at] ?? 0)),
    ...communities.map(({ code }) => areaRow(`xingfu/${code}/g1`, 'grid', '第一网格', devices, 0)),
    ...buildings.map(({ path, number }) => areaRow(path, 'building', `${number}栋`, devices, path === 'xingfu/xfl/g1/1' ? 1 : 0)),
    ...buildings.flatMap(({ path }) => [1, 2, 3].map((unit) => areaRow(`${path}/${unit}`, 'unit', `${unit}单元`, devices, 0))),
  ];
}
