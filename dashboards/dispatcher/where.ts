import { useEffect, useState } from 'react';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { DevicePlan, FloorPlan } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { graver } from '@yihu/device-profiles/vocabulary/severity.ts';
import { call, isApiError } from '../client/api.ts';

export interface Where {
  readonly plan: FloorPlan;
  readonly alarm: Alarm;
}

/** The alarm that the place is of: the gravest that lasts, else the gravest. Pure. */
export function mainAlarm(alarms: readonly Alarm[]): Alarm | undefined {
  const active = alarms.filter((alarm) => alarm.active);
  const among = active.length > 0 ? active : alarms;
  return among.reduce<Alarm | undefined>(
    (best, each) => (best === undefined || graver(each.severity, best.severity) ? each : best),
    undefined,
  );
}

/** The closest plan that shows where it is; null until it is read, and where there is none. A plan that cannot be read is none: the place stands in words as well. */
export function usePlanOf({ alarms }: Pick<IncidentDetail, 'alarms'>): Where | null {
  const alarm = mainAlarm(alarms);
  const address = alarm && `/api/devices/${encodeURIComponent(alarm.gateway)}/${encodeURIComponent(alarm.device)}/floor-plan`;
  const [read, setRead] = useState<{ address: string; plan: FloorPlan | null } | null>(null);
  useEffect(() => {
    if (address === undefined) return undefined;
    let isWanted = true;
    call<DevicePlan>('GET', address).then(
      ({ plan }) => isWanted && setRead({ address, plan }),
      (error: unknown) => {
        if (!isApiError(error)) throw error;
      },
    );
    return () => {
      isWanted = false;
    };
  }, [address]);
  if (alarm === undefined || read?.address !== address || read?.plan == null) return null;
  return { plan: read.plan, alarm };
}
