import { type Gb26875Transport, gb26875Of } from '@yihu/device-profiles/protocols/gb26875.ts';
import { z } from 'zod';
import type { BoundDevice, ConfigProblem } from '../driver.ts';

/** `address:` of a transmitter. Real devices send a source of all zeros, so the peer's address may have to tell them apart. */
export const Gb26875Address = z
  .strictObject({
    /** 源地址: 12 hex digits, most significant byte first, as the port's list of refused peers shows it. */
    source: z
      .string()
      .regex(/^[0-9a-fA-F]{12}$/, 'must be 12 hex digits')
      .transform((text) => text.toLowerCase())
      .optional(),
    /** The IP address it dials in from. */
    peer: z.union([z.ipv4(), z.ipv6()]).optional(),
    /** `2011`: it speaks that edition whatever version its frames claim. */
    edition: z.enum(['by-version', '2011']).default('by-version'),
  })
  .refine(({ source, peer }) => source !== undefined || peer !== undefined, 'needs source, peer, or both');
export type Gb26875Address = z.output<typeof Gb26875Address>;

export type Gb26875Device = BoundDevice<Gb26875Address>;

/** The zone of a device's clock. */
export function zoneOf(device: Gb26875Device): Gb26875Transport['zone'] {
  return gb26875Of(device.profile).zone;
}

/** Whose frame it is: the device whose source and peer both fit what is written of it, the one with more written first. */
export function deviceOf(devices: readonly Gb26875Device[], source: string, peer: string): Gb26875Device | undefined {
  const fits = devices.filter(({ address }) => (address.source ?? source) === source && (address.peer ?? peer) === peer);
  return (
    fits.find(({ address }) => address.source !== undefined && address.peer !== undefined) ??
    fits.find(({ address }) => address.source !== undefined) ??
    fits[0]
  );
}

/** Two devices that nothing tells apart. */
export function check(devices: readonly Gb26875Device[]): ConfigProblem[] {
  const first = new Map<string, string>();
  return devices.flatMap(({ id, address }) => {
    const key = `${address.source ?? '*'} ${address.peer ?? '*'}`;
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, id);
      return [];
    }
    return [
      {
        path: `devices.${id}.address`,
        zh: `设备 ${other} 与 ${id} 的源地址和来源 IP 都相同，无法区分；请更正其中之一`,
        en: `Devices ${other} and ${id} have the same source and peer and cannot be told apart. Correct one of them.`,
      },
    ];
  });
}
