import type { PlanItem, Spot } from '@yihu/device-profiles/vocabulary/floor-plan.ts';

/** The plan of 幸福里 as `npm start` shows it: three buildings around a yard, drawn by us and of nowhere. */

const box = (left: number, top: number, right: number, bottom: number): Spot[] => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];

export const demoSheet = { width: 1600, height: 1000, name: '幸福里总平面图' } as const;

/** Where the building of each code lies. */
const buildings: Record<string, Spot[]> = {
  '1': box(0.08, 0.12, 0.36, 0.32),
  '2': box(0.46, 0.12, 0.74, 0.32),
  '3': box(0.08, 0.56, 0.36, 0.76),
};

const grounds: PlanItem[] = [
  { kind: 'ground', ground: 'green', ring: box(0.03, 0.05, 0.8, 0.8) },
  { kind: 'ground', ground: 'road', ring: box(0, 0.86, 1, 0.97) },
  { kind: 'ground', ground: 'road', ring: box(0.84, 0, 0.92, 0.9) },
  { kind: 'ground', ground: 'road', ring: box(0.03, 0.41, 0.86, 0.47) },
  { kind: 'ground', ground: 'road', ring: box(0.39, 0.05, 0.43, 0.88) },
  {
    kind: 'ground',
    ground: 'water',
    ring: [
      [0.5, 0.62],
      [0.6, 0.55],
      [0.72, 0.6],
      [0.74, 0.7],
      [0.62, 0.76],
      [0.52, 0.72],
    ],
  },
];

const assembly: PlanItem[] = [
  { kind: 'assembly', name: '东门广场', at: [0.8, 0.52] },
  { kind: 'assembly', name: '中心花园', at: [0.62, 0.5] },
];

interface PlacedDevice {
  readonly gateway: string;
  readonly id: string;
  readonly area: string;
}

/** Those of each building that is there, its devices in rows inside of it. */
export function demoItems(areas: readonly { path: string; kind: string }[], devices: readonly PlacedDevice[]): PlanItem[] {
  const drawn = areas.flatMap(({ path, kind }): { area: string; ring: Spot[] }[] => {
    const ring = kind === 'building' ? buildings[path.split('/').at(-1) ?? ''] : undefined;
    return ring === undefined ? [] : [{ area: path, ring }];
  });
  const inside = drawn.flatMap(({ area, ring }) =>
    placed(
      ring,
      devices.filter((device) => device.area === area || device.area.startsWith(`${area}/`)),
    ),
  );
  return [...grounds, ...drawn.map((one): PlanItem => ({ kind: 'area', ...one })), ...assembly, ...inside];
}

const perRow = 9;

function placed(ring: readonly Spot[], devices: readonly PlacedDevice[]): PlanItem[] {
  const [left, top] = ring[0] ?? [0, 0];
  return devices.slice(0, perRow * 2).map(({ gateway, id }, nth): PlanItem => {
    const row = Math.floor(nth / perRow);
    const at: Spot = [round(left + 0.02 + (nth % perRow) * 0.03), round(top + (row === 0 ? 0.035 : 0.165))];
    return { kind: 'device', gateway, device: id, at };
  });
}

function round(part: number): number {
  return Math.round(part * 10_000) / 10_000;
}
