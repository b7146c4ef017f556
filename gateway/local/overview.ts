import type { LocalOverview, LocalPort } from '@yihu/device-profiles/vocabulary/local.ts';
import type { Availability } from '@yihu/device-profiles/vocabulary/transition.ts';
import type { SitePort } from '../config.ts';
import type { Parts } from '../main.ts';
import type { LocalOrders } from './orders.ts';
import { gatewayStatus } from '../view.ts';

/** The gateway in one look: what is wrong, how full its lines are, what waits for the cloud. */
export async function overviewOf(parts: Parts, orders: Pick<LocalOrders, 'waiting'>): Promise<LocalOverview> {
  const { at, startedAt, version, health, problems, clock, uplink, history, log } = await gatewayStatus(parts);
  return {
    at,
    startedAt,
    gateway: parts.site().gateway,
    version,
    health,
    problems,
    clock,
    uplink,
    history,
    log: { bytes: log.bytes, full: log.full },
    ports: parts.site().ports.map((port) => portOf(parts, port)),
    devices: counted(parts),
    waiting: orders.waiting(),
  };
}

function portOf({ ports }: Parts, { id, driver, settings, devices }: SitePort): LocalPort {
  const state = ports.all().get(id)?.port.state();
  const heard = Object.values(state?.devices ?? {}).filter(({ heardAt, failures }) => heardAt !== null && failures === 0);
  return {
    id,
    driver: driver.name,
    wire: state?.wire ?? 'down',
    reason: state?.reason ?? null,
    notes: state?.notes ?? [],
    devices: devices.length,
    heard: heard.length,
    busyMs: driver.budget?.(settings, devices)?.likelyMsPerSecond ?? null,
    refused: state?.refused ?? [],
  };
}

function counted({ pipeline }: Parts): Record<Availability, number> {
  const counts = { online: 0, late: 0, offline: 0, unknown: 0 };
  for (const { availability } of pipeline.snapshot()) counts[availability]++;
  return counts;
}
