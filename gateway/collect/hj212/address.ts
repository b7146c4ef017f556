import { hj212Of } from '@yihu/device-profiles/protocols/hj212.ts';
import { z } from 'zod';
import type { BoundDevice, ConfigProblem } from '../driver.ts';

/** `address:` of a station. */
export const Hj212Address = z.strictObject({
  /** 设备唯一标识 MN, as the port's list of refused peers shows it. */
  mn: z.string().regex(/^[0-9A-Za-z_-]{1,32}$/, 'must be 1–32 letters and digits'),
});
export type Hj212Address = z.output<typeof Hj212Address>;

export type Hj212Device = BoundDevice<Hj212Address>;

export function zoneOf(device: Hj212Device): string {
  return hj212Of(device.profile).zone;
}

export function check(devices: readonly Hj212Device[]): ConfigProblem[] {
  const first = new Map<string, string>();
  return devices.flatMap(({ id, address: { mn } }) => {
    const other = first.get(mn);
    if (other === undefined) {
      first.set(mn, id);
      return [];
    }
    return [
      {
        path: `devices.${id}.address.mn`,
        zh: `设备 ${other} 与 ${id} 的 MN 都是 ${mn}；请更正其中之一`,
        en: `Devices ${other} and ${id} have the same MN ${mn}. Correct one of them.`,
      },
    ];
  });
}
