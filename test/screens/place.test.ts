import { expect, test } from 'vitest';
import { mainAlarm, nearestAssembly } from '../../dashboards/dispatcher/place.ts';
import { plansAt } from './fixture-plans.ts';

const [plan] = plansAt(0);
if (plan === undefined) throw new Error('no plan');

test('the assembly point that is nearest to the device, by the measure of the sheet', () => {
  const device = plan.items.find((item) => item.kind === 'device');
  if (device?.kind !== 'device') throw new Error('no device on the plan');
  expect(nearestAssembly(plan, device)).toBe('中心花园');
  // A sheet twenty times as high as wide: what lies level is near.
  const level = { kind: 'assembly' as const, name: '西门', at: [0.99, device.at[1]] as [number, number] };
  expect(nearestAssembly({ ...plan, width: 100, height: 2_000, items: [...plan.items, level] }, device)).toBe('西门');
});

test('none where the plan does not show the device, or has no such point', () => {
  expect(nearestAssembly(plan, { gateway: 'gw-none', device: 'none' })).toBeUndefined();
  const items = plan.items.filter(({ kind }) => kind === 'device');
  expect(nearestAssembly({ ...plan, items }, { gateway: 'gw-xfl-1-1', device: 'smoke-000' })).toBeUndefined();
});

test('the place is that of the gravest alarm that lasts', () => {
  const alarm = (id: string, severity: string, active: boolean) =>
    ({ id, severity, active }) as Parameters<typeof mainAlarm>[0][number];
  expect(mainAlarm([alarm('a', 'minor', true), alarm('b', 'critical', false), alarm('c', 'major', true)])?.id).toBe('c');
  expect(mainAlarm([alarm('a', 'minor', false), alarm('b', 'critical', false)])?.id).toBe('b');
  expect(mainAlarm([])).toBeUndefined();
});
