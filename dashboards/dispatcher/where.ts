import { useEffect, useState } from 'react';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { DevicePlan, FloorPlan } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { call, isApiError } from '../client/api.ts';
import { after } from '../client/clock.ts';
import { mainAlarm, nearestAssembly } from './place.ts';

export interface Where {
  readonly plan: FloorPlan;
  readonly alarm: Alarm;
}

/** What could not be read is asked for again this soon. */
const againMs = 10_000;

const communityOf = (area: string) => area.split('/').slice(0, 2).join('/');
const assemblies = new Map<string, string>();

/** 集合点 of a community that is nearest to where it was looked at last; undefined where no plan has shown one. */
export function assemblyIn(area: string): string | undefined {
  return assemblies.get(communityOf(area));
}

/** The closest plan that shows the device, and with it the assembly point of its community; undefined where it could not be read. */
async function readPlan(gateway: string, device: string, area: string): Promise<FloorPlan | null | undefined> {
  const address = `/api/devices/${encodeURIComponent(gateway)}/${encodeURIComponent(device)}/floor-plan`;
  try {
    const { plan } = await call<DevicePlan>('GET', address);
    const nearest = plan === null ? undefined : nearestAssembly(plan, { gateway, device });
    if (nearest !== undefined) assemblies.set(communityOf(area), nearest);
    return plan;
  } catch (error) {
    // The place stands in words meanwhile.
    if (!isApiError(error)) throw error;
    return undefined;
  }
}

/** The closest plan that shows where it is; null until it is read, and where there is none. */
export function usePlanOf({ alarms }: Pick<IncidentDetail, 'alarms'>): Where | null {
  const alarm = mainAlarm(alarms);
  const { gateway = '', device = '', area = '' } = alarm ?? {};
  const [read, setRead] = useState<{ device: string; plan: FloorPlan | null } | null>(null);
  useEffect(() => {
    if (device === '') return undefined;
    let isWanted = true;
    let callOff: (() => void) | null = null;
    const read = () =>
      void readPlan(gateway, device, area).then((plan) => {
        if (!isWanted) return;
        if (plan === undefined) callOff = after(againMs, read);
        else setRead({ device, plan });
      });
    read();
    return () => {
      isWanted = false;
      callOff?.();
    };
  }, [gateway, device, area]);
  if (alarm === undefined || read?.device !== device || read.plan === null) return null;
  return { plan: read.plan, alarm };
}
