import { z } from 'zod';
import type { BoundDevice, ConfigProblem } from '../driver.ts';

/** `address:` of a pile or a host. */
export const DnyAddress = z.strictObject({
  /** 物理 ID: 8 hex digits, most significant byte first, as the port's list of refused peers shows it (04ceaa40). */
  id: z
    .string()
    .regex(/^[0-9a-fA-F]{8}$/, 'must be 8 hex digits')
    .transform((text) => text.toLowerCase()),
});
export type DnyAddress = z.output<typeof DnyAddress>;

export type DnyDevice = BoundDevice<DnyAddress>;

/** 二维码下方的编号: the decimal number that is printed under the code. */
export function printedNumber(id: string): number {
  return Number.parseInt(id.slice(2), 16);
}

export function check(devices: readonly DnyDevice[]): ConfigProblem[] {
  const first = new Map<string, string>();
  return devices.flatMap(({ id, address }) => {
    const other = first.get(address.id);
    if (other === undefined) {
      first.set(address.id, id);
      return [];
    }
    return [
      {
        path: `devices.${id}.address.id`,
        zh: `设备 ${other} 与 ${id} 的物理 ID 都是 ${address.id}；请更正其中之一`,
        en: `Devices ${other} and ${id} have the same physical id ${address.id}. Correct one of them.`,
      },
    ];
  });
}
