import { dc09Of } from '@yihu/device-profiles/protocols/dc09.ts';
import { z } from 'zod';
import type { BoundDevice, ConfigProblem } from '../driver.ts';

/** `address:` of an alarm host. */
export const Dc09Address = z.strictObject({
  /** 账号: what stands behind `#` in its messages, as the port's list of refused peers shows it. */
  account: z
    .string()
    .regex(/^[0-9A-Za-z]{1,16}$/, 'must be 1–16 letters and digits')
    .transform((text) => text.toUpperCase()),
});
export type Dc09Address = z.output<typeof Dc09Address>;

export type Dc09Device = BoundDevice<Dc09Address>;

export function zoneOf(device: Dc09Device): string {
  return dc09Of(device.profile).zone;
}

export function deviceOf(devices: readonly Dc09Device[], account: string): Dc09Device | undefined {
  return devices.find(({ address }) => address.account === account.toUpperCase());
}

/** Two hosts with one account. */
export function check(devices: readonly Dc09Device[]): ConfigProblem[] {
  const first = new Map<string, string>();
  return devices.flatMap(({ id, address: { account } }) => {
    const other = first.get(account);
    if (other === undefined) {
      first.set(account, id);
      return [];
    }
    return [
      {
        path: `devices.${id}.address.account`,
        zh: `设备 ${other} 与 ${id} 的账号都是 ${account}；请更正其中之一`,
        en: `Devices ${other} and ${id} have the same account ${account}. Correct one of them.`,
      },
    ];
  });
}
