import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { SimulatedDevice } from './device.ts';
import { rawOf } from './raw.ts';

/** What a device says at each path of one of its channels: the way a profile reads it, taken back. */
export function saidByPath(device: SimulatedDevice, channel: string, at: number): Map<string, number | string | boolean> {
  const said = new Map<string, number | string | boolean>();
  for (const { json } of branchesOf(device.profile, channel)) {
    for (const [point, path] of Object.entries(json ?? {})) {
      const definition = device.profile.points[point];
      if (definition === undefined) continue;
      const raw = rawOf(definition, device.value(point, at));
      said.set(path, typeof raw === 'bigint' ? raw.toString() : raw);
    }
  }
  return said;
}

function branchesOf({ decode }: Profile, channel: string): Profile['decode'][string] {
  return decode[channel] ?? [];
}
