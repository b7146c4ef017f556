import type { Flood } from '@yihu/device-profiles/vocabulary/flood.ts';

/** A pipe burst while the power went: more than anybody can read line by line. */
export function floodAt(now: number, endedAt: number | null = null): Flood {
  const group = (
    area: string,
    hazard: Flood['groups'][number]['hazard'],
    alarms: number,
    worst: 'major' | 'minor' | 'warning',
  ) => {
    return {
      key: `${hazard}@${area}`,
      hazard,
      area,
      alarms,
      active: Math.ceil(alarms * 0.8),
      unacked: Math.ceil(alarms / 2),
      worst,
    };
  };
  return {
    id: 'fl-1',
    area: 'xingfu/xfl',
    startedAt: now - 4 * 60_000,
    endedAt,
    alarms: 412,
    operators: 2,
    perOperator: 206,
    groups: [
      group('xingfu/xfl/g1/3', 'water', 86, 'major'),
      group('xingfu/xfl/g1/2', 'water', 41, 'minor'),
      group('xingfu/xfl/g1/3', 'equipment', 63, 'minor'),
      group('xingfu/xfl/g2/1', 'equipment', 57, 'warning'),
      group('xingfu/xfl/g2', 'communication', 120, 'warning'),
    ],
  };
}
