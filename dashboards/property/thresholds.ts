import type { DeviceRule, Threshold } from '@yihu/device-profiles/vocabulary/device-rule.ts';
import { call } from '../client/api.ts';

/** `device` is `gateway/id`. */
export function rulesAddress(device: string): string {
  return `/api/devices/${device.split('/').map(encodeURIComponent).join('/')}/rules`;
}

export function isSame(one: Threshold, other: Threshold): boolean {
  return one.limit === other.limit && one.clear === other.clear && one.forMs === other.forMs;
}

export function sendThreshold(device: string, alarm: string, wanted: Threshold): Promise<DeviceRule> {
  return call<DeviceRule>('PUT', `${rulesAddress(device)}/${encodeURIComponent(alarm)}`, wanted);
}
