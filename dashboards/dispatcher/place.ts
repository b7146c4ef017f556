import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { FloorPlan } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import { graver } from '@yihu/device-profiles/vocabulary/severity.ts';

/** The alarm that the place is of: the gravest that lasts, else the gravest. Pure. */
export function mainAlarm(alarms: readonly Alarm[]): Alarm | undefined {
  const active = alarms.filter((alarm) => alarm.active);
  const among = active.length > 0 ? active : alarms;
  return among.reduce<Alarm | undefined>(
    (best, each) => (best === undefined || graver(each.severity, best.severity) ? each : best),
    undefined,
  );
}

/** The assembly point of a plan that is nearest to a device on it, by the sheet's own measure. Pure. */
export function nearestAssembly(
  { items, width, height }: Pick<FloorPlan, 'items' | 'width' | 'height'>,
  { gateway, device }: Pick<Alarm, 'gateway' | 'device'>,
): string | undefined {
  const spot = items.find((item) => item.kind === 'device' && item.gateway === gateway && item.device === device);
  if (spot?.kind !== 'device') return undefined;
  const [x, y] = spot.at;
  const far = ([left, top]: readonly [number, number]) => Math.hypot((left - x) * width, (top - y) * height);
  const points = items.flatMap((item) => (item.kind === 'assembly' ? [item] : []));
  return points.toSorted((a, b) => far(a.at) - far(b.at))[0]?.name;
}
