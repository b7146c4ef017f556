import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { Hazard } from '@yihu/device-profiles/vocabulary/severity.ts';

/** 上级失联 as a cause of suppression, with the device it is about. */
const parentCause = 'parent:';

export const parentLimits = {
  /** How long what hangs on a device that is back has to speak up before its silence is an alarm of its own. */
  graceMs: 60_000,
} as const;

/** Alarms by which a device says that what it feeds has no power. */
const powerAlarms: ReadonlySet<string> = new Set([
  'mains_lost',
  'power_lost',
  'power_cut',
  'power_off',
  'power_fail',
  'power_failure',
  'power_outage',
  'supply_lost',
]);

export function causeOfParent(device: string): string {
  return `${parentCause}${device}`;
}

/** The device fell silent: what a parent that is down explains. */
export function isSilence({ hazard }: { readonly hazard: Hazard }): boolean {
  return hazard === 'communication';
}

/** 根因: an alarm that leaves everything below its device without a voice. */
export function isRootKind({ hazard, alarm }: { readonly hazard: Hazard; readonly alarm: string }): boolean {
  return hazard === 'communication' || powerAlarms.has(alarm);
}

/** The same, while it lasts. A test explains nothing. */
export function isRoot(alarm: Pick<Alarm, 'hazard' | 'alarm' | 'active' | 'suppressedBy'>): boolean {
  return alarm.active && isRootKind(alarm) && !alarm.suppressedBy.includes('test');
}

/** A device as far as it hangs on others. */
export interface Member {
  readonly id: string;
  readonly parent: string | null;
}

/** Everything a device hangs on, the nearest first; a ring is walked once. */
export function above(family: ReadonlyMap<string, Member>, device: string): string[] {
  const found: string[] = [];
  let next = family.get(device)?.parent ?? null;
  while (next !== null && next !== device && !found.includes(next)) {
    found.push(next);
    next = family.get(next)?.parent ?? null;
  }
  return found;
}

/** Everything that hangs on a device, through however many others. */
export function below(family: ReadonlyMap<string, Member>, device: string): string[] {
  return [...family.keys()].filter((id) => above(family, id).includes(device));
}
