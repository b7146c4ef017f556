import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { MaintenanceWindow } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import { isWithin } from '@yihu/device-profiles/vocabulary/place.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** A window has an end that is near enough for somebody to remember it. */
const windowLimits = { longestMs: 7 * day, aheadMs: 90 * day } as const;

/** What is asked for, ms since 1970 UTC. */
export interface WindowTimes {
  readonly startsAt: number;
  readonly endsAt: number;
}

/** Why a window cannot be planned so; null where it can. */
export function refuseWindow({ startsAt, endsAt }: WindowTimes, at: number): Text | null {
  if (endsAt <= at) return { zh: '结束时间已经过去', en: 'Its end has passed already' };
  if (endsAt <= startsAt) return { zh: '结束时间要晚于开始时间', en: 'It must end after it begins' };
  if (endsAt - Math.max(startsAt, at) > windowLimits.longestMs)
    return { zh: '维护窗口最长 7 天，更久的请分次安排', en: 'A window lasts 7 days at most. Plan longer work in parts' };
  if (startsAt - at > windowLimits.aheadMs) return { zh: '最多提前 90 天安排', en: 'It can be planned 90 days ahead at most' };
  return null;
}

/** The cause of suppression that stands for a window. */
export function causeOf(window: Pick<MaintenanceWindow, 'id'>): string {
  return `${maintenanceCause}${window.id}`;
}

export const maintenanceCause = 'maintenance:';

type Covering = Pick<MaintenanceWindow, 'id' | 'areas' | 'devices' | 'hazards'>;

/** 覆盖: by area, and where the window names them by device and kind. */
export function covers(window: Covering, alarm: Pick<Alarm, 'area' | 'gateway' | 'device' | 'hazard'>): boolean {
  if (!window.areas.some((area) => isWithin(area, alarm.area))) return false;
  if (window.devices.length > 0 && !window.devices.includes(`${alarm.gateway}/${alarm.device}`)) return false;
  return window.hazards.length === 0 || window.hazards.includes(alarm.hazard);
}
