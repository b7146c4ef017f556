import type { DeviceSummary, GatewayView, Overview } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';

/** How something on a plan stands: an alarm by its level; what cannot be seen never looks normal. `none`: it is not said here. */
export type Standing = Severity | 'unknown' | 'none' | 'normal';

type AreaRow = Overview['areas'][number];

/** An alarm goes before everything; what is not heard never looks normal. */
export function standingOfArea({ worst, devices }: Pick<AreaRow, 'worst' | 'devices'>): Standing {
  if (worst !== null) return worst;
  if (devices.total === 0) return 'none';
  return devices.unknown + devices.offline > 0 ? 'unknown' : 'normal';
}

/** The same area while the cloud is out of reach: an alarm stays one, of everything else nothing is known. */
export function unheard(area: AreaRow): AreaRow {
  const { total } = area.devices;
  return { ...area, devices: { total, online: 0, late: 0, offline: 0, unknown: total } };
}

/** The gateways that are to be heard: one that was never claimed, or is trusted no more, is neither there nor missed. */
export function inService<T extends Pick<GatewayView, 'state'>>(gateways: readonly T[]): T[] {
  return gateways.filter(({ state }) => state !== 'unclaimed' && state !== 'revoked');
}

export function standingOfDevice({ worst, availability }: Pick<DeviceSummary, 'worst' | 'availability'>): Standing {
  if (worst !== null) return worst;
  return availability === 'unknown' || availability === 'offline' ? 'unknown' : 'normal';
}
