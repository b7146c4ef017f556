import type { Source } from '@yihu/device-profiles/vocabulary/message.ts';
import type { SimulatedDevice } from '../device.ts';
import { rawNow } from './raw.ts';

/** What a device says at each path of one of its channels: the way a profile reads it, taken back. */
export function saidByPath(device: SimulatedDevice, channel: string, at: number): Map<string, number | string | boolean> {
  const said = new Map<string, number | string | boolean>();
  for (const { points = {} } of device.profile.decode[channel] ?? []) {
    for (const [point, source] of Object.entries(points)) {
      const raw = rawNow(device, point, at);
      said.set(pathOf(source), typeof raw === 'bigint' ? raw.toString() : raw);
    }
  }
  return said;
}

function pathOf(source: Source): string {
  const [first = '$'] = [typeof source === 'string' ? source : source.from].flat();
  return first;
}
